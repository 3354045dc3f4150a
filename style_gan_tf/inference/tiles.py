"""Pictures of any size in bounded memory: tiles that share their normalization statistics."""

import functools
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from style_gan_tf.errors import UsageError
from style_gan_tf.inference.canvas import Canvas, ReadRows, Span, spans
from style_gan_tf.inference.moments import Moments
from style_gan_tf.inference.tile_model import TileModel

STATISTICS = ("exact", "thumbnail")
# A CPU's time for a pixel is about the same for all tiles from 256 pixels on, overlap aside.
_LARGEST = 1024
_SMALLEST = 64

# Tiles that are done and tiles in all.
OnTile = Callable[[int, int], None]


@dataclass(frozen=True)
class Tiling:
    """How large pictures are painted and cut, and seamless ones made.

    Attributes:
        tile: Pixels a side of the tiles, without their overlap; 0: what the memory holds, and
            pictures that it holds whole are not cut.
        statistics: "exact": those of the whole picture, by one more pass for each normalization
            layer; "thumbnail": those of a small copy, by one pass over that (URST, Chen et al.
            2022).
        memory: Bytes that a pass may take; 0: half of what is free.
        seamless: The picture is a torus: its left border goes on at its right one.
        paint_size: Pixels of the longer side at which larger pictures are painted, see
            `paint_small`; 0: their own; None: what the model's card says, see `load_model`.
    """

    tile: int = 0
    statistics: str = "exact"
    memory: int = 0
    seamless: bool = False
    paint_size: int | None = None

    def __post_init__(self) -> None:
        if self.paint_size is not None and self.paint_size < 0:
            raise UsageError(f"--paint_size={self.paint_size}: expected pixels, 0 or more")
        if self.paint_size and self.seamless:
            raise UsageError("--paint_size and --seamless: give one of them")
        if self.statistics not in STATISTICS:
            raise UsageError(
                f"--tile_statistics={self.statistics}: choose one of {', '.join(STATISTICS)}"
            )


def stylize_tiles(
    model: TileModel,
    read: ReadRows,
    size: tuple[int, int],
    write: Callable[[np.ndarray], None],
    *,
    tile: int,
    rows: int | None = None,
    statistics: str = "exact",
    wrap: bool = False,
    on_tile: OnTile = lambda done, total: None,
) -> None:
    """Stylize a picture tile by tile.

    With exact statistics the result is that of one pass over the whole picture, to rounding:
    each tile reaches as far beyond what is kept of it as the network sees.

    Args:
        model: Runs the tiles.
        read: Reads rows in [-1, 1], see `Canvas`.
        size: Height and width of the picture.
        write: Takes float32 `[rows, width, 3]` in [-1, 1], from top to bottom.
        tile: Pixels a side of the tiles, without their overlap; rounded to what the model takes.
        rows: Pixels down where that is another number; less makes strips that take less memory.
        statistics: See `Tiling`.
        wrap: The picture is a torus.
        on_tile: Told after each tile of each pass.

    Raises:
        OutOfMemory: When the device has too little memory for a tile.
    """
    cut = _Cut(model, read, size, (tile if rows is None else rows, tile), wrap, on_tile)
    if statistics == "exact":
        cut.total = len(cut) * (len(model.facts.channels) + 1)
        shared = _exact(model, cut)
    else:
        cut.total = len(cut)
        shared = _survey(model, thumbnail(read, size, tile), wrap)[1]
    for row, of_row in itertools.groupby(cut, key=lambda cell: cell[0]):
        seen_rows, place = cut.canvas.inside(row, 0)
        strip = np.empty((place.stop - place.start, size[1], 3), np.float32)
        for _, column, pixels in of_row:
            seen_columns, columns = cut.canvas.inside(column, 1)
            strip[:, columns] = model.paint(pixels, shared)[0, seen_rows, seen_columns]
            cut.done()
        if len(strip):  # There may be nothing but surround in it.
            write(strip)


