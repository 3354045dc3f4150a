"""Arrays -> encoded pictures."""

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from style_gan_tf.errors import UserError
from style_gan_tf.images.decode import ImageError, Picture
from style_gan_tf.images.deep_png import encode_deep_png
from style_gan_tf.images.tiff import encode_tiff

_FORMAT_OF_SUFFIX = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".jpe": "jpeg",
    ".jfif": "jpeg",
    ".png": "png",
    ".webp": "webp",
    ".tif": "tiff",
    ".tiff": "tiff",
}


def format_of(path: str | os.PathLike[str]) -> str:
    """Name the format that a file's suffix asks for: "jpeg", "png", "webp" or "tiff".

    Raises:
        UserError: For a suffix of no format that can be written.
    """
    suffix = Path(path).suffix
    try:
        return _FORMAT_OF_SUFFIX[suffix.lower()]
    except KeyError:
        known = ", ".join(_FORMAT_OF_SUFFIX)
        raise UserError(
            f"{os.fspath(path)}: cannot write pictures as {suffix or 'a file without suffix'!r};"
            f" use one of {known}"
        ) from None


def encode(
    rgb: np.ndarray,
    alpha: np.ndarray | None = None,
    *,
    format: str,
    quality: int = 95,
    profile: bytes | None = None,
    exif: bytes | None = None,
) -> bytes:
    """Encode a picture.

    Args:
        rgb: uint8 or uint16 [height, width, 3]. PNG and TIFF keep the 16 bits, JPEG and WebP get
            8 of them.
        alpha: [height, width] of the same type or None. JPEG has none: the picture is composited
            on white.
        format: "jpeg", "png", "webp" or "tiff".
        quality: 1 to 100, of JPEG and WebP; WebP at 100 is lossless, as PNG and TIFF always are.
        profile: ICC profile to put in.
        exif: EXIF data to put in, as in `Picture`.

    Raises:
        UserError: For an unknown format.
        ImageError: When the format cannot hold the picture (WebP ends at 16383 pixels a side).
    """
    if rgb.dtype not in (np.uint8, np.uint16) or rgb.ndim != 3 or rgb.shape[-1] != 3:
        raise ValueError(
            f"expected uint8 or uint16 [height, width, 3], got {rgb.dtype} {list(rgb.shape)}"
        )
    options: dict[str, dict[str, object]] = {
        # Half-resolution colour would blur the edges between saturated brush strokes.
        "jpeg": {"quality": quality, "subsampling": 0 if quality >= 90 else 2},
        "png": {"compress_level": 4},
        "webp": {"quality": quality, "lossless": quality >= 100, "exact": True},
        "tiff": {},
    }
    if format not in options:
        raise UserError(f"unknown picture format {format!r}: use one of {', '.join(options)}")
    if format == "jpeg" and alpha is not None:
        rgb, alpha = Picture(rgb, alpha).on_white(), None
    pixels = rgb if alpha is None else np.dstack([rgb, alpha])
    file = io.BytesIO()
    try:
        if format == "tiff":
            return encode_tiff(pixels, profile, exif)
        if pixels.dtype == np.uint16:
            if format == "png":
                return encode_deep_png(pixels, profile, exif)
            pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
        kept = {"icc_profile": profile, "exif": exif}
        options[format] |= {name: data for name, data in kept.items() if data}
        Image.fromarray(np.ascontiguousarray(pixels)).save(file, format, **options[format])
    except (OSError, ValueError) as error:
        height, width = rgb.shape[:2]
        raise ImageError(f"cannot write {width} x {height} pixels as {format}: {error}") from error
    return file.getvalue()
