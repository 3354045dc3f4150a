"""A generator, however it is stored, as one thing: pictures in, stylized pictures out."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.errors import UserError
from style_gan_tf.inference.memory import OutOfMemory, free_memory
from style_gan_tf.inference.paint_size import paint_small
from style_gan_tf.inference.style_table import StyleTable, photo_kept
from style_gan_tf.inference.tile_model import TileModel
from style_gan_tf.inference.tiles import (
    OnTile,
    Tiling,
    stylize_seamless,
    stylize_tiles,
    tile_side,
)

_ALWAYS_FITS = 2**20  # pixels that need no look at the memory
_SMALLEST_RETRY = 64  # pixels a side of tiles


class Model:
    """A model that stylizes pictures of any size.

    Made by `load_model`. Pictures that are too large for the memory are cut into tiles.

    Attributes:
        path: Where it was read from.
        tiling: How.
        table: Its styles; None where it takes nothing that says which.
        style: float32 `[numbers]`, what it takes: style weights, or a style code; None likewise.
        on_tile: Told after each tile; to be replaced.
    """

    def __init__(
        self,
        path: Path,
        function: Callable[..., Any],
        make_tiles: Callable[[np.ndarray | None], TileModel] | None = None,
        tiling: Tiling | None = None,
        table: StyleTable | None = None,
        style: np.ndarray | None = None,
    ) -> None:
        self.path = path
        self.tiling = tiling or Tiling()
        self.table, self.style = table, style
        self.on_tile: OnTile = lambda done, total: None
        self._function = function
        self._make_tiles = make_tiles
        self._weaker: tuple[float, Model] | None = None

    @property
    def styles(self) -> tuple[str, ...]:
        """Its styles' names; none where it takes nothing that says which."""
        return self.table.names if self.table else ()

    def at_strength(self, strength: float) -> "Model":
        """The same with less of its style.

        Zero gives the photo exactly; what lies between, the network paints by itself.

        Args:
            strength: 0 (the photo) to 1 (this model).

        Raises:
            ValueError: For a model that knows one style in full alone.
        """
        if self.style is None:
            raise ValueError(f"{self.path}: knows one strength")
        if strength == 1.0:
            return self
        if self._weaker is None or self._weaker[0] != strength:
            self._weaker = strength, self.driven_by(self.style * np.float32(strength))
        return self._weaker[1]

    @property
    def kept(self) -> float:
        """How much of the photo shows through: what a weaker style leaves of it, 0 to 1."""
        return photo_kept(self.table, self.style)

    def in_style(self, weights: np.ndarray) -> "Model":
        """The same in other styles.

        Args:
            weights: float32, one of each of `styles`, 0 or more, at most 1 together.
        """
        assert self.table is not None
        return self.driven_by(self.table.mixed(weights))

    def driven_by(self, style: np.ndarray) -> "Model":
        """The same given a style as the network takes it: a row of the table, or a mixture."""
        parts = (self._function, self._make_tiles, self.tiling, self.table, style)
        model = Model(self.path, *parts)
        model.on_tile = lambda done, total: self.on_tile(done, total)
        return model

    @functools.cached_property
    def tiles(self) -> TileModel:
        """The model for parts of pictures, with given normalization statistics.

        Raises:
            UserError: For a SavedModel without the signature `tile`.
        """
        if self._make_tiles is None:
            raise UserError(f"{self.path}: takes whole pictures only")
        return self._make_tiles(self.style)

    @property
    def memory(self) -> int:
        """Bytes that a pass may take."""
        return self.tiling.memory or free_memory() // 2

    def stylize(self, images: Any) -> np.ndarray:
        """Stylize a batch of pictures.

        Args:
            images: `[batch, height, width, 3]`, RGB in [-1, 1], any height and width from 1 on.

        Returns:
            float32, same shape and range.

        Raises:
            ValueError: For another shape.
            OutOfMemory: When the device has too little memory, for tiles even.
            UserError: When tiles are needed but the SavedModel has no signature `tile`.
        """
        images = np.asarray(images, np.float32)
        if images.ndim != 4 or images.shape[-1] != 3 or 0 in images.shape:
            raise ValueError(f"images have shape {images.shape}, not [batch, height, width, 3]")
        if self.tiling.paint_size:  # None: nobody has asked a card.
            return paint_small(images, self.tiling.paint_size, self._painted, self.kept)
        return self._painted(images)

    def _painted(self, images: np.ndarray) -> np.ndarray:
        if not self._fits(images.size // 3):
            return np.stack([self._in_tiles(picture, self.tile()) for picture in images])
        if self.tiling.seamless:
            return np.stack([stylize_seamless(self.tiles, picture) for picture in images])
        try:
            return self._whole(images)
        except OutOfMemory:
            if self._make_tiles is None or max(images.shape[1:3]) < 2 * _SMALLEST_RETRY:
                raise
            side = min(self.tile(), max(images.shape[1:3]) // 2)
        # The estimate was wrong, or the device is a GPU, whose memory it does not know.
        return np.stack([self._in_tiles(picture, side) for picture in images])

    def tile(self) -> int:
        """Pixels a side of the tiles that pictures are cut into where they are."""
        return self.tiling.tile or tile_side(self.tiles, self.memory)

    def _fits(self, pixels: int) -> bool:
        if self.tiling.tile:
            return pixels <= self.tiling.tile**2
        if pixels <= _ALWAYS_FITS:
            return True
        try:
            return pixels * self.tiles.facts.bytes_per_pixel <= self.memory
        except UserError:  # An export without tiles: there is no other way than to try.
            return True

    def _whole(self, images: np.ndarray) -> np.ndarray:
        import tensorflow as tf

        style = []
        if self.style is not None:
            style = [tf.constant(np.tile(self.style, (len(images), 1)))]
        try:
            return self._function(tf.constant(images), *style).numpy()
        except (tf.errors.ResourceExhaustedError, MemoryError):
            height, width = images.shape[1:3]
            raise OutOfMemory(f"{width}x{height} pixels: too large for the memory") from None

    def _in_tiles(self, picture: np.ndarray, tile: int) -> np.ndarray:
        stylized = np.empty_like(picture)
        row = 0

        def write(strip: np.ndarray) -> None:
            nonlocal row
            stylized[row : row + len(strip)] = strip
            row += len(strip)

        stylize_tiles(
            self.tiles,
            lambda first, stop: picture[first:stop],
            (picture.shape[0], picture.shape[1]),
            write,
            tile=tile,
            statistics=self.tiling.statistics,
            wrap=self.tiling.seamless,
            on_tile=lambda done, total: self.on_tile(done, total),
        )
        return stylized
