"""The loop: `train()`, the distributed step, schedules, checkpoints, summaries.

`Settings` and `RunFolder` need no TensorFlow; what needs it is imported when first used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from style_gan_tf.training.run_folder import RunFolder
from style_gan_tf.training.settings import SCHEDULES, Settings

if TYPE_CHECKING:
    from style_gan_tf.training.api import train
    from style_gan_tf.training.loop import Outcome

__all__ = ["SCHEDULES", "Outcome", "RunFolder", "Settings", "train"]

_HOMES = {"train": "style_gan_tf.training.api", "Outcome": "style_gan_tf.training.loop"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
