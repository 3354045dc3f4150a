"""KID: kernel inception distance, over any extractor's features."""

from typing import NamedTuple

import numpy as np

from style_gan_tf.metrics.half_sets import spread

_SUBSETS = 100
_LARGEST = 1000  # pictures in a subset


class Estimate(NamedTuple):
    """A figure and its standard error; NaN where there are too few pictures to tell."""

    value: float
    error: float


def kernel_distance(
    real: np.ndarray,
    fake: np.ndarray,
    *,
    real_groups: np.ndarray | None = None,
    fake_groups: np.ndarray | None = None,
    subsets: int = _SUBSETS,
    seed: int = 0,
) -> Estimate:
    """KID times 1000: squared maximum mean discrepancy between two sets of embeddings.

    Binkowski et al. 2018, section 4: the unbiased estimator with the kernel
    `(x . y / dimensions + 1)^3`, averaged over random subsets. Each subset is half of each set's
    pictures (at most 1000), so that the deviation between subsets is the standard error of the
    whole (`half_sets`). Smaller is better; of equal distributions it is 0 on average and can be
    below.

    Args:
        real: float `[n, dimensions]`, n from 2 on.
        fake: float `[m, dimensions]`, m from 2 on.
        real_groups: int `[n]`: which picture each vector is of, where pictures give several crops:
            crops of one picture are alike, so that pairs of them are left out, and halves are
            drawn of pictures; None: each its own.
        fake_groups: int `[m]`, likewise.
        subsets: How many are drawn; 1 takes both sets whole and knows no error.
        seed: Of the subsets.

    Raises:
        ValueError: When a set has vectors of fewer than two pictures, or the dimensions differ.
    """
    sides = [np.asarray(side, np.float64) for side in (real, fake)]
    groups = [
        np.arange(len(side)) if given is None else np.unique(given, return_inverse=True)[1]
        for side, given in zip(sides, (real_groups, fake_groups), strict=True)
    ]
    counts = [int(group.max(initial=-1)) + 1 for group in groups]
    if min(counts) < 2 or real.shape[1:] != fake.shape[1:]:
        raise ValueError(f"cannot compare embeddings {real.shape} with {fake.shape}")
    fewest = min(counts)
    if subsets == 1 or fewest < 4:
        return Estimate(1000.0 * _unbiased(sides, groups), float("nan"))
    draw = np.random.default_rng(seed)
    halves = [min(count // 2, _LARGEST) for count in counts]
    values = []
    for _ in range(subsets):
        chosen = [
            np.isin(group, draw.permutation(count)[:half])
            for group, count, half in zip(groups, counts, halves, strict=True)
        ]
        values.append(
            _unbiased(
                [side[mask] for side, mask in zip(sides, chosen, strict=True)],
                [group[mask] for group, mask in zip(groups, chosen, strict=True)],
            )
        )
    error = spread(values, fewest, min(halves))
    return Estimate(1000.0 * float(np.mean(values)), 1000.0 * error)


def _unbiased(sides: list[np.ndarray], groups: list[np.ndarray]) -> float:
    """The unbiased estimator: pairs of a picture with itself are left out."""
    between = _kernel(*sides).mean()
    within = sum(_within(side, group) for side, group in zip(sides, groups, strict=True))
    return float(within - 2.0 * between)


def _within(side: np.ndarray, group: np.ndarray) -> float:
    others = group[:, None] != group[None, :]
    return float(_kernel(side, side)[others].mean())


def _kernel(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left @ right.T / left.shape[1] + 1.0) ** 3
