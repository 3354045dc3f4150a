import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from style_gan_tf.networks.convolution import (
    PaddedConv2D,
    ReflectionPadding,
    TransposedConv2D,
    iterate_spectral,
)


def convolution(
    x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, stride: int, pad: int
) -> np.ndarray:
    """Cross-correlation, one output pixel at a time."""
    x = np.pad(x.astype(np.float64), ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    size = kernel.shape[0]
    rows, columns = ((n - size) // stride + 1 for n in x.shape[1:3])
    out = np.empty((len(x), rows, columns, kernel.shape[3]))
    for i in range(rows):
        for j in range(columns):
            window = x[:, i * stride : i * stride + size, j * stride : j * stride + size]
            out[:, i, j] = np.tensordot(window, kernel.astype(np.float64), 3) + bias
    return out


def made(
    filters: int, size: int, channels: int, dtype: str = "float32", **options
) -> tuple[PaddedConv2D, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    kernel = rng.normal(0.0, 0.3, (size, size, channels, filters)).astype(np.float32)
    bias = rng.normal(size=filters).astype(np.float32)
    layer = PaddedConv2D(filters, size, dtype=dtype, **options)
    layer.build((None, None, None, channels))
    layer.kernel.assign(kernel)
    layer.bias.assign(bias)
    return layer, kernel, bias


@given(
    batch=st.sampled_from([1, 4]),
    height=st.integers(3, 11),
    width=st.integers(3, 11),
    size=st.sampled_from([1, 2, 3]),
    stride=st.sampled_from([1, 2]),
    pad=st.integers(0, 2),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_convolution_is_numpys(batch, height, width, size, stride, pad):
    layer, kernel, bias = made(3, size, 2, strides=stride, pad=pad)
    x = np.random.default_rng(1).normal(size=(batch, height, width, 2)).astype(np.float32)
    found = layer(x)
    wanted = convolution(x, kernel, bias, stride, pad)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
    assert layer.compute_output_shape(x.shape) == found.shape
    assert layer.compute_output_shape((None, None, None, 2)) == (None, None, None, 3)


def test_bfloat16_is_numpys_to_its_precision():
    layer, kernel, bias = made(3, 3, 2, dtype="mixed_bfloat16", strides=2, pad=1)
    x = np.random.default_rng(1).normal(size=(1, 5, 7, 2)).astype(np.float32)
    found = layer(x)
    assert found.dtype == tf.bfloat16
    assert layer.kernel.dtype == "float32"
    wanted = convolution(x, kernel, bias, 2, 1)
    np.testing.assert_allclose(tf.cast(found, tf.float32), wanted, rtol=2e-2, atol=6e-2)


@pytest.mark.parametrize(("stride", "pad"), [(1, 1), (2, 1), (2, 2), (1, 0)])
def test_gradients_are_numpys(stride, pad):
    """The convolution is linear in picture, kernel and bias: each derivative is one more of it."""
    layer, kernel, _ = made(2, 3, 2, strides=stride, pad=pad)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2, 5, 6, 2)).astype(np.float32)
    upstream = rng.normal(size=layer.compute_output_shape(x.shape)).astype(np.float32)
    images = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(images)
        loss = tf.reduce_sum(layer(images) * upstream)
    to_x, to_kernel, to_bias = tape.gradient(loss, [images, layer.kernel, layer.bias])
    np.testing.assert_allclose(to_bias, upstream.sum((0, 1, 2)), rtol=1e-4, atol=1e-4)
    for gradient, point in ((to_x, x), (to_kernel, kernel)):
        for _ in range(5):
            direction = rng.normal(size=point.shape)
            changed = (direction, kernel) if point is x else (x, direction)
            slope = (convolution(*changed, 0.0, stride, pad) * upstream).sum()
            np.testing.assert_allclose((gradient * direction).numpy().sum(), slope, rtol=1e-3)


def trained_spectral(steps: int) -> tuple[PaddedConv2D, np.ndarray, np.ndarray]:
    layer, kernel, bias = made(4, 3, 2, pad=1, spectral=True)
    layer(np.zeros((1, 3, 3, 2), np.float32))
    for _ in range(steps):
        layer.iterate()
    return layer, kernel, bias


def largest(kernel: np.ndarray) -> float:
    return np.linalg.svd(kernel.astype(np.float64).reshape(-1, kernel.shape[-1]))[1][0]


def test_spectral_normalization_divides_by_the_largest_singular_value():
    layer, kernel, bias = trained_spectral(60)
    x = np.random.default_rng(1).normal(size=(2, 5, 5, 2)).astype(np.float32)
    wanted = convolution(x, kernel / largest(kernel), bias, 1, 1)
    np.testing.assert_allclose(layer(x), wanted, rtol=1e-3, atol=1e-4)


def test_spectral_normalization_leaves_the_kernel_alone():
    layer, kernel, _ = trained_spectral(3)
    np.testing.assert_array_equal(layer.kernel, kernel)
    assert [weight.name for weight in layer.trainable_variables] == ["kernel", "bias"]


def test_spectral_normalization_iterates_when_told_alone():
    layer, _, _ = trained_spectral(1)
    x = np.ones((1, 3, 3, 2), np.float32)
    before = layer.left_singular.numpy()
    first = layer(x, training=True)
    np.testing.assert_array_equal(layer.left_singular, before)
    np.testing.assert_array_equal(layer(x, training=False), first)
    model = keras.Sequential([keras.Input((3, 3, 2)), layer])
    iterate_spectral(model)
    assert np.abs(layer.left_singular.numpy() - before).max() > 1e-4


def test_gradient_of_the_spectrally_normalized_kernel():
    """Along K itself nothing changes: K / sigma(K) has degree zero."""
    layer, kernel, _ = trained_spectral(60)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(1, 4, 4, 2)).astype(np.float32)
    upstream = rng.normal(size=(1, 4, 4, 4)).astype(np.float32)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x) * upstream)
    gradient = tape.gradient(loss, layer.kernel.value).numpy()
    assert abs((gradient * kernel).sum()) < 1e-3 * np.linalg.norm(gradient)

    def value(changed: np.ndarray) -> float:
        return (convolution(x, changed / largest(changed), 0.0, 1, 1) * upstream).sum()

    direction = rng.normal(size=kernel.shape)
    slope = (value(kernel + 1e-5 * direction) - value(kernel - 1e-5 * direction)) / 2e-5
    np.testing.assert_allclose((gradient * direction).sum(), slope, rtol=1e-2)


