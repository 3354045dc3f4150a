import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.normalization import (
    NORMALIZATIONS,
    InstanceNormalization,
    has_offset,
    normalization,
)

# TensorFlow's fused kernel raises every smaller epsilon to this one.
EPSILON = 1.001e-5


def expected(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    x = x.astype(np.float64)
    mean = x.mean(axis=(1, 2), keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=(1, 2), keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + EPSILON) + beta


def expected_gradients(
    x: np.ndarray, gamma: np.ndarray, upstream: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradients of `sum(upstream * y)` to x, gamma and beta."""
    x = x.astype(np.float64)
    axes = {"axis": (1, 2), "keepdims": True}
    deviation = np.sqrt(x.var(**axes) + EPSILON)
    normal = (x - x.mean(**axes)) / deviation
    inner = gamma * upstream
    to_x = (inner - inner.mean(**axes) - normal * (inner * normal).mean(**axes)) / deviation
    return to_x, (upstream * normal).sum((0, 1, 2)), upstream.sum((0, 1, 2))


def layer_with(gamma: np.ndarray, beta: np.ndarray, dtype: str = "float32") -> keras.layers.Layer:
    layer = InstanceNormalization(dtype=dtype)
    layer.build((None, None, None, len(gamma)))
    layer.set_weights([gamma, beta])
    return layer


def draw(batch: int, height: int, width: int, channels: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(1)
    x = rng.normal(0.5, 2.0, (batch, height, width, channels)).astype(np.float32)
    gamma, beta = rng.normal(1.0, 0.5, (2, channels)).astype(np.float32)
    return x, gamma, beta


@given(
    batch=st.sampled_from([1, 4]),
    height=st.integers(1, 13),
    width=st.integers(1, 13),
    channels=st.integers(1, 5),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_float32_is_numpys(batch, height, width, channels):
    x, gamma, beta = draw(batch, height, width, channels)
    found = layer_with(gamma, beta)(x)
    assert found.dtype == tf.float32
    np.testing.assert_allclose(found, expected(x, gamma, beta), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("batch", [1, 4])
def test_bfloat16_is_numpys_to_its_precision(batch):
    x, gamma, beta = draw(batch, 7, 5, 3)
    found = layer_with(gamma, beta, "mixed_bfloat16")(x)
    assert found.dtype == tf.bfloat16
    # The input too is rounded to 8 bits of mantissa.
    rounded = tf.cast(tf.cast(x, tf.bfloat16), tf.float32).numpy()
    found = tf.cast(found, tf.float32)
    np.testing.assert_allclose(found, expected(rounded, gamma, beta), rtol=1e-2, atol=1e-2)


def test_bfloat16_statistics_are_float32():
    # 2048 ones and as many twos: a bfloat16 sum of them would stop growing at 512.
    x = np.ones((1, 64, 64, 1), np.float32)
    x[0, :32] = 2.0
    found = tf.cast(InstanceNormalization(dtype="mixed_bfloat16")(x), tf.float32)
    np.testing.assert_allclose(found[0, 0, 0, 0], 1.0, atol=1e-2)
    np.testing.assert_allclose(found[0, -1, 0, 0], -1.0, atol=1e-2)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_without_affine_there_are_no_weights(dtype):
    x, _, _ = draw(4, 5, 7, 3)
    layer = InstanceNormalization(affine=False, dtype=dtype)
    found = tf.cast(layer(x), tf.float32)
    tolerance = 1e-4 if dtype == "float32" else 3e-2
    np.testing.assert_allclose(found, expected(x, 1.0, 0.0), atol=tolerance)
    assert layer.weights == []


def test_a_map_of_one_pixel_becomes_beta():
    x, gamma, beta = draw(4, 1, 1, 3)
    found = layer_with(gamma, beta)(x)
    np.testing.assert_allclose(found, np.broadcast_to(beta, x.shape), atol=1e-6)


@pytest.mark.parametrize(("batch", "height", "width"), [(1, 5, 7), (4, 3, 3), (4, 1, 2)])
def test_gradients_are_numpys(batch, height, width):
    x, gamma, beta = draw(batch, height, width, 3)
    upstream = np.random.default_rng(2).normal(size=x.shape).astype(np.float32)
    layer = layer_with(gamma, beta)
    images = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(images)
        loss = tf.reduce_sum(layer(images) * upstream)
    found = tape.gradient(loss, [images, layer.gamma, layer.beta])
    for name, actual, wanted in zip(
        ("input", "gamma", "beta"), found, expected_gradients(x, gamma, upstream), strict=True
    ):
        np.testing.assert_allclose(actual, wanted, rtol=1e-3, atol=1e-3, err_msg=name)


def test_second_order_gradient_is_the_slope_of_the_first():
    x, gamma, beta = draw(2, 3, 4, 2)
    rng = np.random.default_rng(3)
    upstream = rng.normal(size=x.shape).astype(np.float32)
    direction = rng.normal(size=x.shape)
    layer = layer_with(gamma, beta)
    images = tf.constant(x)
    with tf.GradientTape() as outer:
        outer.watch(images)
        with tf.GradientTape() as inner:
            inner.watch(images)
            loss = tf.reduce_sum(layer(images) * upstream)
        gradient = inner.gradient(loss, images)
        along = tf.reduce_sum(gradient * tf.constant(direction, tf.float32))
    second = outer.gradient(along, images)

    def slope(step: float) -> np.ndarray:
        return expected_gradients(x + step * direction, gamma, upstream)[0]

    # The second derivative is symmetric: its product with the direction is that difference.
    difference = (slope(1e-4) - slope(-1e-4)) / 2e-4
    np.testing.assert_allclose(second, difference, rtol=1e-2, atol=2e-3)


def test_pictures_of_a_batch_do_not_mix():
    x, gamma, beta = draw(4, 5, 5, 3)
    layer = layer_with(gamma, beta)
    alone = np.concatenate([layer(x[i : i + 1]) for i in range(4)])
    np.testing.assert_allclose(layer(x), alone, atol=1e-5)


def test_unknown_sizes_in_a_graph():
    x, gamma, beta = draw(3, 5, 7, 2)
    layer = layer_with(gamma, beta)
    run = tf.function(layer, input_signature=[tf.TensorSpec([None, None, None, 2])])
    np.testing.assert_allclose(run(x), expected(x, gamma, beta), atol=1e-4)


def test_config_round_trip():
    layer = InstanceNormalization(affine=False, epsilon=1e-3, dtype="mixed_bfloat16", name="n")
    copy = InstanceNormalization.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    assert (copy.affine, copy.epsilon, copy.compute_dtype) == (False, 1e-3, "bfloat16")


@pytest.mark.parametrize("affine", [True, False])
def test_a_model_with_it_survives_a_file(tmp_path, affine):
    x, gamma, beta = draw(2, 5, 4, 3)
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, InstanceNormalization(affine=affine)(inputs))
    if affine:
        model.set_weights([gamma, beta])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(x), model(x))


def test_kinds():
    assert normalization("instance", affine=True, dtype="float32").affine
    assert not normalization("instance", affine=False, dtype="float32").affine
    assert normalization("affine_instance", affine=False, dtype="float32").affine
    assert [has_offset(kind) for kind in NORMALIZATIONS] == [False, True, False, True]
    batch = normalization("batch", affine=False, dtype="float32")
    assert isinstance(batch, keras.layers.BatchNormalization)
    assert batch.synchronized
    x = draw(2, 3, 3, 2)[0]
    np.testing.assert_array_equal(normalization("none", affine=False, dtype="float32")(x), x)
    with pytest.raises(UsageError, match="layer"):
        normalization("layer", affine=False, dtype="float32")
