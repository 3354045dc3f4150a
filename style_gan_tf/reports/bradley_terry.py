"""Strengths of models out of votes between two of them at a time."""

import dataclasses
from collections.abc import Sequence

import numpy as np

_STEPS = 100  # of Newton's method, which needs about ten
_95 = 1.959964  # standard deviations on either side that hold 95 % of a normal distribution


@dataclasses.dataclass(frozen=True)
class Duel:
    """One vote.

    Attributes:
        first: Place of a model.
        second: Place of another.
        score: 1 where the first was preferred, 0 where the second was, 0.5 for a tie.
        group: Votes of one group (one photo) may depend on each other.
    """

    first: int
    second: int
    score: float
    group: str


@dataclasses.dataclass(frozen=True)
class Strengths:
    """Strengths, geometric mean 1, with intervals that hold the true ones in 95 % of all tests.

    The first is preferred to the second with probability s1 / (s1 + s2). Not finite: a model, or
    several together, won or lost all its duels against the others, so that no strength is too
    great for it; then `value` and the limits are NaN.

    Attributes:
        value, low, high: float64 `[models]`.
    """

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def finite(self) -> bool:
        """Whether there are any."""
        return bool(np.isfinite(self.value).all())


def bradley_terry(duels: Sequence[Duel], models: int) -> Strengths:
    """The strengths that make the votes most likely (Bradley and Terry 1952).

    A tie is half a win for each. Intervals are normal ones of the logarithms, from the sandwich
    estimator of the variance over groups (White 1982; Liang and Zeger 1986), which holds when
    the votes on one photo resemble each other; with many groups of one vote each it is the inverse
    of the Hessian. They need two groups; else they are NaN.

    Args:
        duels: The votes.
        models: How many models there are.
    """
    nothing = np.full(models, np.nan)
    scores = np.zeros((models, models))
    for duel in duels:
        scores[duel.first, duel.second] += duel.score
        scores[duel.second, duel.first] += 1 - duel.score
    if not _connected(scores > 0):
        return Strengths(nothing, nothing, nothing)
    logs = _most_likely(scores)
    # The mean is fixed at zero, where the Hessian has no slope: the pseudo-inverse leaves it out.
    inverse = np.linalg.pinv(_hessian(scores, logs))
    slopes: dict[str, np.ndarray] = {}
    for duel in duels:
        slope = slopes.setdefault(duel.group, np.zeros(models))
        rest = duel.score - _sigmoid(logs[duel.first] - logs[duel.second])
        slope[duel.first] += rest
        slope[duel.second] -= rest
    count = len(slopes)
    spread = np.stack(list(slopes.values()))
    few = count / (count - 1) if count > 1 else np.nan
    variance = few * np.diag(inverse @ (spread.T @ spread) @ inverse)
    reach = _95 * np.sqrt(variance)
    return Strengths(np.exp(logs), np.exp(logs - reach), np.exp(logs + reach))


def share_interval(wins: float, votes: float) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which is sound also where it is 0 or 1.

    Args:
        wins: How many, ties as a half; of `votes` at least one.
    """
    share, square = wins / votes, _95**2 / votes
    middle = (share + square / 2) / (1 + square)
    reach = _95 * np.sqrt(share * (1 - share) / votes + square / votes / 4) / (1 + square)
    return max(float(middle - reach), 0.0), min(float(middle + reach), 1.0)


def _most_likely(scores: np.ndarray) -> np.ndarray:
    """Logarithms of the strengths, mean 0: Newton's method on a concave function."""
    logs = np.zeros(len(scores))
    together = scores + scores.T
    likelihood = _likelihood(scores, logs)
    for _ in range(_STEPS):
        expected = together * _sigmoid(logs[:, None] - logs[None])
        slope = (scores - expected).sum(axis=1)
        step = np.linalg.pinv(_hessian(scores, logs)) @ slope
        # Halved until it leads uphill: the first steps may go too far.
        while _likelihood(scores, logs + step) < likelihood and np.abs(step).max() > 1e-12:
            step = step / 2
        logs = logs + step
        logs -= logs.mean()
        likelihood = _likelihood(scores, logs)
        if np.abs(step).max() < 1e-12:
            break
    return logs


def _likelihood(scores: np.ndarray, logs: np.ndarray) -> float:
    return float(-(scores * np.logaddexp(0, logs[None] - logs[:, None])).sum())


def _hessian(scores: np.ndarray, logs: np.ndarray) -> np.ndarray:
    """The negative second derivatives of the logarithm of the likelihood."""
    chance = _sigmoid(logs[:, None] - logs[None])
    weights = (scores + scores.T) * chance * (1 - chance)
    return np.diag(weights.sum(axis=1)) - weights


def _sigmoid(x: np.ndarray | float) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(x)))


def _connected(beats: np.ndarray) -> bool:
    """Whether wins lead from every model to every other; else no strengths are best (Ford 1957)."""
    reach = beats | np.eye(len(beats), dtype=bool)
    for _ in range(len(beats)):
        reach = reach | ((reach.astype(int) @ reach.astype(int)) > 0)
    return bool(reach.all())
