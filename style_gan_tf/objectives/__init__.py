"""What is minimised: one file an objective, plus the losses that they share.

The registry needs no TensorFlow; what needs it is imported when first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from style_gan_tf.objectives.registry import OBJECTIVES, find_objective, objective_entry

if TYPE_CHECKING:
    from style_gan_tf.objectives.objective import NetworkChoice, Objective, Setting
    from style_gan_tf.objectives.options import read_options

__all__ = [
    "OBJECTIVES",
    "NetworkChoice",
    "Objective",
    "Setting",
    "find_objective",
    "objective_entry",
    "read_options",
]

_LATE = {"NetworkChoice": "objective", "Objective": "objective", "Setting": "objective"}
_LATE |= {"read_options": "options"}


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"style_gan_tf.objectives.{_LATE[name]}"), name)
