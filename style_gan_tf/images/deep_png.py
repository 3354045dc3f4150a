"""Writing PNG of 16 bits a channel, which Pillow does not."""

import io
import struct
import zlib

import numpy as np

_LEVEL = 4  # of zlib


def encode_deep_png(pixels: np.ndarray, profile: bytes | None, exif: bytes | None) -> bytes:
    """Encode a PNG of 16 bits a channel.

    Args:
        pixels: uint16 `[height, width, 3]`, or 4 with alpha.
        profile: ICC profile.
        exif: `Exif\\0\\0` and a TIFF directory.
    """
    height, width, channels = pixels.shape
    kind = 6 if channels == 4 else 2
    file = io.BytesIO()
    file.write(b"\x89PNG\r\n\x1a\n")
    _chunk(file, b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))
    if profile:
        _chunk(file, b"iCCP", b"ICC Profile\0\0" + zlib.compress(profile))
    if exif:
        _chunk(file, b"eXIf", exif.removeprefix(b"Exif\0\0"))
    compressor = zlib.compressobj(_LEVEL)
    above = np.zeros([width * channels * 2], np.uint8)
    for row in pixels:
        line = np.frombuffer(row.astype(">u2").tobytes(), np.uint8)
        if compressed := compressor.compress(_filtered(line, above, channels * 2)):
            _chunk(file, b"IDAT", compressed)
        above = line
    _chunk(file, b"IDAT", compressor.flush())
    _chunk(file, b"IEND", b"")
    return file.getvalue()


def _chunk(file: io.BytesIO, kind: bytes, data: bytes) -> None:
    checksum = zlib.crc32(data, zlib.crc32(kind))
    file.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum))


def _filtered(line: np.ndarray, above: np.ndarray, step: int) -> bytes:
    """The one of two of PNG's filters that leaves the smaller differences, and its number."""
    left = np.concatenate([np.zeros(step, np.uint8), line[:-step]])
    # Differences wrap around, so a small negative one is a large byte.
    by_left, by_above = line - left, line - above
    sums = [int(np.abs(d.view(np.int8).astype(np.int16)).sum()) for d in (by_left, by_above)]
    return b"\1" + by_left.tobytes() if sums[0] <= sums[1] else b"\2" + by_above.tobytes()
