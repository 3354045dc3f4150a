"""KID: kernel inception distance, over any extractor's features."""

from typing import NamedTuple

import numpy as np

_SUBSETS = 100
_LARGEST = 1000  # pictures in a subset


class Estimate(NamedTuple):
    """A figure and its standard error; NaN where there are too few pictures to tell."""

    value: float
    error: float


def kernel_distance(
    real: np.ndarray, fake: np.ndarray, *, subsets: int = _SUBSETS, seed: int = 0
) -> Estimate:
    """KID times 1000: squared maximum mean discrepancy between two sets of embeddings.

    Binkowski et al. 2018, section 4: the unbiased estimator with the kernel
    `(x . y / dimensions + 1)^3`, averaged over random subsets. Each subset is half of each set
    (at most 1000), so that the deviation between subsets is the standard error of the whole
    (the delete-half jackknife; Shao and Wu 1989); of larger sets it is scaled accordingly.
    Smaller is better; of equal distributions it is 0 on average and can be below.

    Args:
        real: float `[n, dimensions]`, n from 2 on.
        fake: float `[m, dimensions]`, m from 2 on.
        subsets: How many are drawn; 1 takes both sets whole and knows no error.
        seed: Of the subsets.

    Raises:
        ValueError: When a set has fewer than two vectors, or the dimensions differ.
    """
    if min(len(real), len(fake)) < 2 or real.shape[1:] != fake.shape[1:]:
        raise ValueError(f"cannot compare embeddings {real.shape} with {fake.shape}")
    real, fake = np.asarray(real, np.float64), np.asarray(fake, np.float64)
    if subsets == 1 or min(len(real), len(fake)) < 4:
        return Estimate(1000.0 * _unbiased(real, fake), float("nan"))
    draw = np.random.default_rng(seed)
    halves = [min(len(side) // 2, _LARGEST) for side in (real, fake)]
    values = [
        _unbiased(
            *(
                side[draw.permutation(len(side))[:half]]
                for side, half in zip((real, fake), halves, strict=True)
            )
        )
        for _ in range(subsets)
    ]
    fewest = min(len(real), len(fake))
    half = min(halves)
    error = np.std(values, ddof=1) * np.sqrt(half / (fewest - half))
    return Estimate(1000.0 * float(np.mean(values)), 1000.0 * float(error))


def _unbiased(real: np.ndarray, fake: np.ndarray) -> float:
    """The unbiased estimator: pairs of a vector with itself are left out."""
    between = _kernel(real, fake).mean()
    return float(_within(real) + _within(fake) - 2.0 * between)


def _within(side: np.ndarray) -> float:
    kernel = _kernel(side, side)
    return float((kernel.sum() - np.trace(kernel)) / (len(side) * (len(side) - 1)))


def _kernel(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left @ right.T / left.shape[1] + 1.0) ** 3
