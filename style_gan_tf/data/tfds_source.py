"""TensorFlow Datasets: `tfds:NAME[/CONFIG][:VERSION][:SPLIT]`, or `tfds:FOLDER[:SPLIT]`.

A builder's record files are read by offset (see tfrecords.py), which gives random access where
TFDS itself has none; other kinds go through `as_data_source`.
"""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.data.folders import open_folder
from style_gan_tf.data.source import Source
from style_gan_tf.data.tfrecords import RecordSource, record_spans
from style_gan_tf.errors import UserError
from style_gan_tf.images import encode

_SPEC = re.compile(r"(?P<name>[^:]+)(?::(?P<version>\d+\.\S+?\.\S+?))?(?::(?P<split>.+))?")


def open_tfds(spec: str, rest: str, *, max_pixels: int) -> Source:
    """Open a split of a TFDS builder with an image feature; the split is "train" by default.

    TFDS_DATA_DIR or TFDS's default folder is searched. Nothing is downloaded: that takes hours
    for some data sets, and minutes to fail without a network; the error tells the command.

    Raises:
        UserError: When there is no such builder or split, it has no image feature, or it is
            not prepared.
    """
    match = _SPEC.fullmatch(rest)
    if match is None:
        raise UserError(f"{spec}: expected tfds:NAME[/CONFIG][:VERSION][:SPLIT]")
    name, version, split = match["name"], match["version"], match["split"] or "train"
    folder = Path(name).expanduser()
    if folder.is_dir() and not (folder / "dataset_info.json").exists():
        return _open_image_folder(spec, folder, split, max_pixels)
    builder = _builder(spec, name, version, folder)
    return from_builder(builder, split, spec=spec, max_pixels=max_pixels)


def from_builder(builder: Any, split: str, *, spec: str, max_pixels: int) -> Source:
    """Read the first image feature of a prepared TFDS builder.

    Args:
        builder: A `tfds.core.DatasetBuilder`.
        split: A split, or a slice of one as TFDS writes it: `train[:10%]`.
        spec: For messages.
        max_pixels: The limit for width * height of a picture.
    """
    feature = _image_feature(spec, builder.info.features)
    try:
        instructions = builder.info.splits[split].file_instructions
        paths = [Path(os.fspath(instruction.filename)) for instruction in instructions]
    except (KeyError, ValueError, AttributeError, AssertionError):
        paths = []
    if paths and all(path.exists() for path in paths) and _are_tfrecords(builder):
        spans, first = [], []
        for path, instruction in zip(paths, instructions, strict=True):
            records = record_spans(path)
            stop = None if instruction.take < 0 else instruction.skip + instruction.take
            spans.append(records[instruction.skip : stop])
            first.append(instruction.skip)
        return RecordSource(
            spec, paths, "/".join(feature), spans=spans, first=first, max_pixels=max_pixels
        )
    return _DataSource(spec, builder, split, feature, max_pixels)


class _DataSource(Source):
    """What `as_data_source` gives random access to: array_record files, mocked data."""

    def __init__(
        self, spec: str, builder: Any, split: str, feature: tuple[str, ...], max_pixels: int
    ) -> None:
        import tensorflow_datasets as tfds

        only: Any = True
        decoders: Any = tfds.decode.SkipDecoding()
        for name in reversed(feature):
            only, decoders = {name: only}, {name: decoders}
        try:
            self._records = builder.as_data_source(split, decoders=decoders)
            count = len(self._records)
            try:
                self._records[0]
            except Exception:
                # Mocked data cannot make up every other feature, and array_record files know no
                # partial decoding: neither way serves both.
                partial = tfds.decode.PartialDecoding(only, decoders=decoders)
                self._records = builder.as_data_source(split, decoders=partial)
                self._records[0]
        except Exception as error:
            raise UserError(_why_unreadable(spec, builder, split, error)) from error
        super().__init__(spec, [f"{split}#{i}" for i in range(count)], max_pixels=max_pixels)
        self._feature = feature

    def read(self, index: int) -> bytes:
        value = self._records[index]
        for name in self._feature:
            value = value[name]
        # Mocked data come decoded where TFDS has no encoded form of them.
        return value if isinstance(value, bytes) else encode(value, format="png")


def _builder(spec: str, name: str, version: str | None, folder: Path) -> Any:
    import tensorflow_datasets as tfds

    data_dir = os.environ.get("TFDS_DATA_DIR") or None
    try:
        if folder.is_dir():
            return tfds.builder_from_directory(folder)
        return tfds.builder(f"{name}:{version}" if version else name, data_dir=data_dir)
    except Exception as error:
        raise UserError(
            f"{spec}: TFDS has no such data set ({_line(error)}); the names are listed at"
            " https://www.tensorflow.org/datasets/catalog"
        ) from error


def _why_unreadable(spec: str, builder: Any, split: str, error: Exception) -> str:
    if not builder.data_path.exists():
        command = f"tfds build {builder.name}"
        if builder.builder_config is not None:
            command += f"/{builder.builder_config.name}"
        return (
            f"{spec}: not prepared in {builder.data_path}; run `{command}`, which downloads it,"
            " or set TFDS_DATA_DIR to the folder that has it"
        )
    splits = ", ".join(builder.info.splits) or "none"
    if split.partition("[")[0] not in builder.info.splits:
        return f"{spec}: no split {split!r}; there are: {splits}"
    return f"{spec}: the split {split!r} cannot be read ({_line(error)}); there are: {splits}"


def _image_feature(spec: str, features: Any, path: tuple[str, ...] = ()) -> tuple[str, ...]:
    found = _find_image(features, path)
    if found is None:
        raise UserError(f"{spec}: no image feature among {', '.join(features)}")
    return found


def _find_image(features: Any, path: tuple[str, ...]) -> tuple[str, ...] | None:
    """The path to the first 8- or 16-bit Image feature, not inside a sequence."""
    import tensorflow_datasets as tfds

    for name, feature in features.items():
        is_image = isinstance(feature, tfds.features.Image)
        if is_image and np.dtype(feature.np_dtype) in (np.uint8, np.uint16):
            return (*path, name)
        if isinstance(feature, tfds.features.FeaturesDict):
            found = _find_image(feature, (*path, name))
            if found is not None:
                return found
    return None


def _are_tfrecords(builder: Any) -> bool:
    file_format = builder.info.file_format
    return file_format is not None and file_format.value == "tfrecord"


def _open_image_folder(spec: str, folder: Path, split: str, max_pixels: int) -> Source:
    """TFDS's ImageFolder: `folder/split/label/*.jpg`."""
    if not (folder / split).is_dir():
        splits = ", ".join(sorted(p.name for p in folder.iterdir() if p.is_dir())) or "none"
        raise UserError(f"{spec}: the folder has no split {split!r}; there are: {splits}")
    return open_folder(os.fspath(folder / split), max_pixels=max_pixels)


def _line(error: Exception) -> str:
    """The first line of an error, shortened: TFDS's own run over pages."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:160]
