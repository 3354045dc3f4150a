"""Stylizing one decoded picture: its size and its alpha channel stay as they are."""

import dataclasses
import math
from typing import Protocol, runtime_checkable

import numpy as np

from style_gan_tf.errors import UsageError
from style_gan_tf.images import ColorProfile, Picture, read_profile
from style_gan_tf.inference.color import ColorControl


class Stylizes(Protocol):
    """What `stylize_picture` needs of a model."""

    def stylize(self, images: np.ndarray) -> np.ndarray:
        """`[batch, height, width, 3]` in [-1, 1] to the same."""


@runtime_checkable
class Dials(Stylizes, Protocol):
    """A model that paints weaker by itself, unless its style is None."""

    style: np.ndarray | None

    def at_strength(self, strength: float) -> Stylizes:
        """The same with less of its style."""


def check_strength(strength: float) -> float:
    """Return `strength`.

    Raises:
        UsageError: Unless it lies in [0, 1]; NaN does not.
    """
    if not (math.isfinite(strength) and 0.0 <= strength <= 1.0):
        raise UsageError(f"--strength={strength}: must lie between 0 and 1")
    return strength


def at_strength(model: Stylizes, strength: float) -> tuple[Stylizes, bool]:
    """What stylizes at a strength; and whether it does, or pixels are left to be blended.

    A model of several styles takes less of them (`Dials.at_strength`). Others know one strength.
    """
    if isinstance(model, Dials) and model.style is not None:
        return model.at_strength(strength), True
    return model, False


def stylize_picture(
    model: Stylizes,
    picture: Picture,
    strength: float = 1.0,
    color: ColorControl | None = None,
) -> Picture:
    """Stylize one picture of any size.

    Strength multiplies the style weights of a model of several styles, and blends the stylized
    pixels of others with those of the photo in [0, 1]. The network sees the
    picture on white, so that colours hidden under zero alpha cannot bleed into their
    surroundings; the white is taken out again after it, so that a picture on white looks like
    what the network painted. It sees sRGB, whatever the picture's colour profile is.

    Args:
        model: What `load_model` gives; for a picture of 16 bits in float32, since bfloat16 has 8.
        picture: RGB, with or without alpha.
        strength: 0 (the photo exactly) to 1 (fully stylized).
        color: Changes the colours of what the network gives.

    Returns:
        A picture of the same size with the same depth, alpha channel, profile and EXIF.

    Raises:
        UsageError: When strength lies outside [0, 1].
        OutOfMemory: When the picture is too large for the device.
    """
    if check_strength(strength) == 0.0:
        return picture
    chosen, blended = at_strength(model, strength)
    stylized = chosen.stylize(prepare(picture))[0]
    return finish(picture, stylized, strength, color, blended=blended)


def prepare(picture: Picture) -> np.ndarray:
    """What the network is shown: float32 `[1, height, width, 3]`, sRGB in [-1, 1]."""
    profile = _other_profile(picture)
    if profile is None:
        images = picture.on_white().astype(np.float32)[np.newaxis]
        images *= np.float32(2.0 / picture.white)
    else:
        images = np.clip(profile.to_srgb(_on_white(picture)), 0.0, 1.0)[np.newaxis]
        images *= np.float32(2.0)
    images -= np.float32(1.0)
    return images


def finish(
    picture: Picture,
    stylized: np.ndarray,
    strength: float = 1.0,
    color: ColorControl | None = None,
    *,
    blended: bool = False,
) -> Picture:
    """The picture that the network's answer to `prepare` makes.

    Args:
        picture: The photo.
        stylized: float32 `[height, width, 3]` in [-1, 1].
        strength: See `stylize_picture`.
        color: See `stylize_picture`.
        blended: The network gave its answer at that strength; see `at_strength`.
    """
    painted = stylized * np.float32(0.5)
    painted += np.float32(0.5)
    profile = _other_profile(picture)
    if color is not None:
        photo = _on_white(picture)
        srgb = photo if profile is None else np.clip(profile.to_srgb(photo), 0.0, 1.0)
        painted = color(painted, srgb, picture.alpha, strength if blended else 1.0)
    if profile is not None:
        painted = profile.from_srgb(painted)
    if strength < 1.0 and not blended:
        photo = _on_white(picture)
        painted = photo + np.float32(strength) * (painted - photo)
    if picture.alpha is not None:
        painted = _off_white(painted, picture.alpha)
    painted *= np.float32(picture.white)
    np.rint(painted, out=painted)
    np.clip(painted, 0.0, picture.white, out=painted)
    return dataclasses.replace(picture, rgb=painted.astype(picture.rgb.dtype))


def _other_profile(picture: Picture) -> ColorProfile | None:
    """The picture's colour profile, where it is not sRGB."""
    profile = read_profile(picture.profile) if picture.profile else None
    return None if profile is None or profile.is_srgb else profile


def _on_white(picture: Picture) -> np.ndarray:
    """The picture on white in [0, 1], float32, in its own profile."""
    return picture.on_white() * np.float32(1.0 / picture.white)


def _off_white(composite: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The colours that give `composite` when laid on white with `alpha`, as near as they can.

    Args:
        composite: `[height, width, 3]` in [0, 1].
        alpha: uint8 or uint16 `[height, width]`; where it is 0 the composite stands for the colour.
    """
    opacity = alpha[..., np.newaxis].astype(np.float32) / np.float32(np.iinfo(alpha.dtype).max)
    seen = opacity > 0.0
    return np.where(seen, 1.0 - (1.0 - composite) / np.where(seen, opacity, 1.0), composite)
