import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from style_gan_tf.networks.resampling import (
    BlurPooling,
    BlurUpsampling,
    GridFreeUpsampling,
    NearestUpsampling,
    SpaceToDepth,
)

sizes = st.integers(1, 6)
few = settings(max_examples=25, deadline=None, derandomize=True)


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def depth_to_space(x: np.ndarray, block: int) -> np.ndarray:
    batch, height, width, channels = x.shape
    x = x.reshape(batch, height, width, block, block, channels // block**2)
    return x.transpose(0, 1, 3, 2, 4, 5).reshape(batch, height * block, width * block, -1)


def window_means(pixels: np.ndarray, block: int) -> np.ndarray:
    """The mean of the block x block window around each pixel; outer blocks are repeated."""
    cells = (block, block)
    height, width = pixels.shape[1:3]
    rows, columns = (
        np.r_[np.arange(cells[0]), np.arange(n), np.arange(n - cells[1], n)]
        for n in (height, width)
    )
    around = pixels.astype(np.float64)[:, rows][:, :, columns]
    before = (block - 1) // 2
    out = np.zeros(pixels.shape)
    for i in range(block):
        for j in range(block):
            top, left = block - before + i, block - before + j
            out += around[:, top : top + height, left : left + width]
    return out / block**2


@given(rows=sizes, columns=sizes, block=st.sampled_from([2, 4]))
@few
def test_space_to_depth_is_numpys(rows, columns, block):
    x = draw(2, rows * block, columns * block, 3)
    found = SpaceToDepth(block)(x)
    assert found.shape == (2, rows, columns, 3 * block**2)
    assert SpaceToDepth(block).compute_output_shape(x.shape) == found.shape
    for row, column in np.ndindex(rows, columns):
        square = x[:, row * block : (row + 1) * block, column * block : (column + 1) * block]
        np.testing.assert_array_equal(found[:, row, column], square.reshape(2, -1))


@given(rows=sizes, columns=sizes)
@few
def test_nearest_upsampling_is_numpys(rows, columns):
    x = draw(2, rows, columns, 3)
    found = NearestUpsampling()(x)
    np.testing.assert_array_equal(found, x.repeat(2, axis=1).repeat(2, axis=2))
    assert NearestUpsampling().compute_output_shape(x.shape) == found.shape


def test_gradient_of_nearest_upsampling_is_the_sum_of_the_copies():
    x, upstream = tf.constant(draw(1, 2, 3, 2)), draw(1, 4, 6, 2)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(NearestUpsampling()(x) * upstream)
    wanted = upstream.reshape(1, 2, 2, 3, 2, 2).sum((2, 4))
    np.testing.assert_allclose(tape.gradient(loss, x), wanted, rtol=1e-5)


@given(rows=sizes, columns=sizes)
@few
def test_blur_pooling_is_numpys(rows, columns):
    """One pixel at a time: the [1, 2, 1] window around every second pixel of the reflected map."""
    x = draw(2, 2 * rows, 2 * columns, 3)
    found = BlurPooling()(x)
    assert BlurPooling().compute_output_shape(x.shape) == found.shape
    padded = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect")
    window = np.outer([1, 2, 1], [1, 2, 1])[..., None] / 16
    for row, column in np.ndindex(rows, columns):
        around = padded[:, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
        wanted = (around * window).sum((1, 2))
        np.testing.assert_allclose(found[:, row, column], wanted, atol=1e-5)


@given(rows=sizes, columns=sizes)
@few
def test_blur_upsampling_is_the_transposed_blur(rows, columns):
    """Every pixel of the replicated map adds its [1, 3, 3, 1] window; the middle is kept."""
    x = draw(2, rows, columns, 3)
    found = BlurUpsampling()(x)
    assert BlurUpsampling().compute_output_shape(x.shape) == found.shape
    padded = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="edge")
    full = np.zeros((2, 2 * rows + 6, 2 * columns + 6, 3))
    window = np.outer([1, 3, 3, 1], [1, 3, 3, 1])[..., None] / 16
    for row, column in np.ndindex(rows + 2, columns + 2):
        pixel = padded[:, row, column][:, None, None]
        full[:, 2 * row : 2 * row + 4, 2 * column : 2 * column + 4] += pixel * window
    np.testing.assert_allclose(found, full[:, 3:-3, 3:-3], atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize(("layer", "share"), [(BlurPooling, 0.25), (BlurUpsampling, 4.0)])
def test_gradients_of_blurs_keep_the_sum_inside(layer, share, dtype):
    x = tf.constant(draw(1, 12, 12, 4))
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(tf.cast(layer(dtype=dtype)(x), tf.float32))
    np.testing.assert_allclose(tape.gradient(loss, x)[0, 4:8, 4:8], share, rtol=1e-2)


@given(rows=sizes, columns=sizes, block=st.sampled_from([2, 3, 4]))
@few
def test_grid_free_upsampling_is_numpys(rows, columns, block):
    x = draw(2, rows, columns, 2 * block**2)
    found = GridFreeUpsampling(block)(x)
    assert GridFreeUpsampling(block).compute_output_shape(x.shape) == found.shape
    wanted = window_means(depth_to_space(x, block), block)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


@given(rows=sizes, columns=sizes, block=st.sampled_from([2, 3, 4]))
@few
def test_no_grid_remains_whatever_the_channels(rows, columns, block):
    """The same block everywhere is the pattern of a grid: it becomes one value, borders too."""
    channels = draw(2 * block**2)
    found = GridFreeUpsampling(block)(np.tile(channels, (1, rows, columns, 1)))
    mean = channels.reshape(block**2, 2).mean(0)
    np.testing.assert_allclose(found, np.broadcast_to(mean, found.shape), atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_gradient_of_grid_free_upsampling_keeps_the_sum_inside(dtype):
    """Far from the border every input pixel has the weight one in all."""
    x = tf.constant(draw(1, 5, 5, 4))
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(tf.cast(GridFreeUpsampling(2, dtype=dtype)(x), tf.float32))
    np.testing.assert_allclose(tape.gradient(loss, x)[0, 2, 2], np.ones(4), rtol=1e-2)


@pytest.mark.parametrize(
    "layer",
    [SpaceToDepth(2), NearestUpsampling(), GridFreeUpsampling(2), BlurPooling(), BlurUpsampling()],
    ids=lambda x: x.name,
)
def test_unknown_sizes_configs_and_files(tmp_path, layer):
    copy = type(layer).from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    inputs = keras.Input((None, None, 4))
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape[1:3] == (None, None)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = draw(2, 4, 6, 4)
    np.testing.assert_array_equal(loaded(x), copy(x))
    run = tf.function(copy, input_signature=[tf.TensorSpec([None, None, None, 4])])
    np.testing.assert_array_equal(run(x), copy(x))
