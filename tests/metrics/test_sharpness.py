import numpy as np
import pytest

from style_gan_tf.metrics import detail_levels, sharpness


def noise(seed, height=64, width=64):
    grey = np.random.default_rng(seed).normal(0, 0.2, (height, width, 1))
    return np.broadcast_to(grey, (height, width, 3)).astype(np.float32)


def blurred(picture):
    """Means of 3 pixels across: what passes at a frequency f is (1 + 2 cos 2 pi f) / 3."""
    return (np.roll(picture, 1, 1) + picture + np.roll(picture, -1, 1)) / 3


def test_white_noise_has_its_variance_in_every_octave():
    levels = detail_levels([noise(seed, 128, 96) for seed in range(4)])
    np.testing.assert_allclose(levels, 10 * np.log10(0.2**2), atol=0.3)


def test_half_the_amplitude_is_six_decibels_less():
    level, half = detail_levels([noise(0), 0.5 * noise(0)])
    assert level - half == pytest.approx(20 * np.log10(2), abs=1e-3)


def test_brightness_is_no_detail():
    plain, bright = detail_levels([noise(0), noise(0) + np.float32(0.5)])
    assert plain == pytest.approx(bright, abs=1e-3)
    assert detail_levels([np.full((32, 32, 3), 0.3, np.float32)])[0] == pytest.approx(-100)


def test_softer_is_below_zero_and_sharper_above():
    real, same, other = (detail_levels([noise(s + n) for s in range(12)]) for n in (0, 50, 100))
    soft = detail_levels([blurred(noise(s)) for s in range(12)])
    value, error = sharpness(same, real)
    assert abs(value) < 4 * error
    assert error == pytest.approx(np.sqrt(same.var(ddof=1) / 12 + real.var(ddof=1) / 12))
    assert sharpness(soft, real)[0] < -2 and sharpness(other, soft)[0] > 2
    assert np.isnan(sharpness(same[:1], real)[1])
