"""The colours of a painter: strengthened, warm in the light, blue in the shadows."""

import numpy as np

LUMINANCE = np.array([0.3, 0.59, 0.11], np.float32)
_SHADOW = np.array([0.09, 0.13, 0.36], np.float32)  # ultramarine instead of black
_LIGHT = np.array([1.0, 0.93, 0.66], np.float32)  # Naples yellow instead of white
_SATURATION = 1.55
_CONTRAST = 0.45


def painters_palette(rgb: np.ndarray) -> np.ndarray:
    """Shift the colours of a photograph towards a vivid palette.

    Args:
        rgb: uint8 [height, width, 3].

    Returns:
        float32 [height, width, 3] in [0, 1]; the same for the same colours everywhere.
    """
    color = rgb.astype(np.float32) / 255
    light = color @ LUMINANCE
    # A curve through (0, 0), (1/2, 1/2) and (1, 1) that is steepest in the middle.
    curved = light + _CONTRAST * light * (1 - light) * (2 * light - 1)
    color = curved[..., None] + (color - light[..., None]) * _SATURATION
    dark = np.clip(1 - curved * 2, 0, 1)[..., None] ** 1.5
    bright = np.clip(curved * 2 - 1, 0, 1)[..., None] ** 1.5
    color = color + 0.55 * dark * (_SHADOW - color) + 0.6 * bright * (_LIGHT - color)
    return np.clip(color, 0, 1)
