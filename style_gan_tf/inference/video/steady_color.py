"""Colours of another picture for a whole video."""

import numpy as np

from style_gan_tf.inference.color import ColorControl, ColorStatistics, MatchColor

_SHARE = 1 / 16  # of a new frame in the statistics of those before


class SteadyMatchColor(MatchColor):
    """Matches the colours of frames by the statistics of the last ones, not of each for itself.

    Else something that comes into view would change the colours of everything else.

    Args:
        match: How single pictures are matched.
    """

    def __init__(self, match: MatchColor) -> None:
        self.target = match.target
        self._mean: ColorStatistics | None = None

    def begin_scene(self) -> None:
        """Forget the frames before."""
        self._mean = None

    def measured(self, lab: np.ndarray, weights: np.ndarray | None) -> ColorStatistics:
        """Those of the frames so far, the later the more they count."""
        new = ColorStatistics.of(lab, weights)
        self._mean = new if self._mean is None else self._mean.mixed(new, _SHARE)
        return self._mean


def steady(color: ColorControl | None) -> ColorControl | None:
    """The colour control as it suits frames that follow one another."""
    return SteadyMatchColor(color) if isinstance(color, MatchColor) else color
