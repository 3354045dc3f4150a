"""libvips, which reads and writes pictures by rows; it is an extra."""

import importlib.util
from typing import Any

from style_gan_tf.errors import UserError


def has_vips() -> bool:
    """Whether the extra is installed."""
    return importlib.util.find_spec("pyvips") is not None


def load_vips() -> Any:
    """The module pyvips.

    Raises:
        UserError: When it, or the library that it binds, is missing.
    """
    try:
        import pyvips
    except (ImportError, OSError) as error:
        raise UserError(
            "pictures of this size are read and written by libvips, which cannot be loaded "
            f"({' '.join(str(error).split())[:200]}): pip install 'style_gan_tf[large]'"
        ) from None
    return pyvips


def reason(error: Exception) -> str:
    """What libvips says, in one line."""
    # The first line is the binding's, the last one the library's.
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
