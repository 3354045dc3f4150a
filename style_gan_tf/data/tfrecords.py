"""TFRecord files by record number, and the specs `tfrecord:PATTERN`.

TFRecord files have no index; reading the lengths of all records once gives one. A record is an
8-byte little-endian length, a 4-byte checksum of it, the data and a 4-byte checksum of them
(https://www.tensorflow.org/tutorials/load_data/tfrecord).
"""

import glob
import os
import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from style_gan_tf.data.source import Source
from style_gan_tf.errors import UserError
from style_gan_tf.images import ImageError, read_size

_FEATURES = ("image/encoded", "image", "image_raw", "image_bytes", "encoded", "jpeg", "png")


def record_spans(path: str | os.PathLike[str]) -> np.ndarray:
    """Find the records of an uncompressed TFRecord file.

    Returns:
        int64 [records, 2]: the offset and length in bytes of each record's data.

    Raises:
        UserError: When the file is no TFRecord file, is compressed or truncated.
    """
    spans = []
    try:
        with open(path, "rb") as file:
            end = os.fstat(file.fileno()).st_size
            offset = 0
            while offset < end:
                header = file.read(12)
                length = struct.unpack("<Q", header[:8])[0] if len(header) == 12 else end
                if offset + 12 + length + 4 > end:
                    what = "compressed" if header[:2] == b"\x1f\x8b" else "truncated or no"
                    raise UserError(
                        f"{os.fspath(path)}: {what} TFRecord file; write it again, uncompressed"
                    )
                spans.append((offset + 12, length))
                offset += 12 + length + 4
                file.seek(offset)
    except OSError as error:
        raise UserError(f"{os.fspath(path)}: cannot be read ({error.strerror})") from error
    return np.array(spans, np.int64).reshape(-1, 2)


class RecordSource(Source):
    """Records of TFRecord files whose bytes feature `feature` is an encoded picture.

    Args:
        spec: For messages.
        paths: The files.
        feature: The name of the feature; "" looks for one in the first record.
        spans: Offset and length of the records to take from each file; default all.
        first: Number of the first of these records within its file.
        max_pixels: The limit for width * height of a picture.
    """

    def __init__(
        self,
        spec: str,
        paths: Sequence[Path],
        feature: str = "",
        *,
        spans: Sequence[np.ndarray] | None = None,
        first: Sequence[int] | None = None,
        max_pixels: int,
    ) -> None:
        spans = [record_spans(path) for path in paths] if spans is None else spans
        first = [0] * len(paths) if first is None else first
        keys = [
            f"{path.name}#{start + record}"
            for path, records, start in zip(paths, spans, first, strict=True)
            for record in range(len(records))
        ]
        super().__init__(spec, keys, max_pixels=max_pixels)
        if not keys:
            raise UserError(f"{spec}: the files hold no records")
        self._paths = paths
        self._spans = np.concatenate(spans)
        self._file_of = np.repeat(np.arange(len(paths)), [len(records) for records in spans])
        self._feature = feature or self._find_feature()

    def read(self, index: int) -> bytes:
        values = self._features(index)[self._feature].bytes_list.value
        return values[0] if values else b""

    def _features(self, index: int) -> dict:
        # TensorFlow comes in here and not at import: commands check their specs before it.
        from tensorflow.core.example import example_pb2

        offset, length = self._spans[index]
        with open(self._paths[self._file_of[index]], "rb") as file:
            file.seek(offset)
            record = file.read(length)
        return example_pb2.Example.FromString(record).features.feature

    def _find_feature(self) -> str:
        try:
            features = self._features(0)
        except Exception as error:
            raise UserError(f"{self.spec}: the first record is no tf.train.Example") from error
        names = [name for name in _FEATURES if name in features]
        for name in [*names, *sorted(set(features) - set(names))]:
            value = features[name].bytes_list.value
            try:
                if len(value) == 1 and read_size(value[0]):
                    return name
            except ImageError:
                continue
        raise UserError(
            f"{self.spec}: no feature of the first record is an encoded picture"
            f" (it has {', '.join(sorted(features)) or 'none'}); store JPEG or PNG bytes as `image`"
        )


def open_tfrecords(spec: str, pattern: str, *, max_pixels: int) -> Source:
    """Open the TFRecord files that a glob names, in sorted order.

    Raises:
        UserError: When no file matches, or the records hold no encoded pictures.
    """
    paths = [Path(name) for name in sorted(glob.glob(os.path.expanduser(pattern), recursive=True))]
    paths = [path for path in paths if path.is_file()]
    if not paths:
        raise UserError(f"{spec}: no file matches; write tfrecord:FOLDER/*.tfrecord")
    return RecordSource(spec, paths, max_pixels=max_pixels)
