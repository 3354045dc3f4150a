"""Stylizing one decoded picture: its size and its alpha channel stay as they are."""

import math
from typing import Protocol

import numpy as np

from style_gan_tf.errors import UsageError
from style_gan_tf.images import Picture


class Stylizes(Protocol):
    """What `stylize_picture` needs of a model."""

    def stylize(self, images: np.ndarray) -> np.ndarray:
        """`[batch, height, width, 3]` in [-1, 1] to the same."""


def check_strength(strength: float) -> float:
    """Return `strength`.

    Raises:
        UsageError: Unless it lies in [0, 1]; NaN does not.
    """
    if not (math.isfinite(strength) and 0.0 <= strength <= 1.0):
        raise UsageError(f"--strength={strength}: must lie between 0 and 1")
    return strength


def stylize_picture(model: Stylizes, picture: Picture, strength: float = 1.0) -> Picture:
    """Stylize one picture of any size.

    Strength blends the stylized pixels with those of the photo in [0, 1]. The network sees the
    picture on white, so that colours hidden under zero alpha cannot bleed into their
    surroundings; the white is taken out again after it, so that a picture on white looks like
    what the network painted.

    Args:
        model: What `load_model` gives.
        picture: uint8 RGB, with or without alpha.
        strength: 0 (the photo exactly) to 1 (fully stylized).

    Returns:
        A picture of the same size with the same alpha channel.

    Raises:
        UsageError: When strength lies outside [0, 1].
        OutOfMemory: When the picture is too large for the device.
    """
    if check_strength(strength) == 0.0:
        return picture
    photo = picture.on_white().astype(np.float32) / 255.0
    stylized = model.stylize(photo[np.newaxis] * 2.0 - 1.0)[0] * 0.5 + 0.5
    blended = photo + strength * (stylized - photo)
    if picture.alpha is not None:
        blended = _off_white(blended, picture.alpha)
    rgb = np.rint(np.clip(blended, 0.0, 1.0) * 255.0).astype(np.uint8)
    return Picture(rgb, picture.alpha)


def _off_white(composite: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The colours that give `composite` when laid on white with `alpha`, as near as they can.

    Args:
        composite: `[height, width, 3]` in [0, 1].
        alpha: uint8 `[height, width]`; where it is 0 the composite stands for the colour.
    """
    opacity = alpha[..., np.newaxis].astype(np.float32) / 255.0
    seen = opacity > 0.0
    return np.where(seen, 1.0 - (1.0 - composite) / np.where(seen, opacity, 1.0), composite)
