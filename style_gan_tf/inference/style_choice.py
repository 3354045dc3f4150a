"""Which styles of a model, and how much of each."""

import math
from collections.abc import Sequence

import numpy as np

from style_gan_tf.errors import UsageError

_ROUNDING = 1e-6  # by which weights may miss their range


def style_weights(text: str, names: Sequence[str]) -> np.ndarray:
    """Read `cartoon` or `cartoon:0.4,oil:0.6`.

    Args:
        text: Names of styles, each with its weight; without one, 1. Empty: the first style.
        names: The model's styles, in the order of its weights.

    Returns:
        float32 `[len(names)]`.

    Raises:
        UsageError: For an unknown name, a weight outside [0, 1] or a sum over 1.
    """
    weights = np.zeros(len(names), np.float32)
    if not text:
        weights[0] = 1.0
        return weights
    for item in text.split(","):
        name, colon, number = item.strip().partition(":")
        if name not in names:
            raise UsageError(f"--style={text}: no style {name!r}; the model has {_list(names)}")
        try:
            weight = float(number) if colon else 1.0
        except ValueError:
            weight = math.nan
        if not -_ROUNDING <= weight <= 1 + _ROUNDING:  # NaN is not.
            raise UsageError(f"--style={text}: the weight of {name} must lie between 0 and 1")
        if weights[names.index(name)]:
            raise UsageError(f"--style={text}: {name} is named twice")
        weights[names.index(name)] = weight
    if weights.sum() > 1 + _ROUNDING:
        raise UsageError(f"--style={text}: the weights sum to {weights.sum():g}, more than 1")
    return weights


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
