"""Noise vectors for generators that take them."""

from typing import Any

import tensorflow as tf

_FIXED = -1  # no training step has this number


def draw_noise(count: int, latent: int, seed: Any) -> Any:
    """Draw from the standard normal distribution: float32 `[count, latent]`.

    Args:
        count: Vectors.
        latent: Numbers in each.
        seed: int32 `[2]`; a larger count begins with the same vectors.
    """
    # Philox counts along the rows, so that the beginning does not depend on the count.
    return tf.random.stateless_normal([count, latent], seed, alg="philox")


def fixed_noise(count: int, latent: int, seed: int) -> Any:
    """The vectors that belong to a run's or a command's seed, whatever the step.

    Args:
        count: Vectors.
        latent: Numbers in each.
        seed: Any integer from 0 on.

    Returns:
        float32 `[count, latent]`; a larger count begins with the same vectors.
    """
    return draw_noise(count, latent, [seed % 2**31, _FIXED])
