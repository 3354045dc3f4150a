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
    # One by one: pictures differ in size, and a batch on a CPU gains nothing.
    vectors = [extractor.embed(tf.constant(picture[np.newaxis])).numpy()[0] for picture in pictures]
    if not vectors:
        raise ValueError("no pictures to embed")
    return np.stack(vectors).astype(np.float64)


def standardized(real: np.ndarray, fake: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both sets in units of the real set's deviation from its mean, dimension by dimension.

    A dimension that hardly moves in the real set counts as moving a tenth as much as the median
    one: in a small set a feature that is never seen would decide the figure alone. Where hardly
    any moves, a quarter of the root of their mean square stands for the median.
    """
    mean, deviation = real.mean(axis=0), real.std(axis=0)
    usual = max(np.median(deviation), 0.25 * np.sqrt(np.mean(np.square(deviation))))
    deviation = np.maximum(deviation, 0.1 * usual + 1e-6)
    return (real - mean) / deviation, (fake - mean) / deviation
