"""Colours kept: each small place of the output has the mean colour of the photo there.

After the colour reconstruction loss of AnimeGAN (Chen et al. 2019), which compares lightness and
colour differences pixel by pixel. Over the means of cells, lines and strokes cost nothing, for
they are smaller than a cell; a face that goes white or a night that turns orange does.
"""

from typing import Any

import tensorflow as tf

_CELL = 8  # pixels a side
# ITU-R BT.601's luma of red, green and blue, and its two colour differences.
_LUMA = (0.299, 0.587, 0.114)
_BLUE, _RED = 0.564, 0.713


def color_loss(outputs: Any, inputs: Any) -> Any:
    """Mean absolute difference of the cells' mean lightness and colour differences.

    Args:
        outputs: float32 `[n, height, width, 3]` in [-1, 1].
        inputs: The photos, the same shape.

    Returns:
        `[n]`, of each picture the sum over the three of their means. A uniform change of all three
        channels by d costs d.
    """
    # All steps are linear: the difference goes through them once.
    difference = tf.nn.avg_pool2d(outputs - inputs, _CELL, _CELL, "SAME")
    luma = tf.reduce_sum(difference * tf.constant(_LUMA), axis=-1)
    blue = _BLUE * (difference[..., 2] - luma)
    red = _RED * (difference[..., 0] - luma)
    return tf.add_n([tf.reduce_mean(tf.abs(part), axis=(1, 2)) for part in (luma, blue, red)])
