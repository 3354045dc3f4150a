"""Where a video goes over to another scene."""

import numpy as np

_STEP = 8  # every eighth pixel, down and across
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
        few = (rgb[::_STEP, ::_STEP] // (256 // _LEVELS)).astype(np.int64).reshape(-1, 3)
        colors = few @ np.array([_LEVELS**2, _LEVELS, 1])
        shares = np.bincount(colors, minlength=_LEVELS**3) / len(colors)
        last, self._last = self._last, shares
        return last is None or bool(0.5 * np.abs(shares - last).sum() > _DIFFERENT)
