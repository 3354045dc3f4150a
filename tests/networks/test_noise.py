import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import build_discriminator, build_generator, load_network

TINY = {"latent": 6, "filters": 2, "size": 16}


def noise(count: int = 3, latent: int = 6) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, latent)).astype(np.float32)


@pytest.mark.parametrize("upsampling", ["resize", "transpose"])
@pytest.mark.parametrize("normalization", ["batch", "instance", "none"])
def test_noise_becomes_pictures(normalization, upsampling):
    network = build_generator("noise", **TINY, normalization=normalization, upsampling=upsampling)
    assert (network.latent, network.size) == (6, 16)
    assert network.input_shape == (None, 6) and network.output_shape == (None, 16, 16, 3)
    assert np.std(network(noise()), axis=0).mean() > 1e-3
    for scale in (1.0, 1000.0):
        pictures = network(scale * noise(), training=True)
        assert pictures.dtype == tf.float32 and pictures.shape == (3, 16, 16, 3)
        assert np.abs(pictures).max() <= 1.0


def test_pictures_have_sizes_of_their_own():
    assert build_generator("fast", filters=4, n_blocks=1).latent is None
    assert build_generator("fast", filters=4, n_blocks=1).size is None
    assert build_discriminator("patch", filters=2).size is None


def test_layers_of_64_pixels():
    """Dense to 4x4 of 8 times the filters; then 8, 4, 2 and 1 times at 8, 16, 32 and 64."""
    network = build_generator("noise", latent=10, filters=4)
    kernels = [w.shape for w in network.trainable_weights if w.name == "kernel"]
    assert kernels == [
        (10, 4 * 4 * 32), (3, 3, 32, 32), (3, 3, 32, 16), (3, 3, 16, 8), (3, 3, 8, 4),
        (3, 3, 4, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "side"), [(4, 4), (5, 5), (24, 6), (28, 7), (96, 6), (128, 4)])
def test_sizes(size, side):
    network = build_generator("noise", latent=2, filters=1, size=size)
    assert network(noise(1, 2)).shape == (1, size, size, 3)
    (reshaped,) = (x for x in network.layers if isinstance(x, keras.layers.Reshape))
    assert reshaped.output.shape[1:3] == (side, side)


@pytest.mark.parametrize("upsampling", ["resize", "transpose"])
@pytest.mark.parametrize("normalization", ["batch", "instance", "none"])
def test_every_weight_gets_a_gradient(normalization, upsampling):
    keras.utils.set_random_seed(0)
    network = build_generator("noise", **TINY, normalization=normalization, upsampling=upsampling)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(network(noise(), training=True) - 0.3))
    weights = network.trainable_variables
    for weight, gradient in zip(
        weights, tape.gradient(loss, [w.value for w in weights]), strict=True
    ):
        assert gradient is not None and np.abs(gradient).max() > 0, weight.path


def test_bfloat16_is_close_to_float32():
    keras.utils.set_random_seed(0)
    high = build_generator("noise", **TINY)
    low = build_generator("noise", **TINY, dtype="mixed_bfloat16")
    low.set_weights(high.get_weights())
    assert {weight.dtype for weight in low.weights} == {"float32"}
    found, wanted = low(noise()), high(noise())
    assert found.dtype == tf.float32
    assert 0 < np.abs(found - wanted).mean() < 0.03


def test_a_file_gives_the_same_pictures(tmp_path):
    network = build_generator("noise", **TINY, upsampling="transpose")
    network(5 * noise() + 1, training=True)  # Moving statistics of its own.
    network.save(tmp_path / "network.keras")
    loaded = load_network(tmp_path / "network.keras")
    assert loaded.get_config() == network.get_config() and loaded.latent == 6
    np.testing.assert_array_equal(loaded(noise()), network(noise()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 100}, r"generator.size=100 .*such as 96 or 112"),
        ({"size": "3"}, r"generator.size=3 .*such as 4$"),
        ({"latent": 0}, "generator.latent=0: must be at least 1"),
        ({"upsampling": "blur"}, "choose one of resize, transpose"),
        ({"normalization": "layer"}, "choose one of instance, batch, none"),
        ({"n_blocks": 1}, "has no option 'n_blocks'; it has latent"),
    ],
)
def test_a_wrong_choice_gives_one_line(options, message):
    with pytest.raises(UsageError, match=message) as error:
        build_generator("noise", **options)
    assert "\n" not in str(error.value)
