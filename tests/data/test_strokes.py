import numpy as np
import pytest

from style_gan_tf.data.palette import painters_palette
from style_gan_tf.data.strokes import paint


@pytest.mark.parametrize("shape", [(64, 96), (33, 17), (2, 3)])
def test_painting_keeps_the_size_and_follows_the_seed(shape):
    rgb = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    painting = paint(rgb, 1)
    assert painting.shape == rgb.shape
    assert painting.dtype == np.uint8
    np.testing.assert_array_equal(painting, paint(rgb, 1))
    assert (painting != paint(rgb, 2)).any()


def test_strokes_run_along_edges():
    x = np.arange(96)
    stripes = np.tile((127 + 90 * np.sin(x / 5)).astype(np.uint8)[None, :, None], (96, 1, 3))
    painting = paint(stripes, 0).astype(float)[8:-8, 8:-8].mean(-1)
    along, across = (np.abs(np.diff(painting, axis=axis)).mean() for axis in (0, 1))
    assert across > 1.5 * along
    painting = paint(np.transpose(stripes, (1, 0, 2)), 0).astype(float)[8:-8, 8:-8].mean(-1)
    across, along = (np.abs(np.diff(painting, axis=axis)).mean() for axis in (0, 1))
    assert across > 1.5 * along


def test_the_canvas_is_painted_all_over():
    flat = np.full((64, 64, 3), (200, 120, 60), np.uint8)
    painting = paint(flat, 0).astype(float) / 255
    expected = painters_palette(flat)[0, 0]
    assert np.abs(np.median(painting, (0, 1)) - expected).max() < 0.05
    assert painting.std((0, 1)).min() > 0.01  # visible strokes even on a flat colour


def test_palette():
    colors = np.array([[[0, 0, 0], [128, 128, 128], [255, 255, 255], [200, 100, 100]]], np.uint8)
    black, grey, white, red = painters_palette(colors)[0]
    assert black[2] > black[0] + 0.1  # blue shadows
    assert white[0] > white[2] + 0.1  # warm lights
    assert np.ptp(grey) < 0.02
    assert red[0] - red[1] > 1.2 * 100 / 255