def test_singular_vectors_are_constants_to_the_gradient():
    """Miyato et al. 2018, equation 10, long before the iteration has converged."""
    layer, kernel, _ = trained_spectral(1)
    matrix = kernel.reshape(-1, 4).astype(np.float64)
    left = layer.left_singular.numpy()[0].astype(np.float64)
    right = matrix @ left / np.linalg.norm(matrix @ left)
    left = right @ matrix / np.linalg.norm(right @ matrix)
    sigma = right @ matrix @ left
    assert sigma < 0.999 * largest(kernel)

    # One pixel and a 1x1 view of it: the output is the sum over the kernel's middle.
    x = np.array([0.5, -2.0], np.float32).reshape(1, 1, 1, 2)
    upstream = np.array([1.0, -0.5, 2.0, 0.3], np.float32)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x) * upstream)
    direct = np.zeros(kernel.shape)
    direct[1, 1] = np.outer(x, upstream)
    direct = direct.reshape(-1, 4)
    share = (direct * matrix).sum() / sigma
    wanted = (direct - share * np.outer(right, left)) / sigma
    found = tape.gradient(loss, layer.kernel.value).numpy().reshape(-1, 4)
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4)


@given(height=st.integers(4, 9), width=st.integers(4, 9), pad=st.integers(0, 3))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_reflection_padding_is_numpys(height, width, pad):
    x = np.random.default_rng(0).normal(size=(2, height, width, 3)).astype(np.float32)
    sides = ((0, 0), (pad, pad), (pad, pad), (0, 0))
    layer = ReflectionPadding(pad)
    found = layer(x)
    np.testing.assert_array_equal(found, np.pad(x, sides, mode="reflect"))
    assert layer.compute_output_shape(x.shape) == found.shape


def test_config_round_trip():
    layer = PaddedConv2D(4, 3, strides=2, pad=2, spectral=True, use_bias=False, name="c")
    copy = PaddedConv2D.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    assert (copy.pad, copy.spectral, copy.strides, copy.use_bias) == (2, True, (2, 2), False)
    padding = ReflectionPadding(3, name="p")
    assert ReflectionPadding.from_config(padding.get_config()).get_config() == padding.get_config()


def test_a_model_with_them_survives_a_file(tmp_path):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, None, 3))
    x = PaddedConv2D(4, 3, strides=2, pad=1, spectral=True)(ReflectionPadding(2)(inputs))
    model = keras.Model(inputs, x)
    images = np.random.default_rng(0).normal(size=(2, 7, 5, 3)).astype(np.float32)
    model(images, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(images), model(images))


@pytest.mark.parametrize("option", [{"padding": "same"}, {"activation": "relu"}, {"groups": 2}])
def test_options_that_would_not_be_heeded_are_refused(option):
    with pytest.raises(TypeError, match=next(iter(option))):
        PaddedConv2D(4, 3, **option)


def test_transposed_convolution_is_keras_and_its_bias_learns_in_bfloat16():
    images = np.random.default_rng(0).normal(size=(1, 64, 64, 4)).astype(np.float32)
    layer = TransposedConv2D(3, 4, strides=2, padding="same", bias_initializer="ones")
    plain = keras.layers.Conv2DTranspose.from_config(layer.get_config())
    plain.build(images.shape)
    layer.build(images.shape)
    plain.set_weights(layer.get_weights())
    np.testing.assert_allclose(layer(images), plain(images), atol=1e-6)

    low = TransposedConv2D(3, 4, strides=2, padding="same", dtype="mixed_bfloat16")
    low.build(images.shape)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.cast(low(images), tf.float32))
    # One for each of the 128 x 128 places; bfloat16 would stop counting at 256.
    np.testing.assert_allclose(tape.gradient(loss, low.bias.value), 128**2, rtol=1e-2)


@pytest.mark.parametrize("layer", [PaddedConv2D(2, 3, pad=1), TransposedConv2D(2, 3, strides=2)])
def test_a_bias_learns_as_much_in_bfloat16(layer):
    """Over a large map a sum in bfloat16 stops growing: a quarter would be left of this one."""
    half = type(layer).from_config({**layer.get_config(), "dtype": "mixed_bfloat16"})
    images = np.random.default_rng(0).normal(size=(1, 128, 128, 3)).astype(np.float32)

    @tf.function
    def gradient(layer, images):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.cast(layer(images), tf.float32))
        return tape.gradient(loss, layer.bias.value)

    half(images)
    places = float(np.prod(half(images).shape[1:3]))
    np.testing.assert_allclose(gradient(half, tf.constant(images)), [places] * 2, rtol=0.02)
