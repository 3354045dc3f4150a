"""Inputs of signatures, each once it has been found to be what it must be.

What a client did wrong gives INVALID_ARGUMENT with a sentence that says so.
"""

from typing import Any

import tensorflow as tf

_ROUNDING = 1e-4  # by which style weights may leave their range


def refuse_unless(condition: Any, sentence: str, *values: Any) -> Any:
    """A context in which operations run once `condition` has been found true.

    Args:
        condition: Bool scalar.
        sentence: What the client is told where it is false.
        values: Tensors that are told after it.
    """
    return tf.control_dependencies([tf.debugging.Assert(condition, [sentence, *values])])


def checked_strength(strength: Any, count: Any) -> Any:
    """Strengths as float32 `[count]`, given as one number or one for each picture."""
    number = tf.size(strength)
    # NaN lies nowhere.
    inside = tf.reduce_all((strength >= 0.0) & (strength <= 1.0))
    with (
        refuse_unless(
            (number == 1) | (number == count),
            "strength must be one number, or one for each picture",
        ),
        refuse_unless(inside, "strength must lie between 0 and 1"),
    ):
        return tf.broadcast_to(tf.reshape(strength, [-1]), [count])


def checked_weights(style_weights: Any, count: Any) -> Any:
    """Style weights, float32 `[count, styles]`."""
    inside = (style_weights >= -_ROUNDING) & (style_weights <= 1.0 + _ROUNDING)
    sums = tf.reduce_sum(style_weights, axis=1) <= 1.0 + _ROUNDING
    with (
        refuse_unless(
            tf.shape(style_weights)[0] == count, "style_weights must have one row for each picture"
        ),
        refuse_unless(
            tf.reduce_all(inside) & tf.reduce_all(sums),
            "style_weights must lie between 0 and 1, and those of a picture must sum to at most 1",
        ),
    ):
        return tf.clip_by_value(style_weights, 0.0, 1.0)


def checked_codes(style_code: Any, count: Any) -> Any:
    """Style codes, float32 `[count, numbers]`, the first of which is the strength."""
    strength = style_code[:, 0]
    inside = (strength >= -_ROUNDING) & (strength <= 1.0 + _ROUNDING)
    with (
        refuse_unless(
            tf.shape(style_code)[0] == count, "style_code must have one row for each picture"
        ),
        refuse_unless(
            tf.reduce_all(inside) & tf.reduce_all(tf.math.is_finite(style_code)),
            "style_code must be finite, and its first number, the strength, between 0 and 1",
        ),
    ):
        return tf.identity(style_code)
