import numpy as np
import pytest

from style_gan_tf.images.skin_color import CELL, cell_means, cell_middles, cells_lab, is_skin
from style_gan_tf.objectives import skin_loss

# CIELAB (D65) of sRGB's corners, from the definitions in IEC 61966-2-1 and CIE 15.
KNOWN = {
    (255, 255, 255): (100.0, 0.0, 0.0),
    (0, 0, 0): (0.0, 0.0, 0.0),
    (255, 0, 0): (53.24, 80.09, 67.20),
    (0, 255, 0): (87.73, -86.18, 83.18),
    (0, 0, 255): (32.30, 79.19, -107.86),
}
SKIN = [(236, 200, 178), (205, 150, 120), (160, 105, 75), (125, 85, 62)]
OTHER = [(70, 120, 50), (90, 140, 210), (128, 128, 128), (250, 250, 250), (20, 16, 14)]


def flat(color, height=8, width=8):
    pixels = np.asarray(color, np.float32) / 127.5 - 1
    return np.broadcast_to(pixels, (height, width, 3)).astype(np.float32)


@pytest.mark.parametrize(("color", "lab"), KNOWN.items())
def test_corners_of_srgb(color, lab):
    np.testing.assert_allclose(cells_lab(flat(color))[0, 0], lab, atol=0.05)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (16, 24), (227, 227), (13, 30)])
def test_the_loss_and_the_figure_see_the_same_cells(height, width):
    picture = np.random.default_rng(0).uniform(-1.2, 1.2, (height, width, 3)).astype(np.float32)
    found = cells_lab(picture)
    assert found.shape == (-(-height // CELL), -(-width // CELL), 3)
    wanted = skin_loss.cells_lab(picture[np.newaxis]).numpy()[0]
    np.testing.assert_allclose(found, wanted, atol=2e-3)


def test_cells_lie_where_their_middles_are_said_to_be():
    ramp = np.linspace(-1, 1, 30, dtype=np.float32)
    means = cell_means(np.broadcast_to(ramp[:, None, None], (30, 8, 3)))[:, 0, 0]
    middles = cell_middles(30)
    assert len(middles) == len(means) == 4
    # Whole cells have the ramp's value in their middle; those at the borders have lost a part.
    inner = np.interp(middles[1:3] - 0.5, np.arange(30), 0.5 * ramp + 0.5)
    np.testing.assert_allclose(means[1:3], inner, atol=1e-5)


def test_skin_of_any_tone_and_nothing_else():
    assert all(is_skin(cells_lab(flat(color))).all() for color in SKIN)
    assert not any(is_skin(cells_lab(flat(color))).any() for color in OTHER)
