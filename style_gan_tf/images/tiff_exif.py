"""EXIF of TIFF files that another library has written without it.

The first directory is copied to the file's end with the entries of EXIF among its own, and the
header is pointed at the copy; pixels stay where they are (TIFF 6.0, section 2; Exif 2.32, 4.6).
"""

import os
import struct
from pathlib import Path

from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

_DIRECTORIES = (0x8769, 0x8825)  # Exif and GPS


def add_exif(path: Path, exif: bytes) -> None:
    """Give a TIFF file EXIF data, in place.

    Tags that the file has already stay as they are.

    Args:
        path: A TIFF or BigTIFF with one picture.
        exif: What `kept_exif` gives.

    Raises:
        ValueError: When the file is no TIFF.
        OSError: When it cannot be written.
    """
    given = Image.Exif()
    given.load(exif)
    with open(path, "r+b") as file:
        header = file.read(16)
        order = {b"II": "<", b"MM": ">"}.get(header[:2])
        if order is None:
            raise ValueError(f"{path}: not a TIFF")
        big = struct.unpack(f"{order}H", header[2:4])[0] == 43
        # Of a directory: how its count is packed, how its offsets are, and how long an entry is.
        count, offset, length = ("Q", "Q", 20) if big else ("H", "L", 12)
        place = 8 if big else 4
        [first] = struct.unpack_from(order + offset, header, place)
        file.seek(first)
        [entries] = struct.unpack(order + count, file.read(struct.calcsize("<" + count)))
        table = file.read(entries * length)
        following = file.read(place)

        end = file.seek(0, os.SEEK_END)
        added = _directory(header[: 2 * place], given).tobytes(end + end % 2)
        file.write(b"\0" * (end % 2) + added)
        [new] = struct.unpack_from(order + count, added)
        merged = {
            struct.unpack_from(f"{order}H", row)[0]: row
            for rows in (added[struct.calcsize("<" + count) :][: new * length], table)
            for row in (rows[i : i + length] for i in range(0, len(rows), length))
        }
        end = file.seek(0, os.SEEK_END)
        file.write(b"\0" * (end % 2) + struct.pack(order + count, len(merged)))
        file.write(b"".join(merged[tag] for tag in sorted(merged)) + following)
        # Last, so that until here the file is what it was.
        file.seek(place)
        file.write(struct.pack(order + offset, end + end % 2))


def _directory(header: bytes, exif: Image.Exif) -> ImageFileDirectory_v2:
    """The entries of the first directory, with the others inside."""
    directory = ImageFileDirectory_v2(header)
    for tag, value in exif.items():
        if tag not in _DIRECTORIES:
            directory[tag] = value
    for tag in _DIRECTORIES:
        if entries := exif.get_ifd(tag):
            directory[tag] = dict(entries)
    return directory
