"""Large pictures painted small: strokes as broad as there, edges as sharp as the photo's.

A stroke keeps its size in pixels, so that on a photograph of 2048 pixels it is a hair. Painted at
768 pixels and enlarged it is a stroke again, but all edges are soft. Here the photo's own detail,
which the small copy has lost, is put back as far as the painting follows the photo: by the slope of
the painting against the photo's luminance around each pixel. Where the painter has smoothed a
texture the slope is 0, and none comes back; where a contour is left it comes back sharp.

Source: joint upsampling by local linear models (He and Sun 2015, "Fast Guided Filter", section 2),
whose residual is kept here: what the painter adds by himself is enlarged too.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image

from style_gan_tf.inference.canvas import ReadRows
from style_gan_tf.inference.pictures import Stylizes

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
_RADIUS = 2  # pixels of the small copy, around each
# A variance of the luminance in [-1, 1]: what varies less counts as flat.
_FLAT = np.float32(4e-3)
# A painting of more contrast than the photo has takes no more of its detail: it is noise, too, and
# four times the noise is a halo of specks along every contour.
_STEEPEST = 1.0
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
        read: Gives its rows from a first to before a last: float32 `[rows, width, 3]`.
        size: Its height and width.
        longest: Pixels of the copy's longer side, fewer than the picture's.

    Returns:
        float32 `[small height, small width, 3]`.
    """
    height, width = (max(1, round(side * longest / max(size))) for side in size)
    narrow = np.empty((size[0], width, 3), np.float32)
    at_once = max(1, _PIXELS // size[1])
    for first in range(0, size[0], at_once):
        strip = read(first, min(first + at_once, size[0]))
        narrow[first : first + at_once] = _resized(strip, (len(strip), width))
    return _resized(narrow, (height, width))


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
        self._size, self._kept = size, np.float32(kept)
        painted = painted - self._kept * copy
        seen = _luminance(copy)
        mean = _mean(seen)
        variance = np.maximum(_mean(seen * seen) - mean * mean, 0.0)
        covariance = _mean(seen * painted) - mean * _mean(painted)
        # How each colour of the painting follows the photo's luminance around each pixel.
        slope = _mean(covariance / (variance + _FLAT))
        self._slope = np.clip(slope, -_STEEPEST, _STEEPEST)
        self._rest = painted - self._slope * seen

    def rows(self, photo: np.ndarray, first: int) -> np.ndarray:
        """The painting of some rows.

        Args:
            photo: float32 `[rows, width, 3]` in [-1, 1], these rows of the photo.
            first: Which they are.

        Returns:
            float32, the same shape, in [-1, 1].
        """
        size = (len(photo), self._size[1])
        height, width = self._rest.shape[:2]
        scale = height / self._size[0]
        box = (0.0, first * scale, width, min((first + len(photo)) * scale, height))
        large = _resized(self._slope, size, box)
        large *= _luminance(photo)
        large += _resized(self._rest, size, box)
        if self._kept:
            large += self._kept * photo
        return np.clip(large, -1.0, 1.0, out=large)  # Sharp edges overshoot.


class SmallPainter:
    """Anything that stylizes, at a smaller size; see `paint_small`."""

    def __init__(self, painter: Stylizes, longest: int) -> None:
        self._painter, self._longest = painter, longest

    def stylize(self, images: np.ndarray) -> np.ndarray:
        """`[batch, height, width, 3]` in [-1, 1] to the same."""
        return paint_small(images, self._longest, self._painter.stylize)


def _rows_of(image: np.ndarray) -> ReadRows:
    return lambda first, stop: image[first:stop]


def _luminance(rgb: np.ndarray) -> np.ndarray:
    return (rgb @ _LUMA)[..., np.newaxis]


def _mean(maps: np.ndarray) -> np.ndarray:
    """The mean of the square of pixels around each; `[height, width, channels]`."""
    side = 2 * _RADIUS + 1
    for _ in range(2):  # down; then, the other way round, across
        padded = np.pad(maps, [(_RADIUS, _RADIUS), (0, 0), (0, 0)], "edge")
        total = np.zeros_like(maps)
        for at in range(side):
            total += padded[at : at + len(maps)]
        maps = (total / np.float32(side)).swapaxes(0, 1)
    return maps


def _resized(
    maps: np.ndarray, size: Size, box: tuple[float, float, float, float] | None = None
) -> np.ndarray:
    """Maps in another size, bicubic; or a part of them: left, top, right, bottom."""
    channels = [Image.fromarray(np.ascontiguousarray(map)) for map in np.moveaxis(maps, -1, 0)]
    bicubic = Image.Resampling.BICUBIC
    return np.stack(
        [np.asarray(map.resize((size[1], size[0]), bicubic, box)) for map in channels], axis=-1
    )
