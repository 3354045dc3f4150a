"""From the values that networks compute in to those that files and screens hold."""

from typing import Any

import numpy as np


def eight_bits(values: Any) -> np.ndarray:
    """[-1, 1] to 0..255, rounded; what lies beyond is clipped.

    Args:
        values: float, any shape; NaN has no meaning.

    Returns:
        uint8, the same shape.
    """
    return np.clip(np.rint((np.asarray(values) + 1.0) * 127.5), 0, 255).astype(np.uint8)
