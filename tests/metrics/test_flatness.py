import numpy as np
import pytest

from style_gan_tf.metrics import flatness


def noise(seed=0, size=64):
    return np.random.default_rng(seed).uniform(-1, 1, (size, size, 1))


def picture(values):
    return np.broadcast_to(values, (*values.shape[:2], 3)).astype(np.float32)


def areas(size=64):
    edge = np.where(np.arange(size) < size // 2, -0.6, 0.6)
    return edge[:, None, None] * np.where(np.arange(size) < size // 2, 1, 0.5)[None, :, None]


def test_areas_are_flat_and_texture_in_them_is_not():
    flat = flatness(picture(areas()))
    textured = [flatness(picture(areas() + strength * noise())) for strength in (0.02, 0.05, 0.2)]
    assert flat > 0.6
    # Texture as strong as the contours would make borders everywhere.
    assert max(textured) < 0.5


def test_a_blurred_edge_lies_in_no_border():
    ramp = np.broadcast_to(np.linspace(-0.6, 0.6, 64)[:, None, None], (64, 64, 1))
    assert flatness(picture(ramp)) < 0.1


def test_contrast_plays_no_part():
    values = areas() + 0.1 * noise()
    wanted = flatness(picture(values))
    assert flatness(picture(0.3 * values + 0.2)) == pytest.approx(wanted, abs=1e-3)
    assert flatness(picture(-values)) == pytest.approx(wanted, abs=1e-3)


def test_one_colour_is_as_flat_as_can_be():
    assert flatness(picture(np.full((16, 16, 1), 0.3))) == 1.0
    assert 0.0 <= flatness(picture(noise(size=2))) <= 1.0
