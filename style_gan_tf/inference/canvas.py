"""A picture and what is laid around it, cut into tiles."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

# The first row and the one after the last -> the picture's rows, float32 `[rows, width, 3]`.
ReadRows = Callable[[int, int], np.ndarray]


@dataclass(frozen=True)
class Span:
    """A stretch of one side of a canvas.

    Attributes:
        start: Where the part that counts begins, and
        stop: where it ends.
        outer_start: Where the tile begins, with its overlap, and
        outer_stop: where it ends.
    """

    start: int
    stop: int
    outer_start: int
    outer_stop: int

    @property
    def inner(self) -> slice:
        """The part that counts, as seen from the tile."""
        return slice(self.start - self.outer_start, self.stop - self.outer_start)


class Canvas:
    """A picture surrounded by its reflection, as `networks.any_size` lays it out, or by itself.

    Args:
        read: Reads rows; asked for rows from top to bottom, overlapping, again in each pass.
        height: Of the picture.
        width: Of the picture.
        surround: Pixels before and after, down and across.
        wrap: Surround it by itself, as a torus, not by its reflection; `read` must then give any
            rows at any time.
    """

    def __init__(
        self,
        read: ReadRows,
        height: int,
        width: int,
        surround: tuple[tuple[int, int], tuple[int, int]],
        wrap: bool = False,
    ) -> None:
        self._read = read
        self.rows = _places(height, *surround[0], wrap)
        self.columns = _places(width, *surround[1], wrap)
        self.surround = surround
        self.picture = (height, width)

    def strip(self, span: Span) -> np.ndarray:
        """The rows of a span with its overlap, float32 `[rows, width of the canvas, 3]`."""
        places = self.rows[span.outer_start : span.outer_stop]
        first = int(places.min())
        rows = self._read(first, int(places.max()) + 1)
        # Where nothing is reflected as they are: a copy would take as much memory again.
        return rows if np.all(np.diff(places) == 1) else rows[places - first]

    def tile(self, strip: np.ndarray, span: Span) -> np.ndarray:
        """A tile of a strip, float32 `[1, rows, columns, 3]`."""
        columns = self.columns[span.outer_start : span.outer_stop]
        return strip[np.newaxis, :, columns].astype(np.float32, copy=False)

    def inside(self, span: Span, axis: int) -> tuple[slice, slice]:
        """What of a span's tile shows the picture, and where in the picture that is."""
        before, size = self.surround[axis][0], self.picture[axis]
        start, stop = max(span.start, before), max(min(span.stop, before + size), before)
        stop = max(stop, start)
        seen = slice(start - span.outer_start, stop - span.outer_start)
        return seen, slice(start - before, stop - before)


def spans(length: int, tile: int, overlap: int, stride: int, margin: int = 0) -> Iterator[Span]:
    """Cut a side of a canvas into parts of about the same length.

    Args:
        length: Of the side, a multiple of the stride.
        tile: The longest part, without overlap; a multiple of the stride.
        overlap: Added on both sides of each part, but not beyond the canvas.
        stride: All parts are multiples of it.
        margin: At both ends, for overlaps alone: a multiple of the stride.
    """
    cut = length - 2 * margin
    parts = -(-cut // tile)
    cells = cut // stride
    for part in range(parts):
        start, stop = (margin + cells * (part + i) // parts * stride for i in (0, 1))
        yield Span(start, stop, max(start - overlap, 0), min(stop + overlap, length))


def _places(size: int, before: int, after: int, wrap: bool) -> np.ndarray:
    """Which row or column of the picture lies at each one of the canvas."""
    index = np.arange(-before, size + after)
    if wrap:
        return index % size
    if max(before, after) >= size:  # Too small to be reflected: the border is repeated.
        return np.clip(index, 0, size - 1)
    return (size - 1) - np.abs((size - 1) - np.abs(index))
