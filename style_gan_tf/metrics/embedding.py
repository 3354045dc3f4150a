"""Pictures -> one vector of features each."""

from collections.abc import Iterable

import numpy as np
import tensorflow as tf

from style_gan_tf.networks.extractors import Extractor


def embed(extractor: Extractor, pictures: Iterable[np.ndarray]) -> np.ndarray:
    """The extractor's embedding of each picture.

    Args:
        extractor: Whose features.
        pictures: float32 `[height, width, 3]` in [-1, 1]; sizes may differ.

    Returns:
        float64 `[pictures, channels]`.

    Raises:
        ValueError: When there is no picture, or one is too small for the extractor.
    """
    # One by one: pictures differ in size, and a batch on a CPU gains nothing. Sizes of their own
    # are traced once; with many of them the graph is made for all.
    graph = tf.function(extractor.embed, reduce_retracing=True, autograph=False)
    vectors = [graph(tf.constant(picture[np.newaxis])).numpy()[0] for picture in pictures]
    if not vectors:
        raise ValueError("no pictures to embed")
    return np.stack(vectors).astype(np.float64)


def standardized(real: np.ndarray, fake: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both sets in units of the real set's deviation from its mean, dimension by dimension."""
    mean, deviation = real.mean(axis=0), real.std(axis=0) + 1e-6
    return (real - mean) / deviation, (fake - mean) / deviation
