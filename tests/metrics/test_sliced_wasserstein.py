import numpy as np
import pytest

from style_gan_tf.metrics import sliced_wasserstein


def noise(count, size=64, seed=0, scale=0.2):
    return np.random.default_rng(seed).normal(0, scale, (count, size, size, 3)).astype(np.float32)


def test_equal_sets_are_at_distance_zero():
    assert sliced_wasserstein(noise(4), noise(4)) == 0.0


def test_an_equal_distribution_is_near_and_does_not_depend_on_the_count():
    near = sliced_wasserstein(noise(16), noise(16, seed=1))
    fewer = sliced_wasserstein(noise(16), noise(8, seed=2))
    far = sliced_wasserstein(noise(16), noise(16, seed=1, scale=0.4))
    assert near < 0.2 * far and fewer < 0.3 * far


def test_a_shift_of_two_flat_sets_in_closed_form():
    # Two flat sets at -a and a: after normalization they are -1 and 1 in every coordinate, at the
    # coarsest of three levels alone. A direction w sees the distance 2 |sum(w)|; its mean over
    # random unit vectors of dimension d is 2 * sqrt(2 d / pi) * c, with sum(w) ~ N(0, 1).
    low, high = (np.full((8, 64, 64, 3), v, np.float32) for v in (-0.3, 0.3))
    wanted = 2 * np.sqrt(2 / np.pi) / 3 * 1000
    assert sliced_wasserstein(low, high) == pytest.approx(wanted, rel=0.1)


def test_texture_is_seen_at_the_fine_level():
    flat = np.zeros((8, 64, 64, 3), np.float32)
    checks = flat.copy()
    checks[:, ::2, ::2] = checks[:, 1::2, 1::2] = 0.2
    checks[:, 1::2, ::2] = checks[:, ::2, 1::2] = -0.2
    assert sliced_wasserstein(flat, checks) > 100


def test_wrong_shapes():
    with pytest.raises(ValueError, match="cannot compare"):
        sliced_wasserstein(noise(2), noise(2, size=32))
    with pytest.raises(ValueError, match="cannot compare"):
        sliced_wasserstein(noise(2), noise(2)[:0])
