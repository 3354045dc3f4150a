"""Moments of parts, merged, are those of the whole."""

import functools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from style_gan_tf.inference.moments import Moments


def of(values: np.ndarray) -> Moments:
    values = values.astype(np.float64)
    return Moments(len(values), values.mean(axis=0), values.var(axis=0))


@given(
    counts=st.lists(st.integers(1, 40), min_size=1, max_size=6), offset=st.sampled_from([0, 1e6])
)
@settings(deadline=None, derandomize=True)
def test_merged_is_numpys_of_all(counts: list[int], offset: float) -> None:
    random = np.random.default_rng(len(counts))
    parts = [offset + random.normal(i, 1.0 + i, (n, 3)) for i, n in enumerate(counts)]
    merged = functools.reduce(Moments.merged, map(of, parts))
    whole = of(np.concatenate(parts))
    assert merged.count == whole.count
    np.testing.assert_allclose(merged.mean, whole.mean, rtol=1e-12)
    np.testing.assert_allclose(merged.variance, whole.variance, rtol=1e-9, atol=1e-9)
