"""Reading 16 bits a channel, of which Pillow by itself keeps 8."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageFile, TiffImagePlugin

_HIGH_FIRST = {"B": True, "L": False, "N": sys.byteorder == "big"}
_PLANES = 2  # a TIFF's planar configuration


def is_deep(image: ImageFile.ImageFile) -> bool:
    """Whether an opened, not yet loaded picture has colours of 16 bits a channel."""
    return image.mode in ("RGB", "RGBA") and bool(image.tile) and _depth(image) == 16


def read_deep(
    open_: Callable[[], ImageFile.ImageFile], turn: Callable[[Image.Image], Image.Image]
) -> np.ndarray:
    """Read all 16 bits of a picture that `is_deep`.

    Pillow keeps the high byte of each value. So the picture is read twice, the second time as if
    the bytes lay the other way round.

    Args:
        open_: Opens the picture anew.
        turn: Turns a loaded picture upright.

    Returns:
        uint16 `[height, width, channels]`: 2 channels are grey and alpha, 3 RGB, 4 RGB and alpha.
        Colours are not multiplied by alpha.

    Raises:
        ValueError: For a TIFF whose channels lie apart.
    """
    first = open_()
    tags = getattr(first, "tag_v2", {})
    if tags.get(TiffImagePlugin.PLANAR_CONFIGURATION) == _PLANES:
        raise ValueError("16 bits and a plane for each channel; save it interleaved")
    layout, order = _raw_mode(first.tile[0]).split(";16")
    if layout == "LA":
        # Both bytes of both channels, as Pillow has no other way to the low ones.
        halves = np.asarray(turn(_load(open_(), "RGBA"))).astype(np.uint16)
        return halves[..., ::2] << 8 | halves[..., 1::2]
    high_first = _HIGH_FIRST[order]
    # RGBa, multiplied by alpha, is undone below: of bytes alone it cannot be.
    plain = "RGBA" if layout == "RGBa" else layout
    high = np.asarray(turn(_load(open_(), f"{plain};16{'B' if high_first else 'L'}")))
    low = np.asarray(turn(_load(open_(), f"{plain};16{'L' if high_first else 'B'}")))
    pixels = high.astype(np.uint16) << 8 | low
    return _divided(pixels) if layout == "RGBa" else pixels


def _depth(image: ImageFile.ImageFile) -> int:
    tags = getattr(image, "tag_v2", None)
    if tags is not None and image.format == "TIFF":
        return max(tags.get(TiffImagePlugin.BITSPERSAMPLE, (8,)))
    return 16 if ";16" in _raw_mode(image.tile[0]) else 8


def _raw_mode(tile: Any) -> str:
    args = tile.args
    return str(args if isinstance(args, str) else args[0])


def _load(image: ImageFile.ImageFile, raw_mode: str) -> Image.Image:
    """Load a picture, taking its values' bytes as `raw_mode` says."""
    image.tile = [tile._replace(args=_with_mode(tile.args, raw_mode)) for tile in image.tile]
    image.load()
    return image


def _with_mode(args: Any, raw_mode: str) -> Any:
    return raw_mode if isinstance(args, str) else (raw_mode, *args[1:])


def _divided(pixels: np.ndarray) -> np.ndarray:
    """Colours multiplied by alpha, uint16 `[height, width, 4]`, to colours that are not."""
    alpha = pixels[..., 3:].astype(np.float32)
    colors = pixels[..., :3] * (65535.0 / np.maximum(alpha, 1.0))
    return np.dstack([np.minimum(np.rint(colors), 65535.0).astype(np.uint16), pixels[..., 3]])
