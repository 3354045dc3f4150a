"""From an architecture's name and options to the network."""

import inspect
from collections.abc import Callable
from typing import Any

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.network import Network
from style_gan_tf.options import choose, read_value

DTYPES = ("float32", "mixed_bfloat16", "mixed_float16")


def build(
    registry: dict[str, Callable[..., Network]],
    role: str,
    architecture: str,
    dtype: str,
    options: dict[str, Any],
) -> Network:
    """Look up the architecture, check and read its options, and build it.

    Args:
        registry: Functions that build networks, by architecture.
        role: "generator" or "discriminator", for messages.
        architecture: A name in the registry.
        dtype: One of DTYPES.
        options: Keyword arguments of the function; texts are read by the types of its defaults.

    Raises:
        UsageError: For an unknown architecture or option, or a value that it cannot take.
    """
    choose("dtype", dtype, DTYPES)
    if architecture not in registry:
        raise UsageError(f"unknown {role} {architecture!r}: choose one of {', '.join(registry)}")
    parameters = inspect.signature(registry[architecture]).parameters
    values = {}
    for name, value in options.items():
        if name not in parameters or name == "dtype":
            known = ", ".join(known for known in parameters if known != "dtype")
            raise UsageError(f"{role} {architecture!r} has no option {name!r}; it has {known}")
        values[name] = read_value(f"{role}.{name}", value, type(parameters[name].default))
        # A default of 0 means "without".
        fewest = 0 if parameters[name].default == 0 else 1
        if type(values[name]) is int and values[name] < fewest:
            raise UsageError(f"{role}.{name}={values[name]}: must be at least {fewest}")
    return registry[architecture](dtype=dtype, **values)
