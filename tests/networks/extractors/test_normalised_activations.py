"""VGG19 with normalised activations, made of keras.applications' own."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UserError
from style_gan_tf.networks import build_discriminator
from style_gan_tf.networks.extractors import APPLICATIONS, normalised_vgg19, weights_folder
from style_gan_tf.networks.extractors.normalised_activations import (
    noise_pictures,
    normalise_activations,
    scales,
)


@pytest.fixture(scope="module")
def vgg() -> keras.Model:
    """Keras's VGG19 with random weights whose channels differ in scale."""
    keras.utils.set_random_seed(1)
    network = keras.applications.VGG19(include_top=False, weights=None)
    rng = np.random.default_rng(0)
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel, bias = layer.get_weights()
            factor = rng.uniform(0.5, 3, kernel.shape[-1])
            layer.set_weights([kernel * factor, bias + rng.normal(0, 0.1, bias.shape)])
    return network


@pytest.fixture
def downloaded(monkeypatch: pytest.MonkeyPatch, vgg: keras.Model, tmp_path: Path) -> keras.Model:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = weights_folder() / APPLICATIONS["vgg19"].file
    path.parent.mkdir(parents=True)
    path.touch()

    def build(include_top, weights):
        assert not include_top and weights == str(path)
        return vgg

    monkeypatch.setattr(keras.applications, "VGG19", build)
    return vgg


def convolutions(network: keras.Model) -> list:
    return [layer for layer in network.layers if layer.name.startswith("conv")]


def test_every_channel_is_one_on_average(downloaded):
    extractor = normalised_vgg19(Path("imagenet"), blocks=3)
    every = keras.Model(
        extractor.network.input, [layer.output for layer in convolutions(extractor.network)]
    )
    for maps in every(noise_pictures()):
        means = tf.reduce_mean(maps, [0, 1, 2]).numpy()
        woken = means > 0
        assert woken.mean() > 0.5
        # What noise hardly wakes is not blown up.
        np.testing.assert_array_less(means, 1.001)
        np.testing.assert_allclose(means[means > 0.99], 1, rtol=1e-3)
        assert (means > 0.99).mean() > 0.9 * woken.mean()


def test_outputs_are_the_originals_divided_by_one_factor_a_channel(downloaded):
    extractor = normalised_vgg19(Path("imagenet"))
    assert extractor.layers == tuple(f"relu{n}_1" for n in range(1, 6))
    assert extractor.name == "vgg19-normalised-imagenet"
    images = np.random.default_rng(2).uniform(-1, 1, (2, 32, 48, 3)).astype(np.float32)
    pixels = (images[..., ::-1] + 1) * 127.5 - np.array([103.939, 116.779, 123.68])
    names = [f"block{n}_conv1" for n in range(1, 6)]
    original = keras.Model(downloaded.input, [downloaded.get_layer(n).output for n in names])
    for found, wanted in zip(extractor.maps(images), original(pixels), strict=True):
        found, wanted = found.numpy(), wanted.numpy()
        factors = (found * wanted).sum((0, 1, 2)) / np.maximum((wanted**2).sum((0, 1, 2)), 1e-9)
        assert np.ptp(factors) > 0
        np.testing.assert_allclose(found, wanted * factors, atol=1e-3 * found.max())


def test_a_file_is_taken_as_well(vgg, tmp_path, monkeypatch):
    real = keras.applications.VGG19
    monkeypatch.setattr(
        keras.applications,
        "VGG19",
        lambda include_top, weights: real(include_top=include_top, weights=weights),
    )
    vgg.save_weights(tmp_path / "vgg.weights.h5")
    extractor = normalised_vgg19(tmp_path / "vgg.weights.h5", blocks=3)
    assert extractor.layers == ("relu1_1", "relu2_1", "relu3_1")


def test_the_projected_discriminator_takes_it(downloaded):
    network = build_discriminator("projected", weights="imagenet", filters=4)
    assert network(np.zeros((1, 32, 32, 3), np.float32)).shape == (1, 2, 2, 3)


def test_a_linear_chain_by_hand():
    """Two 1x1 convolutions: relu(2x), relu(3x) and their sum times 10."""
    first = np.array([[[[2.0, 3.0]]]]), np.array([0.0, 1.0])
    second = np.array([[[[10.0], [10.0]]]]), np.array([5.0])
    rescaled = normalise_activations([first, second], [np.array([4.0, 2.0]), np.array([8.0])])
    np.testing.assert_allclose(rescaled[0][0].ravel(), [0.5, 1.5])
    np.testing.assert_allclose(rescaled[0][1], [0, 0.5])
    np.testing.assert_allclose(rescaled[1][0].ravel(), [5, 2.5])
    np.testing.assert_allclose(rescaled[1][1], [0.625])


def test_silent_channels_are_left_small():
    np.testing.assert_allclose(scales(np.array([0.0, 1.0, 2.0, 9.0, 3.0])), [0.02, 1, 2, 9, 3])
    np.testing.assert_allclose(scales(np.zeros(3)), 1)


def test_noise_is_the_same_each_time_and_falls_off_as_one_over_f():
    pictures = noise_pictures()
    np.testing.assert_array_equal(pictures, noise_pictures())
    assert pictures.dtype == np.float32 and np.abs(pictures).max() <= 1
    power = (np.abs(np.fft.fft2(pictures.mean(-1))) ** 2).mean(0)
    along = power[0, 2:40] + power[2:40, 0]
    slope = np.polyfit(np.log(np.arange(2, 40)), np.log(along), 1)[0]
    assert slope == pytest.approx(-2, abs=0.4)


def test_a_missing_file_names_the_flag(tmp_path):
    with pytest.raises(UserError, match=r"--set feature_weights=.*: no such file"):
        normalised_vgg19(tmp_path / "none.h5", flag="--set feature_weights")
