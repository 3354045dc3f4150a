"""Against pumping: the frames of a video share their normalization statistics."""

import dataclasses
from collections.abc import Callable

import numpy as np

from style_gan_tf.errors import UserError
from style_gan_tf.inference.canvas import Canvas
from style_gan_tf.inference.models import Model
from style_gan_tf.inference.moments import Moments
from style_gan_tf.inference.paint_size import paint_small
from style_gan_tf.inference.pictures import Stylizes
from style_gan_tf.inference.tile_model import TileModel

# A pass that measures comes on top of the one that is shown, and neighbouring frames have nearly
# the same statistics.
_EVERY = 12  # frames
_WINDOW = 48  # frames, over which what was measured fades: two seconds

# float32 [1, height, width, 3] in [-1, 1], and whether a scene begins, to the stylized frame.
StylizeFrame = Callable[[np.ndarray, bool], np.ndarray]


def frame_stylizer(model: Stylizes, shared: bool = True) -> StylizeFrame:
    """How the frames of a video are stylized, one after another.

    Instance normalization takes its statistics from the picture at hand, so that something large
    that comes into view changes the colours of everything else. Frames that share the statistics
    of the last seconds do not do that.

    Args:
        model: Any; one that has no such statistics, or cannot take them, stylizes frame by frame.
        shared: Share statistics where that is possible.
    """
    if shared and isinstance(model, Model) and not model.tiling.seamless:
        try:
            if model.tiles.facts.channels:
                return _at_paint_size(model, _SharedStatistics(model))
        except UserError:  # An export that takes whole pictures only.
            pass
    return lambda images, cut: model.stylize(images)


def _at_paint_size(model: Model, stylize: StylizeFrame) -> StylizeFrame:
    longest, kept = model.tiling.paint_size, model.kept
    if not longest:
        return stylize
    return lambda images, cut: paint_small(images, longest, lambda copy: stylize(copy, cut), kept)


class _SharedStatistics:
    def __init__(self, model: Model) -> None:
        self._model = model
        self._measured: list[Moments] = []  # last
        self._shared: list[Moments] = []
        self._since = 0

    def __call__(self, images: np.ndarray, cut: bool) -> np.ndarray:
        tiles = self._model.tiles
        if images.size // 3 * tiles.facts.bytes_per_pixel > self._model.memory:
            return self._model.stylize(images)
        canvas = _surrounded(tiles, images.shape[1], images.shape[2])
        padded = images[:, canvas.rows][:, :, canvas.columns]
        if cut or not self._shared:
            stylized, self._shared = tiles.survey(padded)
            self._measured, self._since = self._shared, 0
            return _cropped(stylized, canvas)
        self._since += 1
        if self._since >= _EVERY:
            self._measured, self._since = tiles.survey(padded)[1], 0
        # A little with each frame: no step is seen.
        self._shared = [
            _fading(old, new) for old, new in zip(self._shared, self._measured, strict=True)
        ]
        return _cropped(tiles.paint(padded, self._shared), canvas)


def _fading(old: Moments, new: Moments) -> Moments:
    """Those of a window in which what is older counts less and less."""
    window = dataclasses.replace(old, count=_WINDOW - 1)
    return window.merged(dataclasses.replace(new, count=1))


def _surrounded(tiles: TileModel, height: int, width: int) -> Canvas:
    def no_rows(first: int, stop: int) -> np.ndarray:
        raise AssertionError

    return Canvas(no_rows, height, width, tiles.surround(height, width))


def _cropped(stylized: np.ndarray, canvas: Canvas) -> np.ndarray:
    (top, _), (left, _) = canvas.surround
    height, width = canvas.picture
    return stylized[:, top : top + height, left : left + width]
