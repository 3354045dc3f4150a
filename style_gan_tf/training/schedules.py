"""Learning rates by step."""

from typing import Any

import numpy as np
import tensorflow as tf


def learning_rate(schedule: str, base: float, step: Any, total: int) -> Any:
    """The learning rate of a step.

    Args:
        schedule: `constant`; `linear`: constant for the first half of the steps, then straight
            to zero (Zhu et al. 2017, section 4); `cosine`: half a cosine from base to zero.
        base: At step 0.
        step: int64 scalar, from 0.
        total: Steps of the whole run; unused by `constant`.

    Returns:
        float32 scalar.
    """
    if schedule == "constant":
        return tf.constant(base, tf.float32)
    progress = tf.clip_by_value(tf.cast(step, tf.float32) / float(total), 0.0, 1.0)
    if schedule == "linear":
        return base * tf.minimum(1.0, 2.0 * (1.0 - progress))
    if schedule == "cosine":
        return base * 0.5 * (1.0 + tf.cos(np.pi * progress))
    raise ValueError(f"schedule {schedule!r}")


def ema_decay(decay: float, step: Any) -> Any:
    """The decay of the weights' moving average, warmed up: min(decay, (1 + step) / (10 + step)).

    Without the warm-up an average of 0.999 shows the random start for a thousand steps.
    """
    step = tf.cast(step, tf.float32)
    return tf.minimum(tf.constant(decay, tf.float32), (1.0 + step) / (10.0 + step))
