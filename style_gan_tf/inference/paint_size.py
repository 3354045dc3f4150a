"""Large pictures painted small: strokes as broad as there, edges as sharp as the photo's.

A stroke keeps its size in pixels, so that on a photograph of 2048 pixels it is a hair. Painted at
768 pixels and enlarged it is a stroke again, but all edges are soft: `joint_upsampling` puts the
photo's own detail back. Here it works on NumPy's arrays, by rows, so that the memory holds the
small copy and some rows of the large picture alone.
"""

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from style_gan_tf.inference.canvas import ReadRows
from style_gan_tf.inference.pictures import Stylizes

_ROWS = 256  # of the large picture, at once: it bounds what the maps take
_PIXELS = 2**20  # of the large picture, read at once

Size = tuple[int, int]  # height and width


def paint_small(
    images: np.ndarray,
    longest: int,
    stylize: Callable[[np.ndarray], np.ndarray],
    kept: float = 0.0,
) -> np.ndarray:
    """Stylize pictures at a smaller size and give them their own.

    Args:
        images: float32 `[batch, height, width, 3]`, RGB in [-1, 1].
        longest: Pixels of the longer side while they are stylized, at least 1; smaller pictures
            are stylized as they are.
        stylize: From such images to the same.
        kept: See `Enlarging`.

    Returns:
        float32, the shape of `images`, in [-1, 1].
    """
    size = (images.shape[1], images.shape[2])
    if max(size) <= longest:
        return stylize(images)
    copies = np.stack([shrink(_rows_of(image), size, longest) for image in images])
    large = np.empty(images.shape, np.float32)
    for photo, copy, painted, whole in zip(images, copies, stylize(copies), large, strict=True):
        enlarging = Enlarging(copy, painted, size, kept)
        for first in range(0, size[0], _ROWS):
            rows = slice(first, first + _ROWS)
            whole[rows] = enlarging.rows(photo[rows], first)
    return large


def shrink(read: ReadRows, size: Size, longest: int) -> np.ndarray:
    """A smaller copy of a picture, bicubic and antialiased.

    Args:
        read: Gives its rows from a first to before a last: float32 `[rows, width, 3]` in [-1, 1].
        size: Its height and width.
        longest: Pixels of the copy's longer side, fewer than the picture's.

    Returns:
        float32 `[small height, small width, 3]` in [-1, 1].
    """
    graphs = _graphs()
    height, width = (int(side) for side in graphs.small_size(*size, longest))
    narrow = np.empty((size[0], width, 3), np.float32)
    at_once = max(1, _PIXELS // size[1])
    for first in range(0, size[0], at_once):
        strip = read(first, min(first + at_once, size[0]))
        narrow[first : first + at_once] = graphs.narrowed(strip, width)
    return graphs.shortened(narrow, height).numpy()


class Enlarging:
    """Enlarges what became of a photo's small copy, with the photo's detail, by rows.

    Args:
        copy: float32 `[small height, small width, 3]` in [-1, 1], the photo made smaller.
        painted: The same shape, what it became.
        size: Height and width of the photo.
        kept: How much of the photo shows through the painting, 0 to 1: so much of it is
            mixed in as it is, not enlarged.
    """

    def __init__(
        self, copy: np.ndarray, painted: np.ndarray, size: Size, kept: float = 0.0
    ) -> None:
        self._graphs, self._height, self._kept = _graphs(), size[0], np.float32(kept)
        self._maps = self._graphs.local_model(copy, painted, self._kept)
        self._columns = self._graphs.columns_of(self._maps, size[1])

    def rows(self, photo: np.ndarray, first: int) -> np.ndarray:
        """The painting of some rows.

        Args:
            photo: float32 `[rows, width, 3]` in [-1, 1], these rows of the photo.
            first: Which they are.

        Returns:
            float32, the same shape, in [-1, 1].
        """
        given = (self._maps, self._columns, self._height, photo, first, self._kept)
        return self._graphs.enlarged(*given).numpy()


class SmallPainter:
    """Anything that stylizes, at a smaller size; see `paint_small`."""

    def __init__(self, painter: Stylizes, longest: int) -> None:
        self._painter, self._longest = painter, longest

    def stylize(self, images: np.ndarray) -> np.ndarray:
        """`[batch, height, width, 3]` in [-1, 1] to the same."""
        return paint_small(images, self._longest, self._painter.stylize)


@functools.cache
def _graphs() -> Any:
    """The functions of `joint_upsampling`, each as one graph for pictures of all sizes."""
    import tensorflow as tf

    from style_gan_tf.inference import joint_upsampling
    from style_gan_tf.inference.cubic_resize import Taps

    number, share = tf.TensorSpec([], tf.int32), tf.TensorSpec([], tf.float32)
    picture = tf.TensorSpec([None, None, 3], tf.float32)
    maps = tf.TensorSpec([None, None, 6], tf.float32)
    columns = Taps(
        tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None, None, None], tf.float32), number
    )
    takes = {
        "small_size": [number, number, number],
        "narrowed": [picture, number],
        "shortened": [picture, number],
        "local_model": [picture, picture, share],
        "columns_of": [maps, number],
        "enlarged": [maps, columns, number, picture, number, share],
    }
    return SimpleNamespace(
        **{
            name: tf.function(getattr(joint_upsampling, name), signature, autograph=False)
            for name, signature in takes.items()
        }
    )


def _rows_of(image: np.ndarray) -> ReadRows:
    return lambda first, stop: image[first:stop]
