"""The pictures that models are measured on."""

import dataclasses
from typing import Literal

import numpy as np

from style_gan_tf import data
from style_gan_tf.errors import UserError

_USUAL_SIZE = 256
RESIZING = "short side by Pillow's antialiased bicubic filter, then the middle square"


@dataclasses.dataclass(frozen=True)
class TestSet:
    """Pictures to measure on, all squares of one size, float32 `[n, size, size, 3]` in [-1, 1].

    Attributes:
        content: Photos to stylize.
        names: Their keys in the source.
        style: Style images.
        reference: What the photos should become, in their order; None where that is not known.
        size: Pixels a side.
        part: Which part of the sources the photos are: "held_out" or "all".
        style_part: The same of the style images.
    """

    content: np.ndarray
    names: tuple[str, ...]
    style: np.ndarray
    reference: np.ndarray | None
    size: int
    part: str
    style_part: str


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


def read_paired_test_set(
    pairs: data.Pairs,
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
    chosen = data.spread_pairs(pairs.part(part), images or len(pairs))
    size = size or _common_size([chosen.content, chosen.target])
    content, target, names = data.read_square_pairs(chosen, size)
    return TestSet(content, names, target, target, size, part, part)


def _common_size(sources: list[data.Source]) -> int:
    sides = [
        min(known)
        for source in sources
        for index in range(len(source))
        if (known := source.known_size(index))
    ]
    return min([_USUAL_SIZE, *sides])


def _matching(reference: data.Source, names: tuple[str, ...], size: int) -> np.ndarray:
    """The references of the photos, matched by key without its suffix."""
    places = {_stem(key): index for index, key in enumerate(reference.keys)}
    missing = next((name for name in names if _stem(name) not in places), None)
    if missing is not None:
        raise UserError(f"{reference.spec}: no picture of the name of {missing}")
    subset = data.Subset(reference, [places[_stem(name)] for name in names])
    pictures, read = data.read_squares(subset, size)
    if len(read) != len(names):
        raise UserError(f"{reference.spec}: some of the references cannot be read")
    return pictures


def _stem(key: str) -> str:
    folder, _, name = key.rpartition("/")
    return f"{folder}/{name.rpartition('.')[0] or name}"
