"""What is minimised: one file an objective, plus the losses that they share."""

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives.contrastive import Contrastive
from style_gan_tf.objectives.cyclegan import Cyclegan
from style_gan_tf.objectives.objective import (
    NetworkChoice,
    Objective,
    Setting,
    read_options,
)

OBJECTIVES: dict[str, type[Objective]] = {
    "contrastive": Contrastive,
    "cyclegan": Cyclegan,
}

__all__ = [
    "OBJECTIVES",
    "NetworkChoice",
    "Objective",
    "Setting",
    "find_objective",
    "read_options",
]


def find_objective(name: str) -> type[Objective]:
    """The objective of that name.

    Raises:
        UsageError: When there is none.
    """
    if name not in OBJECTIVES:
        raise UsageError(f"--objective={name}: choose one of {', '.join(OBJECTIVES)}")
    return OBJECTIVES[name]
