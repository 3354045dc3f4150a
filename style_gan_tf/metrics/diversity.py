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


def pairwise_distances(
    distance: PerceptualDistance,
    pictures: Iterable[np.ndarray],
    others: Iterable[np.ndarray] | None = None,
) -> np.ndarray:
    """Perceptual distances between all pictures; each goes through the network once.

    Args:
        distance: Between two pictures.
        pictures: float32 `[size, size, 3]` in [-1, 1], all of one size.
        others: The same; None: the pictures themselves.

    Returns:
        float64 `[pictures, others]`.

    Raises:
        ValueError: For sizes that differ.
    """
    left = _vectors(distance, pictures)
    right = left if others is None else _vectors(distance, others)
    if len({len(vector) for vector in (*left, *right)}) > 1:
        raise ValueError("pictures of one size alone can be compared pair by pair")
    # Differences, not scalar products: near pictures would drown in rounding.
    return np.array([[np.sum(np.square(a - b), dtype=np.float64) for b in right] for a in left])


def _vectors(distance: PerceptualDistance, pictures: Iterable[np.ndarray]) -> list[np.ndarray]:
    # One by one: a batch on a CPU gains nothing.
    return [distance.vectors(tf.constant(p[np.newaxis])).numpy()[0] for p in pictures]
