"""Encoded pictures of every common kind -> RGB arrays."""

import dataclasses
import io
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageFile, ImageOps

from style_gan_tf.errors import UserError
from style_gan_tf.images.color_profile import convert_to_srgb, read_profile
from style_gan_tf.images.exif import kept_exif
from style_gan_tf.images.sixteen_bit import is_deep, read_deep

DEFAULT_MAX_PIXELS = 200_000_000  # the largest telephone cameras; 600 MB as 8-bit RGB
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP")
_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that exchange width and height


class ImageError(UserError):
    """A picture that cannot be read or written: broken, empty, too large or of another kind."""


@dataclasses.dataclass(frozen=True)
class Picture:
    """A decoded picture, upright.

    Attributes:
        rgb: uint8 or uint16 [height, width, 3], of `profile`; not multiplied by alpha.
        alpha: [height, width] of the same type, its largest value is opaque; None for a picture
            without transparency.
        profile: ICC profile of `rgb`; None: sRGB.
        exif: `Exif\\0\\0` and a TIFF directory without orientation and thumbnail; None: none.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None = None
    profile: bytes | None = None
    exif: bytes | None = None

    @property
    def white(self) -> int:
        """The largest value: 255 or 65535."""
        return int(np.iinfo(self.rgb.dtype).max)

    def on_white(self) -> np.ndarray:
        """Composite on white: [height, width, 3] of the same type."""
        if self.alpha is None:
            return self.rgb
        white = self.white
        # A product of two values fits into twice the bits.
        alpha = self.alpha[..., None].astype(np.uint16 if white == 255 else np.uint32)
        blended = self.rgb * alpha + white * (white - alpha)
        return ((blended + white // 2) // white).astype(self.rgb.dtype)


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
    faithful: bool = False,
) -> Picture:
    """Decode a JPEG, PNG, WebP, TIFF, GIF or BMP picture; of an animation, the first frame.

    Grey, palette, CMYK, 1-bit, 16-bit and float pictures become 8-bit RGB; float values count as
    [0, 1] where none is above 1, as [0, 255] or [0, 65535] otherwise. Colour profiles are ignored.
    All that is different where the picture shall be written again, see `faithful`.

    Args:
        data: The encoded picture.
        name: What errors call the picture.
        max_pixels: The limit for width * height, checked on the header before decoding.
        at_least: A short side in pixels that suffices. A JPEG may then be decoded at a half,
            a quarter or an eighth of its size, never below that short side; it saves most of the
            time of a large photograph.
        faithful: Keep 16 bits of PNG and TIFF, the colour profile and EXIF. A profile that is not
            one of RGB by curves and a matrix (of CMYK or grey, say) is applied instead: the
            picture is then sRGB.

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
        if faithful:
            return _faithful(image, data)
        image.load()
        return _to_picture(ImageOps.exif_transpose(image))
    # Pillow's plugins let struct.error, SyntaxError, KeyError, zlib.error and more escape from
    # hostile data: whatever comes out of them means that this picture cannot be read.
    except Exception as error:
        raise _unreadable(name, error) from error


def read_exif(file: BinaryIO, size: tuple[int, int]) -> bytes | None:
    """What is kept of a file's EXIF, read without its pixels; None where there is none.

    Args:
        file: The encoded picture, from its beginning.
        size: The picture's width and height when upright.
    """
    try:
        image = _open(file)
    except Exception:  # Whoever reads the pixels will tell.
        return None
    if image.format == "PNG" and "exif" not in image.info:
        return None  # It may stand after the pixels; getexif would decode them to look.
    return kept_exif(image, size)


def _open(data: bytes | BinaryIO) -> ImageFile.ImageFile:
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


def _faithful(image: ImageFile.ImageFile, data: bytes) -> Picture:
    """The picture with all that a file written in its place needs."""
    deep = read_deep(lambda: _open(data), ImageOps.exif_transpose) if is_deep(image) else None
    image.load()
    profile = image.info.get("icc_profile") or None
    upright = ImageOps.exif_transpose(image)
    exif = kept_exif(image, upright.size)
    if deep is not None:
        rgb, alpha = _bands(deep, image.info.get("transparency"))
        return Picture(rgb, alpha, _rgb_profile(profile), exif)
    if image.mode.startswith("I") or image.mode == "F":
        rgb = _grey_of_many_bits(upright, np.uint16)
        return Picture(rgb, None, _rgb_profile(profile), exif)
    if profile and (image.mode == "CMYK" or not _rgb_profile(profile)):
        upright, profile = convert_to_srgb(upright, profile), None
    picture = _to_picture(upright)
    return Picture(picture.rgb, picture.alpha, profile, exif)


def _bands(pixels: np.ndarray, transparent: object) -> tuple[np.ndarray, np.ndarray | None]:
    """RGB and alpha of 2 to 4 channels; `transparent` is the colour that a PNG takes for that."""
    colors, alpha = pixels[..., :3], None
    if pixels.shape[-1] == 2:
        colors = np.repeat(pixels[..., :1], 3, axis=-1)
    if pixels.shape[-1] != 3:
        alpha = np.ascontiguousarray(pixels[..., -1])
    elif isinstance(transparent, tuple):
        alpha = np.where((colors == transparent).all(-1), 0, np.iinfo(pixels.dtype).max)
        alpha = alpha.astype(pixels.dtype)
    return np.ascontiguousarray(colors), alpha


def _rgb_profile(profile: bytes | None) -> bytes | None:
    return profile if profile and read_profile(profile) else None


def _to_picture(image: Image.Image) -> Picture:
    if image.mode.startswith("I") or image.mode == "F":
        return Picture(_grey_of_many_bits(image))
    transparent = "A" in image.getbands() or "a" in image.getbands()
    if transparent or "transparency" in image.info:
        rgba = np.asarray(image.convert("RGBA"))
        return Picture(np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3]))
    return Picture(np.array(image.convert("RGB")))


def _grey_of_many_bits(image: Image.Image, dtype: type[np.integer] = np.uint8) -> np.ndarray:
    """16-bit, 32-bit or float grey -> [h, w, 3]; Pillow's convert would clip at 255."""
    values = np.nan_to_num(np.asarray(image).astype(np.float64), posinf=np.inf, neginf=0.0)
    peak = values.max(initial=0.0) if image.mode == "F" else 65535.0
    white = 1.0 if peak <= 1 else 255.0 if peak <= 255 else 65535.0
    most = np.iinfo(dtype).max
    grey = np.clip(np.rint(values * (most / white)), 0, most).astype(dtype)
    return np.repeat(grey[..., None], 3, axis=-1)


def _called(name: str) -> str:
    return name or "the picture"


def _unreadable(name: str, error: Exception) -> ImageError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return ImageError(f"{_called(name)}: not a readable picture ({reason})")
