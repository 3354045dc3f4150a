"""Where a video goes over to another scene."""

import math

import numpy as np

_LOOKED_AT = 20_000  # pixels, about
_LEVELS = 4  # of each colour
_DIFFERENT = 0.35  # of the pixels have another colour than in the frame before


class SceneCuts:
    """Compares each frame with the one before by the frequency of its colours.

    Motion hardly changes that, a cut does, as it does the normalization statistics.
    """

    def __init__(self) -> None:
        self._last: np.ndarray | None = None

    def is_cut(self, rgb: np.ndarray) -> bool:
        """Whether a new scene begins with this frame; the first one does begin one.

        Args:
            rgb: uint8 `[height, width, 3]`.
        """
        step = max(1, math.isqrt(rgb[..., 0].size // _LOOKED_AT))
        few = (rgb[::step, ::step] // (256 // _LEVELS)).astype(np.int64).reshape(-1, 3)
        colors = few @ np.array([_LEVELS**2, _LEVELS, 1])
        shares = np.bincount(colors, minlength=_LEVELS**3) / len(colors)
        last, self._last = self._last, shares
        return last is None or bool(0.5 * np.abs(shares - last).sum() > _DIFFERENT)
