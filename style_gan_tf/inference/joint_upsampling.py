"""A painting of a photo's small copy in the photo's size, with the photo's own detail.

The detail that the small copy has lost is put back as far as the painting follows the photo: by the
slope of the painting against the photo's luminance around each pixel. Where the painter has
smoothed a texture the slope is 0, and none comes back; where a contour is left it comes back sharp.
What he adds by himself is enlarged by a kernel that shows no steps.

Source: joint upsampling by local linear models (He and Sun 2015, "Fast Guided Filter", section 2),
whose residual is kept here. The same functions run inside exports and on the command line, whole or
by rows: that is why both give the same picture.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from style_gan_tf.inference.cubic_resize import Taps, b_spline, keys, resized, taps

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
_RADIUS = 2  # pixels of the small copy, around each
# A variance of the luminance in [-1, 1]: what varies less counts as flat.
_FLAT = 4e-3
# A painting of more contrast than the photo has takes no more of its detail: it is noise, too, and
# four times the noise is a halo of specks along every contour.
_STEEPEST = 1.0
_PIXELS = 2**19  # of the large picture, at once: it bounds what the maps take


def small_size(height: Any, width: Any, longest: Any) -> tuple[Any, Any]:
    """Height and width of the small copy: int32 scalars."""
    sides = [tf.cast(side, tf.float64) for side in (height, width)]
    scale = tf.cast(longest, tf.float64)
    most = tf.maximum(*sides)
    small = [tf.maximum(tf.cast(tf.round(side * scale / most), tf.int32), 1) for side in sides]
    return small[0], small[1]


def narrowed(rows: Any, width: Any) -> Any:
    """Rows of a picture with fewer columns, bicubic and antialiased.

    Args:
        rows: float32 `[rows, more columns, 3]`.
        width: Columns that are wanted.

    Returns:
        float32 `[rows, width, 3]`.
    """
    columns = tf.transpose(rows, [1, 0, 2])
    how = taps(tf.shape(columns)[0], width, 0, width, keys)
    return tf.transpose(resized(columns, how), [1, 0, 2])


def shortened(picture: Any, height: Any) -> Any:
    """A picture with fewer rows, likewise, and clipped to [-1, 1]: its kernel overshoots."""
    how = taps(tf.shape(picture)[0], height, 0, height, keys)
    return tf.clip_by_value(resized(picture, how), -1.0, 1.0)


def local_model(copy: Any, painted: Any, kept: Any = 0.0, flat: float = _FLAT) -> Any:
    """How the painting follows the photo's luminance around each pixel, and what it adds.

    Args:
        copy: float32 `[height, width, 3]` in [-1, 1], the photo made smaller.
        painted: The same shape, what it became.
        kept: How much of the photo shows through the painting, 0 to 1: that is left out.
        flat: The variance of the luminance below which there is nothing to follow.

    Returns:
        float32 `[height, width, 6]`: the slope of each colour, then the rest of each.
    """
    painted = painted - kept * copy
    seen = _luminance(copy)
    means = _mean(tf.concat([seen, seen * seen, painted, seen * painted], axis=-1))
    mean, square, of_painted, product = tf.split(means, [1, 1, 3, 3], axis=-1)
    variance = tf.maximum(square - mean * mean, 0.0)
    slope = _mean((product - mean * of_painted) / (variance + flat))
    slope = tf.clip_by_value(slope, -_STEEPEST, _STEEPEST)
    return tf.concat([slope, painted - slope * seen], axis=-1)


def columns_of(maps: Any, width: Any) -> Taps:
    """How the columns of a picture so wide are made of `local_model`'s; the same for all rows."""
    return taps(tf.shape(maps)[1], width, 0, width, b_spline)


def enlarged(maps: Any, columns: Taps, height: Any, photo: Any, first: Any, kept: Any = 0.0) -> Any:
    """Some rows of the painting in the photo's size.

    Args:
        maps: What `local_model` gave.
        columns: What `columns_of` gave.
        height: Rows of the whole photo.
        photo: float32 `[rows, width, 3]` in [-1, 1], these rows of it.
        first: Which they are.
        kept: As `local_model` was told; so much of the photo is mixed in as it is, not enlarged.

    Returns:
        float32, the shape of `photo`, in [-1, 1].
    """
    rows = taps(tf.shape(maps)[0], height, first, tf.shape(photo)[0], b_spline)
    # Columns first, and rows last, which lie side by side in memory.
    large = resized(tf.transpose(resized(maps, rows), [1, 2, 0]), columns)
    seen = tf.transpose(_luminance(photo), [1, 2, 0])
    painted = tf.transpose(large[:, :3] * seen + large[:, 3:], [2, 0, 1])
    # Sharp edges overshoot.
    return tf.clip_by_value(painted + kept * photo, -1.0, 1.0)


def painted_small(photo: Any, longest: int, stylize: Callable[[Any], Any], kept: Any = 0.0) -> Any:
    """Stylize one picture at a smaller size and give it its own; for graphs.

    Args:
        photo: float32 `[height, width, 3]`, RGB in [-1, 1], a side longer than `longest`.
        longest: Pixels of the longer side while it is stylized.
        stylize: From such a picture to the same.
        kept: See `local_model`.

    Returns:
        float32, the shape of `photo`, in [-1, 1].
    """
    size = tf.shape(photo)
    height, width = small_size(size[0], size[1], longest)
    copy = shortened(narrowed(photo, width), height)
    maps = local_model(copy, stylize(copy), kept)
    columns = columns_of(maps, size[1])
    rows = tf.maximum(_PIXELS // size[1], 1)

    def enlarge(index: Any, done: Any) -> tuple[Any, Any]:
        first = index * rows
        part = enlarged(maps, columns, size[0], photo[first : first + rows], first, kept)
        return index + 1, done.write(index, part)

    count = -(-size[0] // rows)
    strips = tf.TensorArray(
        tf.float32, size=count, infer_shape=False, element_shape=[None, None, 3]
    )
    _, strips = tf.while_loop(
        lambda index, _: index < count, enlarge, [0, strips], parallel_iterations=1
    )
    return tf.ensure_shape(strips.concat(), [None, None, 3])


def _luminance(rgb: Any) -> Any:
    return tf.reduce_sum(rgb * tf.constant(_LUMA), axis=-1, keepdims=True)


def _mean(maps: Any) -> Any:
    """The mean of the square of pixels around each, the border's repeated."""
    side = 2 * _RADIUS + 1
    for axis in (0, 1):
        length = tf.shape(maps)[axis]
        index = tf.clip_by_value(tf.range(-_RADIUS, length + _RADIUS), 0, length - 1)
        padded = tf.gather(maps, index, axis=axis)
        parts = [
            padded[at : at + length] if axis == 0 else padded[:, at : at + length]
            for at in range(side)
        ]
        maps = tf.add_n(parts) / side
    return maps
