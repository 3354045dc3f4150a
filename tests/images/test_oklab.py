"""Oklab against its author's values, and colours that sRGB has not."""

import numpy as np

from style_gan_tf.images import oklab, rgb_of_oklab


def test_published_values():
    """Of XYZ white, and of the primaries (bottosson.github.io/posts/oklab)."""
    colors = np.float32([[1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    expected = [
        [1.0, 0.0, 0.0],
        [0.0, 0.0, 0.0],
        [0.6280, 0.2249, 0.1258],
        [0.8664, -0.2339, 0.1795],
        [0.4520, -0.0325, -0.3115],
    ]
    np.testing.assert_allclose(oklab(colors), expected, atol=2e-4)


def test_round_trip():
    colors = np.random.default_rng(0).uniform(0, 1, (30, 40, 3)).astype(np.float32)
    np.testing.assert_allclose(rgb_of_oklab(oklab(colors)), colors, atol=2e-4)


def test_what_srgb_has_not_keeps_lightness_and_hue():
    lab = np.random.default_rng(1).uniform((0.05, -0.4, -0.4), (0.95, 0.4, 0.4), (500, 3))
    rgb = rgb_of_oklab(lab)
    assert rgb.min() >= 0 and rgb.max() <= 1
    again = oklab(rgb)
    np.testing.assert_allclose(again[:, 0], lab[:, 0], atol=5e-3)
    chroma = np.hypot(again[:, 1], again[:, 2])
    turn = np.angle((again[:, 1] + 1j * again[:, 2]) / (lab[:, 1] + 1j * lab[:, 2]))
    assert np.abs(turn[chroma > 0.05]).max() < 0.05
    assert (chroma <= np.hypot(lab[:, 1], lab[:, 2]) + 1e-3).all()
    # As colourful as it can be: a twentieth more would not fit.
    outside = chroma < np.hypot(lab[:, 1], lab[:, 2]) - 1e-2
    more = again[outside] * (1.0, 1.05, 1.05)
    assert outside.sum() > 100
    assert (np.abs(oklab(rgb_of_oklab(more)) - more).max(-1) > 1e-3).mean() > 0.9
