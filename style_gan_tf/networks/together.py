"""One pass of a network over several batches."""

from typing import Any

import keras
import tensorflow as tf


def together(network: keras.Model, *batches: Any, training: bool) -> list[Any]:
    """Run the network on all batches, in one pass where that changes nothing.

    Batch normalization mixes the pictures of a batch, so with it each batch goes by itself.

    Args:
        network: A model with one input.
        batches: `[n_i, ...]` each, the same shape otherwise.
        training: Handed to the network.

    Returns:
        One output for each batch.
    """
    mixes = any(isinstance(layer, keras.layers.BatchNormalization) for layer in network.layers)
    if mixes or len(batches) == 1:
        return [network(batch, training=training) for batch in batches]
    outputs = network(tf.concat(batches, axis=0), training=training)
    return tf.split(outputs, [tf.shape(batch)[0] for batch in batches], axis=0)
