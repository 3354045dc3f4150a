"""A part of a picture through a network, with given normalization statistics."""

from typing import Any

import tensorflow as tf

from style_gan_tf.networks.network import Network
from style_gan_tf.networks.normalization import InstanceNormalization
from style_gan_tf.networks.reach import reach
from style_gan_tf.networks.statistics import Measured, normalizing_by

# What kernels and the allocator take beside the maps: peak memory of `fast`, `resnet` and
# `restorer` was 1.5 to 2.1 times that of their two largest maps (docs/inference.md).
_WORKSPACE = 2


def run_tile(
    network: Network,
    images: Any,
    window: Any,
    known: Any,
    means: Any,
    variances: Any,
    style_weights: Any = None,
) -> tuple[Any, Measured]:
    """Run the generator on tiles; see `normalizing_by` for what statistics are.

    Nothing is added around the tiles and nothing cropped: that is for who cuts them out. A place
    of the output that is further than `reach` from the tile's border is what it would be in a
    pass over the whole picture with the same statistics.

    Args:
        network: A generator of pictures of any size.
        images: float32 `[batch, height, width, 3]` in [-1, 1]; height and width are multiples of
            `network.stride` and not less than `network.minimum`.
        window: int32 `[4]`: top, left, height, width; see `normalizing_by`.
        known: Layers whose statistics are given.
        means: float32 `[1 or batch, sum of statistics_channels(network)]`.
        variances: The same.
        style_weights: float32 `[batch, num_styles]` for a generator of several styles; default:
            the first style in full.

    Returns:
        float32, the shape of `images`, clipped to [-1, 1]; and what was measured.
    """
    takes: Any = images
    if network.takes_weights:
        if style_weights is None:
            first = tf.zeros([tf.shape(images)[0]], tf.int32)
            style_weights = tf.one_hot(first, network.num_styles)
        takes = [images, style_weights]
    with normalizing_by(means, variances, known, window, tf.shape(images)[1:3]) as measured:
        outputs = network(takes, training=False)
    return tf.clip_by_value(outputs, -1.0, 1.0), measured


def statistics_channels(network: Network) -> tuple[int, ...]:
    """Channels of each instance normalization, in the order in which a pass calls them."""
    layers = (layer for layer in network.operations if isinstance(layer, InstanceNormalization))
    return tuple(layer.channels for layer in layers)


def tile_facts(network: Network) -> dict[str, Any]:
    """What who cuts out tiles has to know: `stride`, `minimum`, `overlap` (the reach, rounded up
    to the stride), `channels` (`statistics_channels`) and `bytes_per_pixel`.
    """
    found = reach(network)
    return {
        "stride": network.stride,
        "minimum": network.minimum,
        "overlap": -(-found.pixels // network.stride) * network.stride,
        "channels": statistics_channels(network),
        "bytes_per_pixel": _WORKSPACE * found.bytes_per_pixel,
    }
