"""Whether a picture's parts are alike where its photo's are: content, whatever the colours."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from style_gan_tf.networks.extractors import Extractor

_LONGEST = 128  # pixels: 32x32 places of relu3_1
_ROWS = 512  # of the similarities at once: it bounds the memory


def structure_distance(extractor: Extractor, photo: np.ndarray, picture: np.ndarray) -> float:
    """Content feature structure distance (Chung et al. 2024, "Style Injection in Diffusion").

    A map of features gives each place its scalar products with all places of the same picture,
    divided by the number of channels; their softmax says what the place is like. The figure is
    the Kullback-Leibler divergence of the picture's from the photo's, the mean over the places.
    The authors take relu3_1 of VGG19, divide by the channels' square and sum over the places:
    figures do not compare with theirs.

    Args:
        extractor: Whose deepest map.
        photo: float32 `[height, width, 3]` in [-1, 1]; shrunk to 128 pixels where it is longer.
        picture: The same shape.

    Returns:
        Nats; 0: each place is like the same places as in the photo.
    """
    sides = [_features(extractor, image) for image in (photo, picture)]
    total = 0.0
    for wanted, found in zip(_log_similarities(sides[0]), _log_similarities(sides[1]), strict=True):
        total += float(np.sum(np.exp(wanted) * (wanted - found), dtype=np.float64))
    return max(0.0, total / len(sides[0]))


def _features(extractor: Extractor, image: np.ndarray) -> np.ndarray:
    """`[places, channels]`, float32, such that scalar products are divided by the channels."""
    given = tf.constant(image[np.newaxis])
    longest = max(image.shape[:2])
    if longest > _LONGEST:
        size = [max(extractor.minimum, round(s * _LONGEST / longest)) for s in image.shape[:2]]
        given = tf.image.resize(given, size, method="area")
    features = extractor.maps(given)[-1].numpy()
    channels = features.shape[-1]
    flat = features.reshape(-1, channels) / np.sqrt(np.float32(channels))
    return np.asarray(flat, np.float32)


def _log_similarities(features: np.ndarray) -> Iterator[np.ndarray]:
    """Logarithms of the softmaxed rows, some rows at a time."""
    for first in range(0, len(features), _ROWS):
        products = features[first : first + _ROWS] @ features.T
        products -= products.max(axis=1, keepdims=True)
        yield products - np.log(np.exp(products).sum(axis=1, keepdims=True))
