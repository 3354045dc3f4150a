"""Pictures in another size by cubic kernels, a part at a time, in TensorFlow graphs and outside.

Each line of samples becomes another by a matrix that is zero far from its diagonal. It is cut into
blocks, and only what a block touches is multiplied: so the work grows with the picture alone, and
runs as matrix products on all cores, on GPUs, and in every TensorFlow that serves.

Sources: Keys 1981, "Cubic Convolution Interpolation for Digital Image Processing"; Unser 1999,
"Splines: A Perfect Fit for Signal and Image Processing" (the cubic B-spline).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

_BLOCK = 64  # samples that are made by one product
_SUPPORT = 2  # samples that a kernel reaches, to either side

Kernel = Callable[[Any], Any]


def keys(distance: Any) -> Any:
    """Bicubic interpolation's kernel (a = -1/2) at distances from 0 on: sharp."""
    near = (1.5 * distance - 2.5) * distance**2 + 1.0
    far = ((2.5 - 0.5 * distance) * distance - 4.0) * distance + 2.0
    return tf.where(distance < 1.0, near, tf.where(distance < 2.0, far, 0.0))


def b_spline(distance: Any) -> Any:
    """The cubic B-spline at distances from 0 on: smooth, it shows no grid of its samples.

    Of what a line one pixel wide becomes when it is enlarged, it leaves a third of the steps that
    an interpolating kernel leaves, and a little less sharpness.
    """
    near = (0.5 * distance - 1.0) * distance**2 + 2.0 / 3.0
    far = (2.0 - tf.minimum(distance, 2.0)) ** 3 / 6.0
    return tf.where(distance < 1.0, near, far)


class Taps(NamedTuple):
    """How some samples are made of given ones.

    Attributes:
        places: int32 `[blocks, taps]`, which of the given ones a block is made of.
        weights: float32 `[blocks, samples, taps]`, how much of each; 0 beyond the ends.
        count: int32 scalar, how many samples are wanted: the last block has more.
    """

    places: Any
    weights: Any
    count: Any


def taps(given: Any, length: Any, first: Any, count: Any, kernel: Kernel) -> Taps:
    """How a part of a resized line is made.

    Args:
        given: Samples of the line that there is.
        length: Samples of the line that it becomes; where they are fewer, it is antialiased.
        first: The first of those that are wanted.
        count: How many of those are wanted.
        kernel: From distances, in samples of the coarser line, to weights.
    """
    first, count = tf.cast(first, tf.int32), tf.cast(count, tf.int32)
    # In float64: of a line of a hundred thousand samples the last lie as exactly as the first.
    ratio = tf.cast(given, tf.float64) / tf.cast(length, tf.float64)
    stretch = tf.maximum(ratio, 1.0)
    size = tf.minimum(count, _BLOCK)
    blocks = (count + size - 1) // size
    sample = tf.cast(first + tf.range(blocks * size), tf.float64)
    centre = tf.reshape((sample + 0.5) * ratio - 0.5, [blocks, size])
    reach = _SUPPORT * stretch
    lowest = tf.cast(tf.floor(centre[:, 0] - reach), tf.int32)
    touched = tf.cast(tf.math.ceil(tf.cast(size, tf.float64) * ratio + 2.0 * reach), tf.int32) + 1
    places = lowest[:, tf.newaxis] + tf.range(touched)
    away = tf.cast(places, tf.float64)[:, tf.newaxis] - centre[..., tf.newaxis]
    weights = kernel(tf.cast(tf.abs(away) / stretch, tf.float32))
    inside = (places >= 0) & (places < tf.cast(given, tf.int32))
    weights *= tf.cast(inside, tf.float32)[:, tf.newaxis]
    # Samples that only fill the last block may lie beyond all that is given.
    weights = tf.math.divide_no_nan(weights, tf.reduce_sum(weights, axis=-1, keepdims=True))
    last = tf.cast(given, tf.int32) - 1
    return Taps(tf.clip_by_value(places, 0, last), weights, count)


def resized(lines: Any, how: Taps) -> Any:
    """Resize along the first axis.

    Args:
        lines: float32 `[given, ...]`.
        how: What `taps` gave.

    Returns:
        float32 `[count, ...]`.
    """
    shape = tf.shape(lines)
    flat = tf.reshape(lines, [shape[0], -1])
    made = tf.matmul(how.weights, tf.gather(flat, how.places))
    made = tf.reshape(made, tf.stack([-1, tf.shape(flat)[1]]))[: how.count]
    return tf.reshape(made, tf.concat([[how.count], shape[1:]], axis=0))
