"""How much pictures of one set differ among themselves: near nothing when a GAN collapses."""

from collections.abc import Iterable

import numpy as np
import tensorflow as tf

from style_gan_tf.metrics.kernel_distance import Estimate
from style_gan_tf.metrics.perceptual_distance import PerceptualDistance


def diversity(distance: PerceptualDistance, pictures: Iterable[np.ndarray]) -> Estimate:
    """The mean perceptual distance over all pairs of pictures, and its standard error.

    As Zhu et al. 2017b (BicycleGAN, section 5.2) measure diversity by LPIPS, but over every pair.
    The error is that of a U-statistic (Hoeffding 1948): twice the deviation between the pictures'
    own mean distances to all others, over the root of their number. Compare it with the figure of
    as many real pictures of the same size: a set that repeats a few pictures has less.

    Args:
        distance: Between two pictures.
        pictures: float32 `[size, size, 3]` in [-1, 1], all of one size, from 2 on.

    Returns:
        The mean; the error is NaN for two pictures.

    Raises:
        ValueError: For fewer than two pictures, or sizes that differ.
    """
    distances = pairwise_distances(distance, pictures)
    count = len(distances)
    if count < 2:
        raise ValueError(f"diversity is a figure of pairs, got {count} pictures")
    own = distances.sum(axis=1) / (count - 1)
    error = 2.0 * own.std(ddof=1) / np.sqrt(count) if count > 2 else float("nan")
    return Estimate(float(own.mean()), float(error))


def pairwise_distances(distance: PerceptualDistance, pictures: Iterable[np.ndarray]) -> np.ndarray:
    """Perceptual distances between all pictures, float64 `[n, n]`; each goes through once.

    Raises:
        ValueError: For sizes that differ.
    """
    vectors = [distance.vectors(tf.constant(p[np.newaxis])).numpy()[0] for p in pictures]
    if len({len(vector) for vector in vectors}) > 1:
        raise ValueError("pictures of one size alone can be compared pair by pair")
    rows = [
        # Differences, not scalar products: near pictures would drown in rounding.
        [np.sum(np.square(left - right), dtype=np.float64) for right in vectors[:index]]
        for index, left in enumerate(vectors)
    ]
    found = np.zeros((len(vectors), len(vectors)))
    for index, row in enumerate(rows):
        found[index, :index] = found[:index, index] = row
    return found
