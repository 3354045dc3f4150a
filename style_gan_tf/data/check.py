"""What `--check` reports about the data: counts, sizes, what is skipped, a look at the crops."""

import os
from collections.abc import Mapping

import numpy as np

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.pairs import content_and_target
from style_gan_tf.data.pipeline import batches
from style_gan_tf.data.source import Source
from style_gan_tf.data.split import split
from style_gan_tf.images import ImageError, eight_bits, encode, format_of, sheet, write_file

_SAMPLED_SIZES = 500  # pictures whose header is read where sizes are not known already
_COLUMNS = 6


def check_report(
    named_sources: Mapping[str, Source],
    augmentation: Augmentation,
    seed: int,
    sheet_path: str | os.PathLike[str],
) -> str:
    """Report on data sets and write a sheet of augmented crops, one row a data set.

    Args:
        named_sources: Whole sources by the name to call them ("content", "style"); pairs give two
            rows, content above target.
        augmentation: As in training.
        seed: As in training: the crops are the first that it would read.
        sheet_path: The picture to write.

    Returns:
        Lines of text.

    Raises:
        UserError: When a source has no usable picture, or the sheet cannot be written.
    """
    picture_format = format_of(sheet_path)
    lines: list[str] = []
    rows: dict[str, list[np.ndarray]] = {}
    for name, source in named_sources.items():
        rows |= _crops(name, source, augmentation, seed)
        lines += _describe(name, source)
    write_file(sheet_path, encode(sheet(list(rows.values())), format=picture_format))
    lines.append(f"crops: {os.fspath(sheet_path)}, a row for each of {', '.join(rows)}")
    return "\n".join(lines)


def _crops(
    name: str, source: Source, augmentation: Augmentation, seed: int
) -> dict[str, list[np.ndarray]]:
    """The first crops that training would read, by what to call the row."""
    dataset = batches(split(source, "train"), augmentation, batch_size=_COLUMNS, seed=seed)
    images = next(iter(dataset))["images"].numpy()
    named = {name: images}
    if source.channels == 6:
        named = dict(zip(("content", "target"), content_and_target(images), strict=True))
    return {row: list(eight_bits(crops)) for row, crops in named.items()}


def _describe(name: str, source: Source) -> list[str]:
    train, held_out = len(split(source, "train")), len(split(source, "held_out"))
    lines = [
        f"{name}: {source.spec}: {len(source)} {source.noun}, {train} train, {held_out} held out"
    ]
    sizes = _sizes(source)
    if sizes:
        by_area = sorted(sizes, key=lambda size: size[0] * size[1])
        (w0, h0), (w1, h1) = by_area[0], by_area[-1]
        of = "" if len(sizes) == len(source) else f" (of {len(sizes)} looked at)"
        short = sorted(min(size) for size in sizes)[len(sizes) // 2]
        lines.append(f"  sizes: {w0} x {h0} to {w1} x {h1}, median short side {short}{of}")
    lines.append(f"  skipped: {len(source.skipped)}")
    lines += [f"    {key}: {reason}" for key, reason in source.skipped]
    return lines


def _sizes(source: Source) -> list[tuple[int, int]]:
    count = len(source)
    known = [size for i in range(count) if (size := source.known_size(i)) is not None]
    if len(known) == count:
        return known
    sizes = []
    for index in np.unique(np.linspace(0, count - 1, min(count, _SAMPLED_SIZES)).astype(int)):
        try:
            sizes.append(source.size(int(index)))
        except (ImageError, OSError) as error:
            source.skip(source.keys[index], str(error).removeprefix(f"{source.name(index)}: "))
    return sizes
