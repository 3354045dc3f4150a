"""What goes through the stages of stylizing a video."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Frame:
    """One picture of a video.

    Attributes:
        rgb: uint8 `[height, width, 3]`, upright.
        time: When it is shown, in units of `Clip.time_base`.
        duration: For how long, likewise; 0: not known.
        repeated: It stands for one that could not be decoded.
    """

    rgb: np.ndarray
    time: int
    duration: int
    repeated: bool = False


@dataclass(frozen=True)
class Sound:
    """A packet of encoded sound, handed on as it is."""

    packet: Any


@dataclass(frozen=True)
class Clip:
    """What a video file says of its pictures.

    Attributes:
        size: Height and width of the upright frames.
        rotation: Degrees counterclockwise by which the frames as they are stored are to be turned.
        time_base: Seconds in a unit of time.
        rate: Frames a second, on average; None: not known.
        count: Frames, as far as is known; 0: not known.
        pixel_aspect: Width by height of a pixel, where it is told.
        matrix: How YUV becomes RGB, and
        primaries: of which primaries, and
        transfer: by which curve, as H.273 numbers them (2: not told).
        sounds: The streams of sound.
        metadata: Title and the like.
    """

    size: tuple[int, int]
    rotation: int
    time_base: Fraction
    rate: Fraction | None
    count: int
    pixel_aspect: Fraction | None
    matrix: int
    primaries: int
    transfer: int
    sounds: tuple[Any, ...]
    metadata: dict[str, str]
