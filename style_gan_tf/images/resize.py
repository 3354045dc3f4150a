"""Resizing by the short side."""

import numpy as np
from PIL import Image


def resize_short_side(rgb: np.ndarray, size: int) -> np.ndarray:
    """Resize so that the short side is `size` pixels; the aspect stays (to a pixel's rounding).

    Bicubic, antialiased when shrinking.

    Args:
        rgb: uint8 [height, width, 3].
        size: The new short side in pixels, at least 1.

    Returns:
        uint8 [new height, new width, 3]; the same array when nothing is to be done.
    """
    height, width = rgb.shape[:2]
    short = min(height, width)
    if short == size:
        return rgb
    new = (max(1, round(width * size / short)), max(1, round(height * size / short)))
    resized = Image.fromarray(rgb).resize(new, Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.array(resized)
