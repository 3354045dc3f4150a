"""Writing TIFF: Pillow knows no 16 bits of colour there, and no EXIF in compressed files."""

import io
import zlib

import numpy as np
from PIL import Image, TiffImagePlugin, TiffTags

_LEVEL = 4  # of zlib
_STRIP = 2**20  # bytes of pixels in a strip
_LARGEST = 2**32 - 2**24  # bytes; offsets have 32 bits


def encode_tiff(pixels: np.ndarray, profile: bytes | None, exif: bytes | None) -> bytes:
    """Encode a TIFF, deflated without loss.

    Args:
        pixels: uint8 or uint16 `[height, width, 3]`, or 4 with alpha.
        profile: ICC profile.
        exif: `Exif\\0\\0` and a TIFF directory, whose tags go into the file's own.

    Raises:
        ValueError: When it is too large for the format.
    """
    height, width, channels = pixels.shape
    size = pixels.dtype.itemsize
    rows = min(height, max(1, _STRIP // (width * channels * size)))
    strips = [_strip(pixels[top : top + rows]) for top in range(0, height, rows)]
    sizes = [len(strip) for strip in strips]
    if sum(sizes) > _LARGEST:
        raise ValueError("a TIFF ends at 4 gigabytes")
    tags = TiffImagePlugin.ImageFileDirectory_v2(prefix=b"II")
    if exif:
        described = Image.Exif()
        described.load(exif)
        for tag in described:
            inside = tag in TiffTags.TAGS_V2_GROUPS
            tags[tag] = described.get_ifd(tag) if inside else described[tag]
    tags[TiffImagePlugin.IMAGEWIDTH] = width
    tags[TiffImagePlugin.IMAGELENGTH] = height
    tags[TiffImagePlugin.BITSPERSAMPLE] = (8 * size,) * channels
    tags[TiffImagePlugin.SAMPLESPERPIXEL] = channels
    tags[TiffImagePlugin.COMPRESSION] = 8  # Deflate
    tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] = 2  # RGB
    tags[TiffImagePlugin.PREDICTOR] = 2  # differences between neighbours
    tags[TiffImagePlugin.PLANAR_CONFIGURATION] = 1
    if channels == 4:
        tags[TiffImagePlugin.EXTRASAMPLES] = 2  # alpha that the colours are not multiplied by
    if profile:
        tags[TiffImagePlugin.ICCPROFILE] = profile
    tags[TiffImagePlugin.ROWSPERSTRIP] = rows
    for tag in (TiffImagePlugin.STRIPOFFSETS, TiffImagePlugin.STRIPBYTECOUNTS):
        tags.tagtype[tag] = TiffTags.LONG
    tags[TiffImagePlugin.STRIPBYTECOUNTS] = tuple(sizes)
    # From the first one on: the directory's writer adds where that lies.
    tags[TiffImagePlugin.STRIPOFFSETS] = tuple(np.cumsum([0, *sizes[:-1]]).tolist())
    file = io.BytesIO()
    tags.save(file)
    file.write(b"".join(strips))
    return file.getvalue()


def _strip(rows: np.ndarray) -> bytes:
    differences = rows.copy()
    differences[:, 1:] -= rows[:, :-1]
    little_endian = differences.dtype.newbyteorder("<")
    return zlib.compress(differences.astype(little_endian).tobytes(), _LEVEL)
