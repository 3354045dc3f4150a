import keras
import numpy as np
import pytest

from style_gan_tf.networks import build_generator
from style_gan_tf.networks.generators.fast import Repaint


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize("normalization", ["instance", "batch", "none"])
def test_parameter_count(normalization):
    filters, blocks = 64, 5
    kernels = 48 * 9 * filters + 2 * blocks * 9 * filters**2
    convolutions = 1 + 2 * blocks
    offsets = filters * convolutions * (1 if normalization == "none" else 2)
    head = (9 * filters + 1) * (filters // 2) + (9 * filters // 2 + 1) * 24
    network = build_generator("fast", normalization=normalization)
    trainable = sum(int(np.prod(w.shape)) for w in network.trainable_weights)
    assert trainable == kernels + offsets + head


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_untrained_it_gives_the_photo_a_trace_paler(dtype):
    images = draw(2, 16, 20, 3)
    network = build_generator("fast", filters=8, n_blocks=1, dtype=dtype)
    np.testing.assert_allclose(network(images), 0.97 * images, atol=1e-6)


def test_repaint_is_numpys():
    photo, head = draw(2, 5, 4, 3), 3 * draw(2, 5, 4, 6)
    keep, paint = np.split(head.astype(np.float64), 2, axis=-1)
    wanted = np.tanh((1 + keep) * np.arctanh(0.97 * photo.astype(np.float64)) + paint)
    np.testing.assert_allclose(Repaint()([photo, head]), wanted, atol=1e-6)


def test_repaint_survives_a_file(tmp_path):
    inputs = keras.Input((None, None, 3)), keras.Input((None, None, 6))
    model = keras.Model(inputs, Repaint()(list(inputs)))
    assert model.output_shape == (None, None, None, 3)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    values = [draw(1, 3, 3, 3), draw(1, 3, 3, 6)]
    np.testing.assert_array_equal(loaded(values), model(values))


def test_no_grid_on_a_flat_picture():
    """The head's own pattern, which is all that a flat photo shows, is flat as well."""
    keras.utils.set_random_seed(0)
    network = build_generator("fast", filters=8, n_blocks=1, normalization="none")
    network.set_weights([w + 0.3 * draw(*w.shape) for w in network.get_weights()])
    # Far enough from the border that no zero padding is seen.
    output = network(np.full((1, 96, 96, 3), 0.2, np.float32))[0, 40:56, 40:56].numpy()
    assert np.abs(output - 0.97 * 0.2).max() > 0.01
    assert np.abs(output - output[0, 0]).max() < 1e-5


def test_encoder_layers():
    network = build_generator("fast", filters=8, n_blocks=5)
    shapes = {
        layer.name: layer.output.shape[-1]
        for layer in network.layers
        if layer.name.startswith("encoder_")
    }
    # Pixels, stem, and the first, third and fifth block.
    assert shapes == {"encoder_0": 48, **{f"encoder_{i}": 8 for i in range(1, 5)}}


def test_one_filter():
    assert build_generator("fast", filters=1, n_blocks=1)(draw(1, 8, 8, 3)).shape == (1, 8, 8, 3)
