"""The subject kept as a classifier sees it: EfficientNet-Lite0's deeper features."""

from typing import Any

import keras
import tensorflow as tf

from style_gan_tf.networks.extractors import EFFICIENTNET_LITE0, efficientnet_lite0
from style_gan_tf.networks.style_encoder import mean_and_deviation

_MAPS = 4  # up to stride 16
_COMPARED = 2  # the deepest of them: eyes, mouths and leaves, not pixels
CONTENT_EXTRACTOR = EFFICIENTNET_LITE0


class ContentTerm:
    """Distance of deep maps whose channels are normalized over the picture.

    What a channel's mean and deviation over a picture tell is its style (Huang and Belongie 2017,
    section 4), and free; what remains is where a feature is and where not. Over block 4 and block
    10 (strides 8 and 16): parts of faces, plants and things, in whatever strokes.

    Args:
        dtype: Dtype policy of the network.
    """

    def __init__(self, dtype: str) -> None:
        network = efficientnet_lite0(dtype=dtype, maps=_MAPS).network
        self._maps = keras.Model(network.input, network.outputs[-_COMPARED:])

    def loss(self, outputs: Any, inputs: Any) -> Any:
        """`1 - correlation` of the maps, the mean over channels and maps.

        Args:
            outputs: Stylized pictures, float32 `[n, height, width, 3]` in [-1, 1].
            inputs: Their photos, the same shape; no gradient flows into them.

        Returns:
            `[n]`: 0 for the same subject, about 1 for another one.
        """
        found = self._maps(outputs, training=False)
        wanted = self._maps(tf.stop_gradient(inputs), training=False)
        terms = [
            uncorrelated(one, tf.stop_gradient(other))
            for one, other in zip(found, wanted, strict=True)
        ]
        return tf.add_n(terms) / len(terms)


def uncorrelated(found: Any, wanted: Any) -> Any:
    """1 less the correlation over the places, the mean over the channels: `[n]`.

    Args:
        found: Maps `[n, rows, columns, channels]`.
        wanted: The same shape.
    """
    one, other = (_normalized(maps) for maps in (found, wanted))
    return 1.0 - tf.reduce_mean(one * other, axis=(1, 2, 3))


def _normalized(maps: Any) -> Any:
    maps = tf.cast(maps, tf.float32)
    mean, deviation = (x[:, tf.newaxis, tf.newaxis] for x in mean_and_deviation(maps))
    return (maps - mean) / deviation
