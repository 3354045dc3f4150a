"""Against pumping: the frames of a video share their normalization statistics."""

import functools
from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from style_gan_tf.errors import UserError
from style_gan_tf.inference.canvas import Canvas
from style_gan_tf.inference.models import Model
from style_gan_tf.inference.moments import Moments
from style_gan_tf.inference.pictures import Stylizes
from style_gan_tf.inference.tile_model import TileModel

# A pass that measures costs a third more than one that is told the statistics, and neighbouring
# frames have nearly the same.
_EVERY = 6  # frames
_WINDOW = 8  # measured frames: two seconds

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
                return _SharedStatistics(model)
        except UserError:  # An export that takes whole pictures only.
            pass
    return lambda images, cut: model.stylize(images)


class _SharedStatistics:
    def __init__(self, model: Model) -> None:
        self._model = model
        self._window: deque[Sequence[Moments]] = deque(maxlen=_WINDOW)
        self._shared: list[Moments] = []
        self._since = 0

    def __call__(self, images: np.ndarray, cut: bool) -> np.ndarray:
        tiles = self._model.tiles
        if images.size // 3 * tiles.facts.bytes_per_pixel > self._model.memory:
            return self._model.stylize(images)
        canvas = _surrounded(tiles, images.shape[1], images.shape[2])
        padded = images[:, canvas.rows][:, :, canvas.columns]
        if cut:
            self._window.clear()
        self._since += 1
        if not self._window or self._since >= _EVERY:
            self._since = 0
            stylized, measured = tiles.survey(padded)
            self._window.append(measured)
            layers = zip(*self._window, strict=True)
            self._shared = [functools.reduce(Moments.merged, layer) for layer in layers]
            if len(self._window) == 1:
                return _cropped(stylized, canvas)
        return _cropped(tiles.paint(padded, self._shared), canvas)


def _surrounded(tiles: TileModel, height: int, width: int) -> Canvas:
    def no_rows(first: int, stop: int) -> np.ndarray:
        raise AssertionError

    return Canvas(no_rows, height, width, tiles.surround(height, width))


def _cropped(stylized: np.ndarray, canvas: Canvas) -> np.ndarray:
    (top, _), (left, _) = canvas.surround
    height, width = canvas.picture
    return stylized[:, top : top + height, left : left + width]
