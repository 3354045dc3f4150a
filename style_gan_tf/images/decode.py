"""Encoded pictures of every common kind -> 8-bit RGB arrays."""

import dataclasses
import io
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageOps

from style_gan_tf.errors import UserError

DEFAULT_MAX_PIXELS = 200_000_000  # the largest telephone cameras; 600 MB as 8-bit RGB
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")
_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that exchange width and height


class ImageError(UserError):
    """A picture that cannot be read or written: broken, empty, too large or of another kind."""


@dataclasses.dataclass(frozen=True)
class Picture:
    """A decoded picture, upright.

    Attributes:
        rgb: uint8 [height, width, 3], sRGB; not multiplied by alpha.
        alpha: uint8 [height, width], 255 is opaque; None for a picture without transparency.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None = None

    def on_white(self) -> np.ndarray:
        """Composite on white: uint8 [height, width, 3]."""
        if self.alpha is None:
            return self.rgb
        alpha = self.alpha[..., None].astype(np.uint16)
        blended = self.rgb * alpha + 255 * (255 - alpha)
        return ((blended + 127) // 255).astype(np.uint8)


def read_size(data: bytes | BinaryIO, name: str = "") -> tuple[int, int]:
    """Read (width, height) in pixels, EXIF orientation applied, from the header alone.

    Args:
        data: The encoded picture or a binary file at its beginning.
        name: What the error calls the picture.

    Raises:
        ImageError: When there is no header of a known format.
    """
    try:
        image = _open(data)
        width, height = image.size
        sideways = _orientation(image) in _SIDEWAYS
    except Exception as error:
        raise _unreadable(name, error) from error
    return (height, width) if sideways else (width, height)


def decode(
    data: bytes,
    *,
    name: str = "",
    max_pixels: int = DEFAULT_MAX_PIXELS,
    at_least: int | None = None,
) -> Picture:
    """Decode a JPEG, PNG, WebP, TIFF, GIF or BMP picture; of an animation, the first frame.

    Grey, palette, CMYK, 1-bit, 16-bit and float pictures become 8-bit RGB; float values count as
    [0, 1] where none is above 1, as [0, 255] or [0, 65535] otherwise. Colour profiles are ignored.

    Args:
        data: The encoded picture.
        name: What errors call the picture.
        max_pixels: The limit for width * height, checked on the header before decoding.
        at_least: A short side in pixels that suffices. A JPEG may then be decoded at a half,
            a quarter or an eighth of its size, never below that short side; it saves most of the
            time of a large photograph.

    Returns:
        The picture, turned upright by its EXIF orientation.

    Raises:
        ImageError: For data that are empty, truncated, too large or no picture.
    """
    try:
        image = _open(data)
    except Exception as error:
        raise _unreadable(name, error) from error
    width, height = image.size
    if width * height > max_pixels:
        raise ImageError(
            f"{_called(name)}: {width} x {height} pixels are above the limit of {max_pixels};"
            " shrink the picture or raise the limit"
        )
    try:
        if at_least is not None and image.format in ("JPEG", "MPO"):
            image.draft(None, (at_least, at_least))
        image.load()
        return _to_picture(ImageOps.exif_transpose(image))
    # Pillow's plugins let struct.error, SyntaxError, KeyError, zlib.error and more escape from
    # hostile data: whatever comes out of them means that this picture cannot be read.
    except Exception as error:
        raise _unreadable(name, error) from error


def _open(data: bytes | BinaryIO) -> Image.Image:
    """Parse the header with the plugin that accepts it.

    Image.open would add a pixel limit of its own, as a warning or an error, and a list of
    formats that is longer than what is meant to be read here.
    """
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    start = file.read(16)
    file.seek(0)
    if not start:
        raise ValueError("the file is empty")
    Image.preinit()
    if not all(format_ in Image.OPEN for format_ in FORMATS):
        Image.init()
    for format_ in FORMATS:
        factory, accepts = Image.OPEN.get(format_, (None, None))
        # `accepts` returns a text where it knows the format but Pillow was built without it.
        if factory is not None and accepts is not None and accepts(start) is True:
            return factory(file, "")
    raise ValueError(f"not one of {', '.join(FORMATS)}")


def _orientation(image: Image.Image) -> int:
    if image.format == "TIFF":
        return 1  # its plugin has exchanged the sides already
    if image.format == "PNG" and "exif" not in image.info:
        return 1  # getexif would decode the picture to look for a chunk after the pixels
    return image.getexif().get(ExifTags.Base.Orientation, 1)


def _to_picture(image: Image.Image) -> Picture:
    if image.mode.startswith("I") or image.mode == "F":
        return Picture(_grey_of_many_bits(image))
    transparent = "A" in image.getbands() or "a" in image.getbands()
    if transparent or "transparency" in image.info:
        rgba = np.asarray(image.convert("RGBA"))
        return Picture(np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3]))
    return Picture(np.array(image.convert("RGB")))


def _grey_of_many_bits(image: Image.Image) -> np.ndarray:
    """16-bit, 32-bit or float grey -> uint8 [h, w, 3]; Pillow's convert would clip at 255."""
    values = np.nan_to_num(np.asarray(image).astype(np.float64), posinf=np.inf, neginf=0.0)
    if image.mode == "F":
        peak = values.max(initial=0.0)
        scale = 255.0 if peak <= 1 else 1.0 if peak <= 255 else 1 / 257
    else:
        scale = 1 / 257
    grey = np.clip(np.rint(values * scale), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)


def _called(name: str) -> str:
    return name or "the picture"


def _unreadable(name: str, error: Exception) -> ImageError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return ImageError(f"{_called(name)}: not a readable picture ({reason})")
