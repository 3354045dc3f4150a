"""Mean and variance of feature maps, from parts that are measured one after another."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Moments:
    """What one normalization layer measured over some part of a picture.

    Attributes:
        count: Places that it was taken over.
        mean: float64 `[channels]`.
        variance: The same, biased.
    """

    count: int
    mean: np.ndarray
    variance: np.ndarray

    def merged(self, other: "Moments") -> "Moments":
        """Those of both parts together (Chan, Golub and LeVeque 1983, formula 2.1).

        No squares of large means are subtracted from one another, as with plain sums.
        """
        count = self.count + other.count
        share = other.count / count
        step = other.mean - self.mean
        variance = (
            self.variance * (1.0 - share)
            + other.variance * share
            + step**2 * (share * (1.0 - share))
        )
        return Moments(count, self.mean + step * share, variance)
