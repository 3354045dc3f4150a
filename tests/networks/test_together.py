import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.networks import build_generator, together


def build(normalization: str):
    keras.utils.set_random_seed(0)
    network = build_generator("fast", filters=4, n_blocks=1, normalization=normalization)
    rng = np.random.default_rng(0)
    network.set_weights([w + rng.normal(0.0, 0.1, w.shape) for w in network.get_weights()])
    return network


def batches() -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    # Different looks, so that mixed statistics show.
    return [
        rng.uniform(low, low + 0.5, (count, 8, 8, 3)).astype(np.float32)
        for low, count in ((-1.0, 1), (0.5, 3))
    ]


class Counted:
    """A network that notes the size of every batch that it is given."""

    def __init__(self, network) -> None:
        self.network, self.layers, self.sizes = network, network.layers, []

    def __call__(self, images, training):
        self.sizes.append(images.shape[0])
        return self.network(images, training=training)


@pytest.mark.parametrize(
    ("normalization", "sizes"), [("instance", [4]), ("none", [4]), ("batch", [1, 3])]
)
def test_passes_and_that_they_equal_separate_ones(normalization, sizes):
    counted = Counted(build(normalization))
    inputs = batches()
    outputs = together(counted, *inputs, training=True)
    assert counted.sizes == sizes
    alone = build(normalization)
    for output, batch in zip(outputs, inputs, strict=True):
        np.testing.assert_allclose(output, alone(batch, training=True), atol=1e-5)


def test_one_batch_is_one_pass():
    counted = Counted(build("instance"))
    (output,) = together(counted, batches()[1], training=False)
    assert counted.sizes == [3]
    np.testing.assert_array_equal(output, counted.network(batches()[1], training=False))


def test_unknown_batch_sizes_in_a_graph():
    network = build("instance")
    spec = tf.TensorSpec([None, 8, 8, 3])
    run = tf.function(
        lambda left, right: together(network, left, right, training=True),
        input_signature=[spec, spec],
    )
    for output, batch in zip(run(*batches()), batches(), strict=True):
        np.testing.assert_allclose(output, network(batch, training=True), atol=1e-5)
