"""Skin keeps its hue: what is skin in the photo neither turns green nor blue, nor white.

Where the photo has the colours of skin, the output's colour may move by a part of the photo's own
chroma, and its lightness by a few steps; what goes beyond is charged. Colours held everywhere
(`color_loss`) take the painter's palette away; these hold it where people look first.
"""

from typing import Any

import tensorflow as tf

from style_gan_tf.images.skin_color import CELL, WHITE_UNITS, is_skin

_FREE_CHROMA = 0.35  # of the photo's chroma: about 20 degrees of hue
_FREE_LIGHTNESS = 12.0
_DARKEST = 15.0  # of lightness: very dark skin, and skin in the shade
_FEWEST = 0.02  # Share of skin in a picture that already counts in full.


def skin_loss(outputs: Any, inputs: Any) -> Any:
    """How far skin leaves the colours that are free to it, in units of 10 of CIELAB.

    Args:
        outputs: float32 `[n, height, width, 3]` in [-1, 1].
        inputs: The photos, the same shape.

    Returns:
        `[n]`: of each picture the mean over the cells of 8x8 pixels that are skin in the photo;
        0 for a picture without skin.
    """
    found, wanted = cells_lab(outputs), cells_lab(tf.stop_gradient(inputs))
    skin = tf.cast(is_skin(wanted, _DARKEST), tf.float32)
    # The tiny constants keep the roots' derivatives finite where nothing differs.
    chroma = tf.sqrt(tf.reduce_sum(tf.square(wanted[..., 1:]), -1) + 1e-6)
    moved = tf.sqrt(tf.reduce_sum(tf.square(found[..., 1:] - wanted[..., 1:]), -1) + 1e-6)
    lighter = tf.abs(found[..., 0] - wanted[..., 0])
    beyond = tf.nn.relu(moved - _FREE_CHROMA * chroma) + tf.nn.relu(lighter - _FREE_LIGHTNESS)
    counted = tf.maximum(
        tf.reduce_sum(skin, (1, 2)), _FEWEST * tf.reduce_sum(tf.ones_like(skin), (1, 2))
    )
    return 0.1 * tf.reduce_sum(skin * beyond, (1, 2)) / counted


def cells_lab(images: Any, cell: int = CELL) -> Any:
    """CIELAB (D65) of the means of square cells.

    Args:
        images: float32 `[n, height, width, 3]`, sRGB in [-1, 1]; beyond is clipped.
        cell: Pixels a side.

    Returns:
        float32 `[n, rows, columns, 3]`: L in 0..100, a, b.
    """
    means = tf.clip_by_value(0.5 * tf.nn.avg_pool2d(images, cell, cell, "SAME") + 0.5, 0.0, 1.0)
    # Both branches' arguments stay where their derivatives are finite.
    linear = tf.where(
        means <= 0.04045, means / 12.92, ((tf.maximum(means, 0.04045) + 0.055) / 1.055) ** 2.4
    )
    xyz = tf.einsum("brcp,qp->brcq", linear, tf.constant(WHITE_UNITS, tf.float32))
    edge = (6.0 / 29.0) ** 3
    root = tf.where(
        xyz > edge, tf.maximum(xyz, edge) ** (1.0 / 3.0), xyz * (29.0 / 6.0) ** 2 / 3.0 + 4.0 / 29.0
    )
    x, y, z = tf.unstack(root, axis=-1)
    return tf.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], -1)
