"""Pictures of any size through networks that want multiples of a stride."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from style_gan_tf.networks.network import Network


def any_size(
    network: Network,
    images: Any,
    training: bool = False,
    style_weights: Any = None,
    run: Callable[..., Any] | None = None,
) -> Any:
    """Run the generator on pictures of any height and width; the output has the same.

    The picture is surrounded by its reflection (by its border pixels where it is too small to
    reflect), so that its size fits the stride and most of what the zero padding inside the
    network does to borders falls on the surround, which is cropped off again. Normalizations over
    the picture see the surround as well.

    Args:
        network: A generator.
        images: float32 `[batch, height, width, 3]` in [-1, 1], height and width at least 1.
        training: Handed to the network.
        style_weights: float32 `[batch, num_styles]` for a generator of several styles; default:
            the first style in full. A plain generator takes none.
        run: Called in the network's place: its `Strips`.

    Returns:
        float32, the shape of `images`, clipped to [-1, 1].
    """
    images = tf.convert_to_tensor(images)
    shape = tf.shape(images)
    top, bottom = surround(shape[1], network)
    left, right = surround(shape[2], network)
    padded = _pad(_pad(images, top, bottom, axis=1), left, right, axis=2)
    padded.set_shape([images.shape[0], None, None, images.shape[3]])
    given = padded
    if network.takes_weights:
        given = [padded, _weights(network, shape[0], style_weights)]
    outputs = (run or network)(given, training=training)
    outputs = outputs[:, top : top + shape[1], left : left + shape[2]]
    outputs.set_shape(images.shape)
    return tf.clip_by_value(outputs, -1.0, 1.0)


def _weights(network: Network, batch: Any, style_weights: Any) -> Any:
    if style_weights is None:
        return tf.one_hot(tf.zeros([batch], tf.int32), network.num_styles)
    return tf.convert_to_tensor(style_weights, tf.float32)


def surround(size: Any, network: Network) -> tuple[Any, Any]:
    """Pixels that `any_size` adds before and after a side of `size` pixels: int32 scalars."""
    wanted = tf.maximum(size + 2 * network.margin, network.minimum)
    # Of positive numbers alone: ONNX divides integers towards zero.
    wanted = (wanted + network.stride - 1) // network.stride * network.stride
    # A multiple of the stride, so that the picture falls on the grid it was trained on.
    before = (wanted - size) // 2 // network.stride * network.stride
    return before, wanted - size - before


def _pad(images: Any, before: Any, after: Any, axis: int) -> Any:
    """Reflect where the side is long enough; repeat the border pixels beyond that."""
    size = tf.shape(images)[axis]
    index = tf.range(-before, size + after)
    period = tf.maximum(2 * (size - 1), 1)
    reflected = tf.abs(tf.math.floormod(index + size - 1, period) - (size - 1))
    replicated = tf.clip_by_value(index, 0, size - 1)
    fits = tf.maximum(before, after) < size
    return tf.gather(images, tf.where(fits, reflected, replicated), axis=axis)
