"""Options given as texts (`--set name=value`): read, and checked."""

import math
from collections.abc import Sequence
from typing import Any

from style_gan_tf.errors import UsageError


def read_value(name: str, value: Any, kind: type) -> Any:
    """Read a text as bool, int, float or str; other values pass as they are.

    Raises:
        UsageError: When the text does not read.
    """
    if not isinstance(value, str) or kind is str:
        return value
    try:
        if kind is bool:
            return {"true": True, "1": True, "false": False, "0": False}[value.lower()]
        return kind(value)
    except (KeyError, ValueError):
        raise UsageError(f"--set {name}={value}: expected {kind.__name__}") from None


def choose(name: str, value: str, allowed: Sequence[str]) -> None:
    """Check that a name is one of those allowed.

    Raises:
        UsageError: When it is not.
    """
    if value not in allowed:
        raise UsageError(f"{name}={value}: choose one of {', '.join(allowed)}")


def at_least(name: str, value: float, least: float) -> None:
    """Check that a number is finite and not too small.

    Raises:
        UsageError: When it is not.
    """
    if not math.isfinite(value) or value < least:
        raise UsageError(f"{name}={value}: must be at least {least}")
