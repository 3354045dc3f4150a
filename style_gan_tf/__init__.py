"""GANs that repaint pictures in the style of a collection of art.

The names below load TensorFlow when they are first used, so that commands can check their
arguments, and print their help, at once.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from style_gan_tf.networks import build_discriminator, build_generator

__version__ = "0.1.0"
__all__ = ["__version__", "build_discriminator", "build_generator"]

_HOMES = {
    "build_discriminator": ("style_gan_tf.networks", "build_discriminator"),
    "build_generator": ("style_gan_tf.networks", "build_generator"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(importlib.import_module(module), attribute)
