"""Gram matrices: which features come together in a picture, wherever they are."""

from typing import Any

import tensorflow as tf


def gram_matrix(features: Any) -> Any:
    """Correlations of the channels over all places (Gatys et al. 2016, equation 3).

    Args:
        features: `[batch, rows, columns, channels]`.

    Returns:
        `[batch, channels, channels]`, divided by the number of places, so that sizes compare.
    """
    shape = tf.shape(features)
    flat = tf.reshape(features, [shape[0], shape[1] * shape[2], features.shape[-1]])
    return tf.matmul(flat, flat, transpose_a=True) / tf.cast(shape[1] * shape[2], features.dtype)
