"""Squares cut out of whole pictures, to compare sets at the scale at which they are seen."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# float32 `[height, width, 3]` in [-1, 1] each; sizes may differ.
Pictures = Sequence[np.ndarray] | np.ndarray


class Crops(NamedTuple):
    """Squares, and which picture each of them is cut from.

    Attributes:
        pictures: float32 `[n, edge, edge, 3]`.
        groups: int `[n]`: places in the list of pictures.
    """

    pictures: np.ndarray
    groups: np.ndarray


def cut_crops(pictures: Pictures, edge: int) -> Crops:
    """As many squares as lie side by side in each picture, spread evenly over it.

    Nothing is resized. Pictures with a side under `edge` give none; a large picture gives more
    than a small one, so that each patch of paint counts the same.

    Args:
        pictures: float32 `[height, width, 3]`; sizes may differ.
        edge: Pixels a side of the squares; 0: the pictures themselves, which are squares of one
            size.
    """
    if not edge:
        return Crops(np.asarray(pictures), np.arange(len(pictures)))
    cut: list[np.ndarray] = []
    groups: list[int] = []
    for place, picture in enumerate(pictures):
        for top in _starts(picture.shape[0], edge):
            for left in _starts(picture.shape[1], edge):
                cut.append(picture[top : top + edge, left : left + edge])
                groups.append(place)
    squares = np.array(cut, np.float32).reshape(-1, edge, edge, 3)
    return Crops(squares, np.array(groups, np.int64))


def _starts(side: int, edge: int) -> list[int]:
    """Where so many squares begin as fit, the first and last at the borders; one: in the middle."""
    count = side // edge
    if count < 2:
        return [(side - edge) // 2] * count
    return [int(start) for start in np.linspace(0, side - edge, count).round()]
