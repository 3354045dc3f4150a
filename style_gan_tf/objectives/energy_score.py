"""The energy score: how well a sampler of vectors tells what vectors will be seen."""

from typing import Any

import tensorflow as tf

_TINY = 1e-12  # the gradient of a norm at zero


def energy_score(draws: Any, seen: Any) -> Any:
    """Mean distance of what was seen to the draws, less half of that between the draws.

    A strictly proper score (Gneiting and Raftery 2007, "Strictly Proper Scoring Rules, Prediction,
    and Estimation", section 4.2): over many vectors seen, no sampler has a smaller mean than the
    one that draws from their distribution. One vector at a time is enough, and no discriminator is
    needed. A sampler that always draws the middle pays by the first term; one that spreads further
    than what is seen, too.

    Args:
        draws: float32 `[batch, draws, numbers]`, two draws or more for each vector seen.
        seen: float32 `[batch, numbers]`.

    Returns:
        The mean over the batch; unbiased, and in the unit of the vectors.
    """
    count = draws.shape[1]
    error = tf.reduce_mean(_norm(draws - seen[:, tf.newaxis]))
    apart = _norm(draws[:, :, tf.newaxis] - draws[:, tf.newaxis])
    # The distances of the draws to themselves are no distances between two.
    spread = tf.reduce_mean(tf.reduce_sum(apart, axis=[1, 2])) / (count * (count - 1))
    return error - 0.5 * spread


def _norm(vectors: Any) -> Any:
    return tf.sqrt(tf.reduce_sum(tf.square(vectors), axis=-1) + _TINY)
