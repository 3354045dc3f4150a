from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.networks import build_discriminator, rebuild
from style_gan_tf.networks.discriminators.projected import RandomMixing
from style_gan_tf.networks.extractors import normalised_vgg19
from tests.extractor_weights import write_vgg19


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("weights") / "w.npz"
    write_vgg19(path)
    return str(path)


def draw(size=64, count=2):
    shape = (count, size, size, 3)
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize("size", [16, 64, 80])
def test_one_logit_for_each_map_and_place_of_16_pixels(weights, size):
    network = build_discriminator("projected", weights=weights, filters=8)
    found = network(draw(size))
    assert found.shape == (2, size // 16, size // 16, 3) and found.dtype == tf.float32


def test_the_features_are_the_extractors_and_stay_frozen(weights):
    network = build_discriminator("projected", weights=weights, filters=8)
    trained = {weight.path for weight in network.trainable_variables}
    assert trained and not any("conv" in path and "_1/" in path for path in trained)
    frozen = normalised_vgg19(Path(weights))
    wanted = [m.numpy() for m in frozen.maps(draw())]
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(network(draw(), training=True)))
    gradients = tape.gradient(loss, network.trainable_variables)
    assert all(g is not None for g in gradients)
    for weight, gradient in zip(network.trainable_variables, gradients, strict=True):
        weight.assign_sub(0.1 * gradient)
    inside = next(layer for layer in network.layers if layer.name == "vgg19")
    for found, before in zip(inside(draw()), wanted, strict=True):
        np.testing.assert_allclose(found, before, rtol=1e-5, atol=1e-5)


def test_gradients_reach_the_picture(weights):
    network = build_discriminator("projected", weights=weights, filters=8)
    images = tf.constant(draw())
    with tf.GradientTape() as tape:
        tape.watch(images)
        loss = tf.reduce_sum(network(images))
    assert float(tf.reduce_min(tf.reduce_max(tf.abs(tape.gradient(loss, images)), [1, 2, 3]))) > 0


def test_bfloat16_computes_nearly_the_same(weights):
    network = build_discriminator("projected", weights=weights, filters=8)
    fine, coarse = network(draw()).numpy(), rebuild(network, "mixed_bfloat16")(draw()).numpy()
    assert coarse.dtype == np.float32
    assert np.abs(fine - coarse).max() < 0.1 * np.abs(fine).max()


def test_probability(weights):
    found = build_discriminator("projected", weights=weights, filters=8, probability=True)(draw())
    assert np.all((found > 0) & (found < 1))


def test_without_weights_it_is_efficientnet_of_the_package(tmp_path):
    network = build_discriminator("projected", filters=8)
    assert network.sees_through == "efficientnet_lite0"
    found = network(draw())
    assert found.shape == (2, 4, 4, 4) and np.ptp(found) > 0
    assert build_discriminator("projected", extractor="vgg19").sees_through == "vgg19"
    with pytest.raises(UserError, match="no such file"):
        build_discriminator("projected", weights=str(tmp_path / "none.npz"))


def test_squeezenet_judges_and_never_trains():
    with pytest.raises(UsageError, match=r"extractor=squeezenet: choose one of efficientnet_lite0"):
        build_discriminator("projected", extractor="squeezenet")


@pytest.mark.parametrize("depths", [2, 3, 4, 5])
def test_each_depth_has_a_logit_of_its_own(depths):
    network = build_discriminator("projected", depths=depths, filters=8, heads=2)
    assert network(draw()).shape == (2, 4, 4, 2 * depths)
    assert network.stride == (32 if depths == 5 else 16)
    with pytest.raises(UsageError, match="depths=6: choose 2 to 5"):
        build_discriminator("projected", depths=6)


def test_mixing_is_fixed_random_across_channels_and_from_deep_to_shallow():
    rng = np.random.default_rng(1)
    maps = [rng.normal(size=(1, side, side, c)).astype("f4") for side, c in ((8, 3), (4, 5))]
    layer = RandomMixing(6)
    shallow, deep = layer(maps)
    assert not layer.trainable_variables and len(layer.weights) == 4
    again = RandomMixing(6)
    for one, other in zip((shallow, deep), again(maps), strict=True):
        np.testing.assert_array_equal(one, other)
    across, down = layer.across, layer.down
    conv = tf.nn.conv2d
    wanted_deep = conv(conv(maps[1], across[1], 1, "SAME"), down[1], 1, "SAME")
    np.testing.assert_allclose(deep, wanted_deep, atol=1e-5)
    larger = np.repeat(np.repeat(wanted_deep, 2, 1), 2, 2)
    wanted = conv(conv(maps[0], across[0], 1, "SAME") + larger, down[0], 1, "SAME")
    np.testing.assert_allclose(shallow, wanted, atol=1e-4)
    # Kernels keep the scale of what they mix.
    assert np.std(across[0]) == pytest.approx(np.sqrt(2 / 3), rel=0.3)
    assert np.std(down[0]) == pytest.approx(np.sqrt(2 / 54), rel=0.1)


def test_second_derivatives_pass_it():
    """R1 takes the gradient of a gradient."""
    network = build_discriminator("projected", filters=8)
    images = tf.constant(draw(32, 1))
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(images)
            judged = tf.reduce_sum(network(images, training=True))
        penalty = tf.reduce_sum(tf.square(inner.gradient(judged, images)))
    gradients = outer.gradient(penalty, network.trainable_variables)
    kernels = [g for g in gradients if g is not None and len(g.shape) == 4]
    assert kernels and all(np.any(g.numpy()) for g in kernels)


def test_statistics_are_judged_the_same_everywhere_and_wherever_things_lie(weights):
    network = build_discriminator("projected", weights=weights, filters=8, statistics=True, heads=2)
    images = draw()
    found = network(images).numpy()
    assert found.shape == (2, 4, 4, 12)
    overall = found[..., 6:]
    np.testing.assert_array_equal(overall, np.broadcast_to(overall[:, :1, :1], overall.shape))
    # Turned about, each texture is there as often: but for the borders nothing changes.
    turned = network(images[:, ::-1, ::-1]).numpy()
    between = np.abs(overall[0] - overall[1]).max()
    assert between > 0
    contrast = network(0.5 * images).numpy()[..., 6:]
    assert np.abs(contrast - overall).max() > 5 * np.abs(turned[..., 6:] - overall).max()
    again = rebuild(network, "float32")(images).numpy()
    np.testing.assert_allclose(again, found, atol=1e-5)
