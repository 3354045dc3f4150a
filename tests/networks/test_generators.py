"""What every generator keeps, and how `build_generator` refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import style_gan_tf
from style_gan_tf.errors import UsageError
from style_gan_tf.networks import Network, build_generator
from style_gan_tf.networks.generators import GENERATORS

IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 32, 20, 3)).astype(np.float32)

TINY = {
    "fast": {"filters": 8, "n_blocks": 2},
    "resnet": {"filters": 4, "n_blocks": 2},
    "resnet, transpose": {"filters": 4, "n_blocks": 2, "upsampling": "transpose"},
    "resnet, blur": {"filters": 4, "n_blocks": 2, "upsampling": "blur"},
    "unet": {"filters": 4, "depth": 2},
    "restorer": {"filters": 4, "n_blocks": 2},
}


def tiny(name: str, normalization: str = "instance", dtype: str = "float32") -> Network:
    """A small generator whose every weight counts: `fast` starts with a head of zeros."""
    keras.utils.set_random_seed(0)
    options = {**TINY[name], "normalization": normalization, "dtype": dtype}
    if name == "restorer":  # It has none.
        del options["normalization"]
    network = build_generator(name.split(",")[0], **options)
    rng = np.random.default_rng(0)
    network.set_weights([w + rng.normal(0, 0.05, w.shape) for w in network.get_weights()])
    return network


def test_importable_from_the_package():
    assert style_gan_tf.build_generator is build_generator
    # `noise` takes no picture: tests/networks/test_noise.py.
    assert set(GENERATORS) - {"noise"} == {name.split(",")[0] for name in TINY}


@pytest.mark.parametrize("normalization", ["instance", "batch", "none"])
@pytest.mark.parametrize("name", TINY)
def test_size_in_is_size_out_and_values_stay_in_range(name, normalization):
    network = tiny(name, normalization)
    assert isinstance(network, Network)
    assert network.output_shape == (None, None, None, 3)
    for scale in (1.0, 1000.0):
        output = network(scale * IMAGES, training=True)
        assert output.dtype == tf.float32
        assert output.shape == IMAGES.shape
        assert np.abs(output).max() <= 1.0


@pytest.mark.parametrize("name", TINY)
def test_the_smallest_size_works(name):
    network = tiny(name)
    side = network.minimum
    assert side % network.stride == 0
    assert network(IMAGES[:1, :side, :side]).shape == (1, side, side, 3)


@pytest.mark.parametrize("normalization", ["instance", "batch", "none"])
@pytest.mark.parametrize("name", TINY)
def test_every_weight_gets_a_gradient(name, normalization):
    network = tiny(name, normalization)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(network(IMAGES, training=True) - 0.3))
    weights = network.trainable_variables
    for weight, gradient in zip(
        weights, tape.gradient(loss, [w.value for w in weights]), strict=True
    ):
        assert gradient is not None, weight.path
        # A bias before an instance normalization shifts what the normalization takes away.
        if not (weight.name == "bias" and normalization == "instance"):
            assert np.abs(gradient).max() > 0, weight.path


@pytest.mark.parametrize("normalization", ["instance", "none"])
@pytest.mark.parametrize("name", TINY)
def test_pictures_of_a_batch_do_not_mix(name, normalization):
    network = tiny(name, normalization)
    alone = np.concatenate([network(IMAGES[i : i + 1], training=True) for i in range(2)])
    np.testing.assert_allclose(network(IMAGES, training=True), alone, atol=1e-4)


@pytest.mark.parametrize("name", TINY)
def test_bfloat16_is_close_to_float32(name):
    images = IMAGES[:1, :16, :16]
    low = tiny(name, dtype="mixed_bfloat16")
    assert {weight.dtype for weight in low.weights} == {"float32"}
    assert "bfloat16" in {layer.compute_dtype for layer in low.layers}
    found, wanted = low(images), tiny(name)(images)
    assert found.dtype == tf.float32
    difference = np.abs(found - wanted)
    assert 0 < difference.mean() < 0.03
    assert difference.max() < 0.3


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (["vgg"], {}, "unknown generator 'vgg': choose one of fast, noise, resnet"),
        (["fast"], {"upsampling": "resize"}, "has no option 'upsampling'; it has filters"),
        (["resnet"], {"depth": 3}, "has no option 'depth'; it has filters"),
        (["resnet"], {"upsampling": "bicubic"}, "choose one of resize, transpose, blur"),
        (["resnet"], {"normalization": "layer"}, "choose one of instance, batch, none"),
        (["fast"], {"normalization": "layer"}, "choose one of instance, batch, none"),
        (["fast"], {"filters": "many"}, "generator.filters=many: expected int"),
        (["fast"], {"n_blocks": "1.5"}, "generator.n_blocks=1.5: expected int"),
        (["fast"], {"filters": "0"}, "generator.filters=0: must be at least 1"),
        (["resnet"], {"n_blocks": -1}, "generator.n_blocks=-1: must be at least 1"),
    ],
)
def test_a_wrong_choice_gives_one_line(arguments, options, message):
    with pytest.raises(UsageError) as error:
        build_generator(*arguments, **options)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_texts_are_read():
    network = build_generator("resnet", filters="4", n_blocks="2", upsampling="transpose")
    assert network.recipe == {
        "role": "generator",
        "architecture": "resnet",
        "options": {
            "filters": 4,
            "n_blocks": 2,
            "normalization": "instance",
            "upsampling": "transpose",
        },
        "dtype": "float32",
    }
