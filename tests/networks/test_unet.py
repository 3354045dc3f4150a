import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import any_size, build_generator
from style_gan_tf.networks.dropout import Dropout


def trainable(network: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_weights)


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize(("depth", "count"), [(8, 54_413_955), (7, 41_828_995)])
def test_parameter_count_is_the_references(depth, count):
    assert trainable(build_generator("unet", depth=depth)) == count


def test_one_place_is_left_at_the_bottom():
    network = build_generator("unet", filters=1, depth=7)
    assert (network.stride, network.minimum) == (128, 128)
    ways = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    bottom = keras.Model(network.input, ways[6].output)
    assert bottom(draw(1, 128, 128, 3)).shape == (1, 1, 1, 8)


def test_each_map_meets_its_counterpart():
    network = build_generator("unet", filters=2, depth=6)
    joined = [x for x in network.layers if isinstance(x, keras.layers.Concatenate)]
    assert [layer.output.shape[-1] for layer in joined] == [32, 32, 16, 8, 4]
    maps = keras.Model(network.input, [layer.output for layer in joined])(draw(1, 64, 64, 3))
    assert [x.shape[1] for x in maps] == [2, 4, 8, 16, 32]


def test_normalized_are_all_but_the_first_and_the_smallest_map():
    network = build_generator("unet", filters=1, depth=8)
    normalized = [x for x in network.layers if isinstance(x, keras.layers.BatchNormalization)]
    assert len(normalized) == 6 + 7


@pytest.mark.parametrize(("depth", "count"), [(8, 3), (7, 2), (5, 0)])
def test_dropout_is_where_the_references_is(depth, count):
    network = build_generator("unet", filters=1, depth=depth)
    layers = [layer for layer in network.layers if isinstance(layer, Dropout)]
    assert len(layers) == count
    assert all(layer.rate == 0.5 and layer.output.shape[-1] == 8 for layer in layers)
    none = build_generator("unet", filters=1, depth=depth, dropout=0.0)
    assert not any(isinstance(layer, Dropout) for layer in none.layers)
    assert len(none.weights) == len(network.weights)


def test_dropout_is_of_training_alone():
    network = build_generator("unet", filters=2, depth=6, normalization="instance")
    images = draw(1, 64, 64, 3)
    np.testing.assert_array_equal(network(images), network(images))
    assert np.abs(network(images, training=True) - network(images, training=True)).max() > 0


def test_encoder_layers():
    network = build_generator("unet", filters=2, depth=7)
    encoder = [layer for layer in network.layers if layer.name.startswith("encoder_")]
    assert [layer.name for layer in encoder] == [f"encoder_{i}" for i in range(5)]
    assert [layer.output.shape[-1] for layer in encoder] == [3, 2, 4, 8, 16]


@pytest.mark.parametrize(("height", "width"), [(1, 1), (30, 70), (64, 65)])
def test_any_size_works(height, width):
    network = build_generator("unet", filters=1, depth=5)
    images = draw(1, height, width, 3)
    found = any_size(network, images)
    assert found.shape == images.shape and np.isfinite(found).all()


def test_every_kernel_draws_numbers_of_its_own():
    keras.utils.set_random_seed(0)
    network = build_generator("unet", filters=4, depth=5)
    kernels = [w.numpy().ravel()[:96] for w in network.weights if w.name == "kernel"]
    assert len(kernels) == 10
    for i, left in enumerate(kernels):
        assert 0.01 < left.std() < 0.03
        for right in kernels[i + 1 :]:
            assert abs(np.corrcoef(left, right)[0, 1]) < 0.5


def test_gradients_in_bfloat16_are_close_to_those_in_float32():
    images = draw(2, 32, 32, 3)
    gradients = []
    for dtype in ("mixed_bfloat16", "float32"):
        keras.utils.set_random_seed(0)
        network = build_generator("unet", filters=4, depth=3, dtype=dtype)
        assert network.trainable_variables[-1].name == "bias"
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(network(images, training=True) - 0.3))
        weights = [w.value for w in network.trainable_variables]
        gradients.append(np.concatenate([np.ravel(g) for g in tape.gradient(loss, weights)]))
    low, high = gradients
    assert 0 < np.linalg.norm(low - high) < 0.1 * np.linalg.norm(high)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 1}, "generator.depth=1: must be at least 2"),
        ({"dropout": 1.0}, "generator.dropout=1.0: must be less than 1"),
        ({"dropout": "-0.1"}, "generator.dropout=-0.1: must be at least 0"),
        ({"dropout": "nan"}, "generator.dropout=nan"),
        ({"n_blocks": 3}, "has no option 'n_blocks'; it has filters, depth"),
    ],
)
def test_wrong_options_give_one_line(options, message):
    with pytest.raises(UsageError) as error:
        build_generator("unet", **options)
    assert message in str(error.value) and "\n" not in str(error.value)
