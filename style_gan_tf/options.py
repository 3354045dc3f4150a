"""Options given as texts (`--set name=value`) to the values that they stand for."""

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
