import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import build_discriminator, iterate_spectral


def draw(count: int = 3, size: int = 16) -> np.ndarray:
    shape = (count, size, size, 3)
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize("spectral", [False, True])
@pytest.mark.parametrize("normalization", ["none", "instance", "batch"])
def test_one_logit_a_picture(normalization, spectral):
    network = build_discriminator(
        "image", filters=2, size=16, normalization=normalization, spectral=spectral
    )
    assert network.size == 16 and network.latent is None
    logits = network(draw(), training=True)
    assert logits.dtype == tf.float32 and logits.shape == (3, 1)
    assert np.std(logits) > 0


def test_layers_of_64_pixels():
    """1, 2, 4 and 8 times the filters at 32, 16, 8 and 4 pixels, flattened to one number."""
    network = build_discriminator("image", filters=4)
    kernels = [w.shape for w in network.trainable_weights if w.name == "kernel"]
    assert kernels == [
        (4, 4, 3, 4), (4, 4, 4, 8), (4, 4, 8, 16), (4, 4, 16, 32), (4 * 4 * 32, 1),
    ]  # fmt: skip
    flat = [layer for layer in network.layers if isinstance(layer, keras.layers.Flatten)]
    assert len(flat) == 1


def test_the_whole_picture_is_judged():
    network = build_discriminator("image", filters=2, size=24)
    images = tf.constant(draw(1, 24))
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = network(images)
    assert (np.abs(tape.gradient(logits, images)[0]).sum(-1) > 0).mean() > 0.99


def test_probability_is_the_sigmoid_of_the_logits():
    options = {"filters": 4, "size": 16}
    logits = build_discriminator("image", **options)
    probability = build_discriminator("image", **options, probability=True)
    probability.set_weights(logits.get_weights())
    wanted = 1 / (1 + np.exp(-logits(draw()).numpy().astype(np.float64)))
    found = probability(draw()).numpy()
    assert found.std() > 1e-3
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_spectral_bounds_the_last_layer_too():
    keras.utils.set_random_seed(0)
    network = build_discriminator("image", filters=4, size=16, spectral=True)
    for _ in range(30):
        iterate_spectral(network)
    steady = network(draw())
    # A kernel ten times as large is the same kernel.
    for kernel in (w for w in network.trainable_weights if w.name == "kernel"):
        kernel.assign(10 * kernel)
    np.testing.assert_allclose(network(draw()), steady, rtol=1e-3, atol=1e-5)


def test_channels():
    network = build_discriminator("image", filters=2, size=16, channels=6)
    assert network(np.concatenate([draw(), draw()], -1)).shape == (3, 1)


def test_bfloat16_is_close_to_float32():
    keras.utils.set_random_seed(0)
    high = build_discriminator("image", filters=4, size=16)
    low = build_discriminator("image", filters=4, size=16, dtype="mixed_bfloat16")
    low.set_weights(high.get_weights())
    found, wanted = low(draw()), high(draw())
    assert found.dtype == tf.float32
    assert 0 < np.abs(found - wanted).max() < 0.1


def test_a_size_that_halves_badly_gives_one_line():
    with pytest.raises(UsageError, match=r"discriminator.size=50 .*such as 48 or 56") as error:
        build_discriminator("image", size=50)
    assert "\n" not in str(error.value)
