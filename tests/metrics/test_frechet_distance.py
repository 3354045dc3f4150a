import numpy as np
import pytest
from scipy import linalg

from style_gan_tf.metrics import frechet_distance


def draw(count, dimensions=8, seed=0, shift=0.0, scale=1.0):
    rng = np.random.default_rng(seed)
    mixing = rng.normal(0, 1, (dimensions, dimensions))
    return shift + scale * rng.normal(0, 1, (count, dimensions)) @ mixing


def with_scipy(real, fake):
    left, right = (np.cov(side, rowvar=False) for side in (real, fake))
    root = linalg.sqrtm(left @ right).real
    apart = np.sum((real.mean(axis=0) - fake.mean(axis=0)) ** 2)
    return apart + np.trace(left + right - 2 * root)


def test_agrees_with_the_matrix_root_of_scipy():
    real, fake = draw(60), draw(45, seed=3, shift=0.4, scale=1.3)
    assert frechet_distance(real, fake) == pytest.approx(with_scipy(real, fake), rel=1e-6)


def test_closed_forms():
    real = draw(30)
    assert frechet_distance(real, real) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(real, real + 2) == pytest.approx(4 * real.shape[1], rel=1e-6)
    # One dimension: (m - m')^2 + (s - s')^2.
    one, other = np.array([[0.0], [2.0], [4.0]]), np.array([[1.0], [2.0], [3.0]])
    assert frechet_distance(one, other) == pytest.approx((2 - 1) ** 2, rel=1e-6)


def test_both_ways_to_the_overlap_agree():
    """As many pictures as dimensions: the small matrix; one more: the root."""
    real, fake = draw(9), draw(30, seed=3, shift=0.4)
    assert frechet_distance(real[:8], fake) == pytest.approx(with_scipy(real[:8], fake), rel=1e-4)
    assert frechet_distance(real, fake) == pytest.approx(with_scipy(real, fake), rel=1e-4)


def test_fewer_pictures_than_dimensions():
    value = frechet_distance(draw(4, dimensions=20), draw(5, dimensions=20, seed=1))
    assert np.isfinite(value) and value > 0


def test_too_few():
    with pytest.raises(ValueError, match="cannot compare"):
        frechet_distance(draw(1), draw(5))
