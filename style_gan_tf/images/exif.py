"""EXIF: what is kept of it when a picture's pixels are replaced."""

import struct

from PIL import ExifTags, Image

# What describes the picture; the rest of the first directory tells where the old pixels lie.
_KEPT = frozenset(
    {
        ExifTags.Base.ImageDescription,
        ExifTags.Base.Make,
        ExifTags.Base.Model,
        ExifTags.Base.XResolution,
        ExifTags.Base.YResolution,
        ExifTags.Base.ResolutionUnit,
        ExifTags.Base.Software,
        ExifTags.Base.DateTime,
        ExifTags.Base.Artist,
        ExifTags.Base.HostComputer,
        ExifTags.Base.Copyright,
    }
)
_SIZE = (ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight)
_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
_LONGEST = 65533 - 6  # bytes, what one segment of a JPEG holds


def kept_exif(image: Image.Image, size: tuple[int, int]) -> bytes | None:
    """The EXIF data of a decoded picture, fit for its successor of the same size.

    The orientation is left out, since the pixels are upright by then, and so is the thumbnail,
    which would show the old picture; the pixel counts are the upright ones. Makers' notes that
    would make it too long for a JPEG are left out.

    Args:
        image: A loaded picture as it was opened.
        size: Its width and height when upright.

    Returns:
        `Exif\\0\\0` and a TIFF directory, as Pillow's writers take it; None where there is nothing
        to keep or it is damaged.
    """
    try:
        data = _rewritten(image, size, with_notes=True)
        if data is not None and len(data) > _LONGEST:
            data = _rewritten(image, size, with_notes=False)
    # Pillow hands on what struct, its tag types and hostile offsets make of damaged directories.
    except (ValueError, TypeError, KeyError, AttributeError, OSError, struct.error, SyntaxError):
        return None
    return data if data is not None and len(data) <= _LONGEST else None


def _rewritten(image: Image.Image, size: tuple[int, int], with_notes: bool) -> bytes | None:
    old, new = image.getexif(), Image.Exif()
    for tag in _KEPT & set(old):
        new[tag] = old[tag]
    for directory in _DIRECTORIES:
        entries = dict(old.get_ifd(directory))
        # An offset into the old file.
        entries.pop(ExifTags.IFD.Interop, None)
        if not with_notes:
            entries.pop(ExifTags.Base.MakerNote, None)
        for tag, pixels in zip(_SIZE, size, strict=True):
            if tag in entries:
                entries[tag] = pixels
        if entries:
            new[directory] = entries
    return new.tobytes() if len(new) else None
