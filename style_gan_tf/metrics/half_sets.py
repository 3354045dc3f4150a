"""How uncertain a figure of two sets is: its spread over random halves of both.

The delete-half jackknife (Shao and Wu 1989, "A General Theory for Jackknife Variance Estimation").
Of a mean over n pictures, a random half without replacement has the variance
`s^2 / h * (n - h) / n`, and the whole set `s^2 / n`: the deviation between halves times the root of
`h / (n - h)` is the whole set's standard error, so of equal halves the deviation itself. The
deviation between subsets over the root of their number says how well their mean is known, not the
figure: it shrinks with patience and not with pictures.
"""

from collections.abc import Callable, Iterator

import numpy as np

_FEWEST = 4  # pictures of a set, or there is no spread to see


def half_masks(groups: np.ndarray, draws: int, seed: int = 0) -> np.ndarray:
    """Random halves of a set.

    Args:
        groups: int `[members]`: which picture each member is cut from; members of one picture
            stay together, for they are alike and not so many independent ones.
        draws: How many halves.
        seed: Of the draws.

    Returns:
        bool `[draws, members]`: half of the pictures (of an odd number the smaller half).
    """
    names, places = np.unique(groups, return_inverse=True)
    draw = np.random.default_rng(seed)
    chosen = np.zeros((draws, len(names)), bool)
    for row in chosen:
        row[draw.permutation(len(names))[: len(names) // 2]] = True
    return chosen[:, places]


def spread(values: list[float], pictures: int, half: int | None = None) -> float:
    """The standard error of a figure of so many pictures, from its values over halves of them.

    Args:
        values: The figure of each half.
        pictures: Of the smaller set.
        half: Of them in each half, where it is less than that.

    Returns:
        NaN where there are too few pictures to tell.
    """
    if pictures < _FEWEST:
        return float("nan")
    half = half or pictures // 2
    return float(np.std(values, ddof=1) * np.sqrt(half / (pictures - half)))


def half_spread(
    figure: Callable[[np.ndarray, np.ndarray], float],
    left: np.ndarray,
    right: np.ndarray,
    draws: int,
    seed: int = 0,
) -> float:
    """The standard error of a figure of two sets.

    Args:
        figure: From the members chosen of both, bool `[members]` each.
        left: Which picture each member of the first set is cut from; see `half_masks`.
        right: The same of the second.
        draws: How many halves; the error itself is known to 1 part in the root of twice that.
        seed: Of the draws.

    Returns:
        NaN where a set has fewer than four pictures.
    """
    pictures = min(len(np.unique(groups)) for groups in (left, right))
    if pictures < _FEWEST:
        return float("nan")
    values = [figure(one, other) for one, other in _pairs(left, right, draws, seed)]
    return spread(values, pictures)


def _pairs(
    left: np.ndarray, right: np.ndarray, draws: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    # Seeds apart, or sets of equally many pictures would be halved alike.
    yield from zip(half_masks(left, draws, seed), half_masks(right, draws, seed + 1), strict=True)
