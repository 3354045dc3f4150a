"""The pictures that models are measured on."""

import dataclasses
from typing import Literal

import numpy as np

from style_gan_tf import data
from style_gan_tf.errors import UserError
from style_gan_tf.metrics import Pictures, cut_crops

_USUAL_SIZE = 256
# Above it pictures stay whole, as people use them.
LARGEST_SQUARE = 320
# What sets of whole pictures are compared by: the size that SqueezeNet was trained at.
CROP = 227


@dataclasses.dataclass(frozen=True)
class TestSet:
    """Pictures to measure on, float32 `[height, width, 3]` in [-1, 1] each.

    Squares of one size as an array `[n, size, size, 3]`, or whole pictures.

    Attributes:
        content: Photos to stylize.
        names: Their keys in the source.
        style: Style images.
        reference: What the photos should become, in their order; None where that is not known.
        size: Pixels a side of squares; of whole pictures the most of the longer side.
        part: Which part of the sources the photos are: "held_out" or "all".
        style_part: The same of the style images.
        crop: Pixels a side of the squares that are cut out of whole pictures to compare sets; 0:
            the pictures are squares.
    """

    content: Pictures
    names: tuple[str, ...]
    style: Pictures
    reference: np.ndarray | None
    size: int
    part: str
    style_part: str
    crop: int = 0

    @property
    def resizing(self) -> str:
        """What was done to the pictures, for people."""
        by = "by Pillow's antialiased bicubic filter"
        if not self.crop:
            return f"short side {by}, then the middle square"
        return (
            f"whole pictures, the longer side shrunk {by} to {self.size} pixels where it is "
            f"longer; sets are compared by squares of {self.crop} pixels cut out of them"
        )


def read_test_set(
    content: data.Source,
    style: data.Source,
    reference: data.Source | None = None,
    *,
    part: Literal["held_out", "all"] = "all",
    style_part: Literal["held_out", "all"] | None = None,
    size: int = 0,
    images: int = 0,
) -> TestSet:
    """Read what is to be measured on.

    Args:
        content: Photos.
        style: Style images.
        reference: Pictures of the same keys as the photos; keys may differ in their suffix.
        part: All pictures, or those alone that a training holds out.
        style_part: The same for the style images; default: as the photos.
        size: Pixels a side; 0: 256, or less where the smallest picture has less.
        images: The most of each set, spread evenly over it; 0: all.

    Raises:
        UserError: When a set has no readable picture, or a reference is missing.
    """
    style_part = style_part or part
    parts = [data.split(content, part), data.split(style, style_part)]
    chosen = [data.spread(source, images or len(source)) for source in parts]
    size = size or _common_size(chosen)
    photos, names = data.read_squares(chosen[0], size)
    styles, _ = data.read_squares(chosen[1], size)
    wanted = None if reference is None else _matching(reference, names, size)
    return TestSet(photos, names, styles, wanted, size, part, style_part)


def read_whole_test_set(
    content: data.Source,
    style: data.Source,
    *,
    part: Literal["held_out", "all"] = "all",
    style_part: Literal["held_out", "all"] | None = None,
    size: int,
    images: int = 0,
) -> TestSet:
    """Read whole pictures to measure on, as large as people have them painted.

    Nothing is enlarged: a model paints a small photo at its own size too, and a style image tells
    the scale of its strokes as it is.

    Args:
        content: Photos.
        style: Style images.
        part: All pictures, or those alone that a training holds out.
        style_part: The same for the style images; default: as the photos.
        size: Pixels of the longer side, at most.
        images: The most of each set, spread evenly over it; 0: all.

    Raises:
        UserError: When a set has no readable picture, or none that a square fits into.
    """
    style_part = style_part or part
    parts = [data.split(content, part), data.split(style, style_part)]
    chosen = [data.spread(source, images or len(source)) for source in parts]
    (photos, names), (styles, _) = (data.read_whole_pictures(source, size) for source in chosen)
    for source, pictures in ((content, photos), (style, styles)):
        if not len(cut_crops(pictures, CROP).pictures):
            raise UserError(
                f"{source.spec}: no picture has {CROP} pixels a side, which is what is compared at "
                f"--size={size}: give larger pictures, or --size up to {LARGEST_SQUARE}"
            )
    return TestSet(photos, names, styles, None, size, part, style_part, CROP)


def read_paired_test_set(
    pairs: data.PairSource,
    *,
    part: Literal["held_out", "all"] = "all",
    size: int = 0,
    images: int = 0,
) -> TestSet:
    """Read pairs to measure on: the targets are the style images and the references.

    Args:
        pairs: Degradations are always the same.
        part: All pairs, or those alone that a training holds out.
        size: Pixels a side; 0: 256, or less where the smallest picture has less.
        images: The most pairs, spread evenly over them; 0: all.

    Raises:
        UserError: When no pair is readable.
    """
    chosen = data.spread(data.split(pairs, part), images or len(pairs))
    size = size or _common_size([chosen])
    read, names = data.read_squares(chosen, size)
    content, target = data.content_and_target(read)
    return TestSet(content, names, target, target, size, part, part)


def _common_size(sources: list[data.Source]) -> int:
    sides = [
        min(known)
        for source in sources
        for index in range(len(source))
        for known in source.known_sizes(index)
    ]
    return min([_USUAL_SIZE, *sides])


def _matching(reference: data.Source, names: tuple[str, ...], size: int) -> np.ndarray:
    """The references of the photos, matched by key without its suffix."""
    places = {stem(key): index for index, key in enumerate(reference.keys)}
    missing = next((name for name in names if stem(name) not in places), None)
    if missing is not None:
        raise UserError(f"{reference.spec}: no picture of the name of {missing}")
    subset = data.Subset(reference, [places[stem(name)] for name in names])
    pictures, read = data.read_squares(subset, size)
    if len(read) != len(names):
        raise UserError(f"{reference.spec}: some of the references cannot be read")
    return pictures


def stem(key: str) -> str:
    """A key without its suffix, for pictures of one name in several folders."""
    folder, _, name = key.rpartition("/")
    return f"{folder}/{name.rpartition('.')[0] or name}"
