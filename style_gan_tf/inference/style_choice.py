"""Which styles of a model, and how much of each."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference.card import read_card, styles_in

_ROUNDING = 1e-6  # by which weights may miss their range


def style_weights(text: str, names: Sequence[str]) -> np.ndarray:
    """Read `cartoon` or `cartoon:0.4,oil:0.6`.

    Args:
        text: Names of styles, each with its weight; without one, 1. Empty: the first style.
        names: The model's styles, in the order of its weights. Of two with one name the later is
            meant: a picture's, before a style of the model that has its name.

    Returns:
        float32 `[len(names)]`.

    Raises:
        UsageError: For an unknown name, a weight outside [0, 1] or a sum over 1.
    """
    weights = np.zeros(len(names), np.float32)
    if not text:
        weights[0] = 1.0
        return weights
    places = {name: place for place, name in enumerate(names)}
    for item in text.split(","):
        name, colon, number = item.strip().partition(":")
        if name not in places:
            raise UsageError(f"--style={text}: no style {name!r}; the model has {_list(names)}")
        try:
            weight = float(number) if colon else 1.0
        except ValueError:
            weight = math.nan
        if not -_ROUNDING <= weight <= 1 + _ROUNDING:  # NaN is not.
            raise UsageError(f"--style={text}: the weight of {name} must lie between 0 and 1")
        if weights[places[name]]:
            raise UsageError(f"--style={text}: {name} is named twice")
        weights[places[name]] = weight
    if weights.sum() > 1 + _ROUNDING:
        raise UsageError(f"--style={text}: the weights sum to {weights.sum():g}, more than 1")
    return weights


def one_style(flag: str, value: str) -> UsageError:
    """What to raise where a model has no choice."""
    return UsageError(f"--{flag}={value}: the model has one style; leave it out")


def style_input(loaded: Any, version: Path, style: str = "") -> tuple[str, str]:
    """The signature of a SavedModel that paints floats as they are, and its input for the style.

    Args:
        loaded: What `tf.saved_model.load` gave.
        version: Its folder.
        style: What the user wants of it.

    Returns:
        Names; the second is empty where there is no such input.

    Raises:
        UserError: When a style is wanted of an export of several that has no signature
            `serve_style`.
    """
    if "own_size" in loaded.signatures:
        takes = loaded.signatures["own_size"].structured_input_signature[1]
        return "own_size", "".join(takes.keys() - {"images"})
    if "serve_code" in loaded.signatures:
        return "serve_code", "style_code"
    if "serve_style" in loaded.signatures:
        return "serve_style", "style_weights"
    if style and "serve_bytes_style" in loaded.signatures:
        raise UserError(
            f"--style={style}: {version} has no signature serve_style: export the model again, or "
            "name the run folder"
        )
    return "serving_default", ""


def export_styles(version: Path, count: int) -> list[str]:
    """The names of an export's styles, in the order of its weights.

    Args:
        version: The folder of the SavedModel, whose model card names them.
        count: How many there are. Without a card that names so many: `style_0` and on, as a
            generator without names calls them.
    """
    names = styles_in(read_card(version))
    return names if len(names) == count else [f"style_{index}" for index in range(count)]


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
