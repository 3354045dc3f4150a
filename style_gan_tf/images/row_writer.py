"""Pictures of any size, written row by row in bounded memory."""

import contextlib
import errno
import os
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from style_gan_tf.images.decode import ImageError, Picture
from style_gan_tf.images.encode import format_of
from style_gan_tf.images.tiff_exif import add_exif
from style_gan_tf.images.vips import load_vips, reason
from style_gan_tf.images.whole_file import whole_file

_BIG = 3_500_000_000  # bytes; classic TIFF ends at 4 GiB
_FULL = 2**20  # bytes; with less room a disk counts as full when something fails


@contextlib.contextmanager
def row_writer(
    path: Path,
    size: tuple[int, int],
    *,
    deep: bool = False,
    alpha: bool = False,
    quality: int = 95,
    profile: bytes | None = None,
    exif: bytes | None = None,
    resolution: tuple[float, float] = (1.0, 1.0),
) -> Iterator[Callable[[Picture], None]]:
    """Write a picture atomically, from top to bottom.

    Args:
        path: Its suffix says the format: JPEG, PNG, WebP or TIFF.
        size: Height and width.
        deep: 16 bits a channel; JPEG and WebP have 8.
        alpha: Whether it has transparency; JPEG has none: the rows are composited on white.
        quality: Of JPEG and WebP, 1 to 100.
        profile: ICC profile.
        exif: As `RowReader` has it.
        resolution: The same.

    Yields:
        A function that takes the rows, of any number at a time.

    Raises:
        ImageError: When the format cannot hold the picture.
        UserError: When the file cannot be written, or libvips is missing.
    """
    vips = load_vips()
    kind = format_of(path)
    alpha = alpha and kind != "jpeg"
    height, width = size
    bands = 4 if alpha else 3
    options: dict[str, dict[str, Any]] = {
        "jpeg": {"Q": quality, "subsample_mode": "off" if quality >= 90 else "on"},
        "png": {"compression": 4, "filter": "paeth"},
        "webp": {"Q": quality, "lossless": quality >= 100, "exact": True},
        "tiff": {
            "compression": "lzw",
            "predictor": "horizontal",
            "bigtiff": height * width * bands * (1 + deep) > _BIG,
        },
    }
    # libvips pulls, we push: an uncompressed PNG goes through a pipe from one to the other.
    read_end, write_end = os.pipe()

    def attach(image: Any) -> Any:
        image = image.copy(xres=resolution[0], yres=resolution[1])
        if profile is not None:
            image.set_type(vips.GValue.blob_type, "icc-profile-data", profile)
        if exif is not None and kind != "tiff":
            image.set_type(vips.GValue.blob_type, "exif-data", exif)
        image.set_type(vips.GValue.gint_type, "orientation", 1)  # the rows are upright
        return image

    failures: list[str] = []

    def save(temporary: Path) -> None:
        try:
            source = vips.Source.new_from_descriptor(read_end)
            image = vips.Image.new_from_source(source, "", access="sequential", fail_on="truncated")
            attach(image).write_to_file(str(temporary), **options[kind])
            if exif is not None and kind == "tiff":  # There libvips writes none.
                add_exif(temporary, exif)
        except vips.Error as error:
            failures.append(_told(error, temporary))
        except OSError as error:
            failures.append(os.strerror(error.errno or errno.EIO))
        finally:
            # Whoever writes must never wait for a reader that has given up.
            while os.read(read_end, 2**20):
                pass
            os.close(read_end)

    with whole_file(path) as temporary, ThreadPoolExecutor(1) as pool:
        saving = pool.submit(save, temporary)
        with os.fdopen(write_end, "wb") as pipe:
            stream = _PngStream(pipe, size, bands, deep)

            def write(rows: Picture) -> None:
                if failures:
                    raise _failure(failures[0], path, size, kind)
                stream.write(rows.on_white() if not alpha else _with_alpha(rows))

            yield write
            stream.finish()
        saving.result()
        if failures:
            raise _failure(failures[0], path, size, kind)


def _with_alpha(rows: Picture) -> np.ndarray:
    opaque = np.full(rows.rgb.shape[:2], rows.white, rows.rgb.dtype)
    return np.dstack([rows.rgb, opaque if rows.alpha is None else rows.alpha])


def _told(error: Exception, temporary: Path) -> str:
    # libvips does not always hand on what the system said.
    if shutil.disk_usage(temporary.parent).free < _FULL:
        return os.strerror(errno.ENOSPC)
    return reason(error)


def _failure(reason: str, path: Path, size: tuple[int, int], kind: str) -> Exception:
    for code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
        if os.strerror(code) in reason:
            return OSError(code, os.strerror(code))
    height, width = size
    return ImageError(f"cannot write {width} x {height} pixels as {kind}: {reason}")


class _PngStream:
    """A PNG without compression, written as its rows come."""

    def __init__(self, file: BinaryIO, size: tuple[int, int], bands: int, deep: bool) -> None:
        self._file = file
        self._deep = deep
        self._stored = zlib.compressobj(0)
        color_type = {3: 2, 4: 6}[bands]
        depth = 16 if deep else 8
        file.write(b"\x89PNG\r\n\x1a\n")
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", *size[::-1], depth, color_type, 0, 0, 0))

    def write(self, rows: np.ndarray) -> None:
        if self._deep:
            rows = rows.astype(">u2").view(np.uint8)
        flat = rows.reshape(len(rows), -1)
        # Each row begins with the number of its filter: none.
        filtered = np.zeros((len(flat), 1 + flat.shape[1]), np.uint8)
        filtered[:, 1:] = flat
        self._chunk(b"IDAT", self._stored.compress(filtered.data))

    def finish(self) -> None:
        self._chunk(b"IDAT", self._stored.flush())
        self._chunk(b"IEND", b"")

    def _chunk(self, kind: bytes, data: bytes) -> None:
        if not data and kind == b"IDAT":
            return
        self._file.write(struct.pack(">I", len(data)) + kind)
        self._file.write(data)
        self._file.write(struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))))
