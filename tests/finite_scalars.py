"""What the losses of every objective are: finite float32 scalars."""

import numpy as np
import tensorflow as tf


def check_finite_scalars(losses: dict[str, dict[str, tf.Tensor]]) -> None:
    """Of each network, by name."""
    for network, values in losses.items():
        for name, value in values.items():
            assert value.shape == (), (network, name)
            assert value.dtype == tf.float32, (network, name)
            assert np.isfinite(value), (network, name)
