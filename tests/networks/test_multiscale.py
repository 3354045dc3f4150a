import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.networks import build_discriminator
from style_gan_tf.networks.discriminators.multiscale import RepeatTo
from style_gan_tf.objectives.adversarial import ADVERSARIAL_LOSSES, r1_penalty


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def tiny(**options):
    keras.utils.set_random_seed(0)
    return build_discriminator(
        "multiscale", **{"filters": 2, "n_layers": 1, "normalization": "none", **options}
    )


@pytest.mark.parametrize("n_scales", [1, 2, 3])
def test_parameter_count_is_that_of_so_many_patch_discriminators(n_scales):
    network = build_discriminator("multiscale", n_scales=n_scales)
    assert sum(int(np.prod(w.shape)) for w in network.trainable_weights) == n_scales * 2_764_737


@pytest.mark.parametrize(("rows", "larger"), [(1, 5), (2, 6), (3, 7), (14, 30), (4, 4), (6, 3)])
def test_values_are_repeated_to_a_larger_map(rows, larger):
    x = draw(2, rows, 2, 3)
    found = RepeatTo()([x, tf.zeros([2, larger, 4, 1])]).numpy()
    nearest = [int((i + 0.5) * rows / larger) for i in range(larger)]
    np.testing.assert_array_equal(found, x[:, nearest][:, :, [0, 0, 1, 1]])


def test_each_scale_is_a_patch_discriminator_on_a_smaller_copy():
    network = tiny(n_scales=3)
    images = draw(2, 64, 48, 3)
    found = network(images).numpy()
    assert found.shape == (2, 30, 22, 3) and found.dtype == np.float32
    smaller = images
    for scale in range(3):
        patch = build_discriminator("patch", filters=2, n_layers=1, normalization="none")
        layers = [layer for layer in network.layers if layer.weights]
        # Keras lists the scales interleaved; it numbers layers as they were made.
        of_scale = sorted(layers, key=lambda layer: int(layer.name.rpartition("_")[2] or 0))
        of_scale = of_scale[3 * scale : 3 * scale + 3]
        patch.set_weights([w for layer in of_scale for w in layer.get_weights()])
        logits = patch(smaller)
        wanted = RepeatTo()([logits, found])
        np.testing.assert_allclose(found[..., scale : scale + 1], wanted, atol=1e-5)
        height, width = (n // 2 for n in smaller.shape[1:3])
        smaller = smaller.reshape(2, height, 2, width, 2, 3).mean((2, 4))


def test_the_minimum_has_one_patch_at_the_coarsest_scale():
    network = tiny(n_scales=2, n_layers=2)
    assert network.minimum == 24
    assert network(draw(1, 24, 24, 3)).shape[-1] == 2

    def logits(side: int) -> int:
        try:
            return int(tf.size(network(draw(1, side, side, 3))))
        except (tf.errors.InvalidArgumentError, ValueError):
            return 0

    assert logits(23) == 0


@pytest.mark.parametrize("normalization", ["instance", "none"])
@pytest.mark.parametrize("adversarial", ADVERSARIAL_LOSSES)
def test_adversarial_losses_reach_every_scale(adversarial, normalization):
    network = tiny(normalization=normalization)
    loss = ADVERSARIAL_LOSSES[adversarial]
    real, fake = draw(4, 32, 32, 3)[:2], draw(4, 32, 32, 3)[2:]
    weights = [w for w in network.trainable_weights if w.name == "kernel"]
    with tf.GradientTape(persistent=True) as tape:
        logits = network(real, training=True), network(fake, training=True)
        losses = loss.discriminator(*logits), loss.generator(*logits)
        penalty = r1_penalty(lambda x: network(x, training=True), tf.constant(real))
    for value in (*losses, penalty):
        assert value.shape == () and np.isfinite(value)
    for value in (losses[0], penalty):
        for weight, gradient in zip(
            weights, tape.gradient(value, [w.value for w in weights]), strict=True
        ):
            assert np.abs(gradient).max() > 0, weight.path


def test_bfloat16_is_close_to_float32():
    low, high = tiny(dtype="mixed_bfloat16"), tiny()
    images = draw(1, 32, 32, 3)
    found, wanted = low(images), high(images).numpy()
    assert found.dtype == tf.float32
    assert 0 < np.abs(found - wanted).mean() < 0.05 * wanted.std()
