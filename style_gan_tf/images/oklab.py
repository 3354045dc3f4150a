"""Oklab: colours by lightness and two opponent axes, even to the eye (Ottosson 2020)."""

import numpy as np

from style_gan_tf.images.color_profile import linear_from_srgb, srgb_from_linear

# bottosson.github.io/posts/oklab: linear sRGB to cone responses, and their cube roots to Lab.
_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_TO_CONES, _TO_LAB, _FROM_CONES, _FROM_LAB = (
    matrix.T.astype(np.float32)
    for matrix in (_CONES, _LAB, np.linalg.inv(_CONES), np.linalg.inv(_LAB))
)
_SLACK = np.float32(2e-6)  # beyond [0, 1] in linear light: rounding
_HALVINGS = 12


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Oklab of sRGB.

    Args:
        rgb: float `[..., 3]`, in [0, 1].

    Returns:
        float32 `[..., 3]`: lightness, 0 (black) to 1 (white); green to red and blue to yellow,
        within 0.4 of 0, which is grey.
    """
    return np.cbrt(linear_from_srgb(rgb) @ _TO_CONES) @ _TO_LAB


def rgb_of_oklab(lab: np.ndarray) -> np.ndarray:
    """The sRGB colours of Oklab, float32 `[..., 3]` in [0, 1].

    Where sRGB has no such colour, the most colourful one of the same lightness and hue: clipping
    each channel would shift both.
    """
    lab = np.array(lab, np.float32)
    np.clip(lab[..., 0], 0.0, 1.0, out=lab[..., 0])
    light = _linear(lab)
    outside = ((light < -_SLACK) | (light > 1.0 + _SLACK)).any(-1)
    if outside.any():
        light[outside] = _linear(_less_colorful(lab[outside]))
    return srgb_from_linear(np.clip(light, 0.0, 1.0))


def _linear(lab: np.ndarray) -> np.ndarray:
    return (lab @ _FROM_LAB) ** 3 @ _FROM_CONES


def _less_colorful(lab: np.ndarray) -> np.ndarray:
    """Colours `[n, 3]` drawn towards the grey of their lightness until sRGB has them."""
    low, high = np.zeros(len(lab), np.float32), np.ones(len(lab), np.float32)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        light = _linear(_scaled(lab, middle))
        fits = ((light >= -_SLACK) & (light <= 1.0 + _SLACK)).all(-1)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    return _scaled(lab, low)


def _scaled(lab: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.stack([lab[:, 0], lab[:, 1] * share, lab[:, 2] * share], -1)