def stylize_seamless(model: TileModel, picture: np.ndarray) -> np.ndarray:
    """Stylize a picture as a torus, in one pass: laid side by side, the results show no seam.

    It is surrounded by itself as far as the network sees, and the statistics are those of the
    picture alone. A side that is no multiple of the model's stride leaves a trace of a seam,
    because the network's grid does not go around.

    Args:
        model: Runs it.
        picture: float32 `[height, width, 3]` in [-1, 1].

    Returns:
        float32, the same shape, in [-1, 1].

    Raises:
        OutOfMemory: When the device has too little memory.
    """
    return _survey(model, picture, wrap=True)[0]


def tile_side(model: TileModel, memory: int) -> int:
    """Pixels a side of tiles, without overlap, that a pass in so many bytes has room for."""
    side = math.isqrt(memory // model.facts.bytes_per_pixel) - 2 * model.facts.overlap
    return min(max(side, _SMALLEST), _LARGEST)


class _Cut:
    """Tiles of a canvas, from top to bottom and from left to right, as often as it is iterated."""

    def __init__(
        self,
        model: TileModel,
        read: ReadRows,
        size: tuple[int, int],
        tile: tuple[int, int],
        wrap: bool,
        on_tile: OnTile = lambda done, total: None,
    ) -> None:
        facts = model.facts
        # Two of the smallest: when a side is divided evenly, no part is too small.
        least = max(2 * facts.minimum, facts.stride)
        tiles = [max(side, least) // facts.stride * facts.stride for side in tile]
        if wrap:
            # What lies around the torus is seen by tiles, but is part of none.
            margin = max(facts.overlap, facts.minimum)
            surround = tuple((margin, -side % facts.stride + margin) for side in size)
        else:
            margin, surround = 0, model.surround(*size)
        self.canvas = Canvas(read, *size, (surround[0], surround[1]), wrap)
        self.rows, self.columns = (
            list(spans(len(places), side, facts.overlap, facts.stride, margin))
            for places, side in zip((self.canvas.rows, self.canvas.columns), tiles, strict=True)
        )
        self.total = 0
        self._done = 0
        self._on_tile = on_tile

    def __len__(self) -> int:
        return len(self.rows) * len(self.columns)

    def __iter__(self) -> Iterator[tuple[Span, Span, np.ndarray]]:
        for row in self.rows:
            strip = self.canvas.strip(row)
            for column in self.columns:
                yield row, column, self.canvas.tile(strip, column)

    def done(self) -> None:
        self._done += 1
        self._on_tile(self._done, self.total)


def _exact(model: TileModel, cut: _Cut) -> list[Moments]:
    known: list[Moments] = []
    for _ in model.facts.channels:
        parts = []
        for row, column, pixels in cut:
            parts.append(model.measure(pixels, _window(row, column), known))
            cut.done()
        known.append(functools.reduce(Moments.merged, parts))
    return known


def _survey(model: TileModel, picture: np.ndarray, wrap: bool) -> tuple[np.ndarray, list[Moments]]:
    """Stylize a picture in one tile; and the statistics that it was normalized by."""
    height, width = picture.shape[:2]
    cut = _Cut(
        model, lambda first, stop: picture[first:stop], (height, width), (2**30, 2**30), wrap
    )
    ((row, column, pixels),) = cut
    stylized, statistics = model.survey(pixels, _window(row, column))
    rows, columns = cut.canvas.inside(row, 0)[0], cut.canvas.inside(column, 1)[0]
    return stylized[0, rows, columns], statistics


def _window(row: Span, column: Span) -> tuple[int, int, int, int]:
    return (
        row.inner.start,
        column.inner.start,
        row.stop - row.start,
        column.stop - column.start,
    )


def thumbnail(read: ReadRows, size: tuple[int, int], tile: int) -> np.ndarray:
    """A small copy with about as many pixels as a tile has: means over squares.

    Returns:
        float32 `[height, width, 3]`; rows and columns that fill no square are left out.
    """
    shrink = min(math.ceil(math.sqrt(size[0] * size[1]) / tile), *size)
    rows = []
    for top in range(0, size[0] - shrink + 1, shrink):
        strip = read(top, top + shrink)[:, : size[1] // shrink * shrink]
        squares = strip.astype(np.float32).reshape(shrink, -1, shrink, 3)
        rows.append(squares.mean(axis=(0, 2)))
    return np.stack(rows)
