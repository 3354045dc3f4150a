"""Which objectives there are and what each reads; known without TensorFlow."""

import dataclasses
import importlib
from typing import TYPE_CHECKING

from style_gan_tf.errors import UsageError

if TYPE_CHECKING:
    from style_gan_tf.objectives.objective import Objective


@dataclasses.dataclass(frozen=True)
class Entry:
    """An objective's place and needs.

    Attributes:
        home: `module.Class` inside `style_gan_tf.objectives`.
        reads: The data that it reads, of `content`, `style` and `paired`: each is the flag
            `--NAME_data`. A batch has the images by the same names; `paired` gives `content`
            and `target`.
    """

    home: str
    reads: tuple[str, ...] = ("content", "style")

    @property
    def images(self) -> tuple[str, ...]:
        """The names of the images in a batch."""
        pairs = ("content", "target") if "paired" in self.reads else ()
        return (*(name for name in self.reads if name != "paired"), *pairs)

    @property
    def from_noise(self) -> bool:
        """Whether pictures are made out of noise: there is no content."""
        return "content" not in self.images


OBJECTIVES: dict[str, Entry] = {
    "contrastive": Entry("contrastive.Contrastive"),
    "cyclegan": Entry("cyclegan.Cyclegan"),
    "gan": Entry("gan.Gan", reads=("style",)),
    "perceptual": Entry("perceptual.Perceptual"),
}


def objective_entry(name: str) -> Entry:
    """The registry's entry of that name.

    Raises:
        UsageError: When there is none.
    """
    if name not in OBJECTIVES:
        raise UsageError(f"--objective={name}: choose one of {', '.join(OBJECTIVES)}")
    return OBJECTIVES[name]


def find_objective(name: str) -> "type[Objective]":
    """The objective's class; loads TensorFlow.

    Raises:
        UsageError: When there is none of that name.
    """
    module, _, attribute = objective_entry(name).home.partition(".")
    found: type[Objective] = getattr(
        importlib.import_module(f"style_gan_tf.objectives.{module}"), attribute
    )
    return found
