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
        home: `module.Class` inside `style_gan_tf.objectives`, or `package.module:Class` of one
            that lives elsewhere.
        reads: The data that it reads, of `content`, `style`, `styles` and `paired`. A batch has
            the images by the same names, but `paired` gives `content` and `target`, and `styles`
            (several of them) gives `style` and each one's `style_index`.
        fewest_styles: Where it reads `styles`, how many at least. One alone needs no name.
    """

    home: str
    reads: tuple[str, ...] = ("content", "style")
    fewest_styles: int = 2

    @property
    def images(self) -> tuple[str, ...]:
        """The names of the images in a batch."""
        gives = {"paired": ("content", "target"), "styles": ("style", "style_index")}
        return tuple(image for name in self.reads for image in gives.get(name, (name,)))

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags that name what it reads."""
        return tuple("style_data" if name == "styles" else f"{name}_data" for name in self.reads)

    @property
    def from_noise(self) -> bool:
        """Whether pictures are made out of noise: there is no content."""
        return "content" not in self.images


OBJECTIVES: dict[str, Entry] = {
    "contrastive": Entry("contrastive.Contrastive"),
    "cyclegan": Entry("cyclegan.Cyclegan"),
    "multistyle": Entry("multistyle.Multistyle", reads=("content", "styles")),
    "reference": Entry("reference.Reference", reads=("content", "styles"), fewest_styles=1),
    "gallery": Entry("gallery.Gallery", reads=("content", "styles")),
    "gan": Entry("gan.Gan", reads=("style",)),
    "paired": Entry("paired.Paired", reads=("paired",)),
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
    home = objective_entry(name).home
    if ":" not in home:
        home = f"style_gan_tf.objectives.{home.replace('.', ':')}"
    module, _, attribute = home.partition(":")
    found: type[Objective] = getattr(importlib.import_module(module), attribute)
    return found
