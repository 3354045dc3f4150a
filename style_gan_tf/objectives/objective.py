"""What every objective is: options, networks by name, and their losses."""

import abc
import dataclasses
from typing import Any, ClassVar

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import Network, build_discriminator, build_generator
from style_gan_tf.options import read_value


@dataclasses.dataclass(frozen=True)
class NetworkChoice:
    """What to build: an architecture's name and options, or a network as a pattern."""

    architecture: str | Network
    options: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Setting:
    """What a run gives its objective.

    Attributes:
        generator: Which generator to build.
        discriminator: Which discriminator to build.
        dtype: Dtype policy of the networks.
        batch: Pictures in the global batch, over all replicas.
        crop: Height and width of the training pictures.
    """

    generator: NetworkChoice
    discriminator: NetworkChoice
    dtype: str
    batch: int
    crop: int

    def build_generator(self) -> Network:
        """A generator with weights of its own, in the run's dtype."""
        return self._build(self.generator, build_generator)

    def build_discriminator(self) -> Network:
        """A discriminator with weights of its own, in the run's dtype."""
        return self._build(self.discriminator, build_discriminator)

    def _build(self, choice: NetworkChoice, builder: Any) -> Network:
        if isinstance(choice.architecture, Network):
            return Network.from_config({**choice.architecture.get_config(), "dtype": self.dtype})
        return builder(choice.architecture, dtype=self.dtype, **choice.options)


class Objective(abc.ABC):
    """Owns the networks of a run and says what each of them minimises.

    Attributes:
        Options: A frozen dataclass; its fields are what `--set name=value` sets.
        exported: The name, in `networks`, of the generator that the run is about.
        networks: Keras models by name; the loop trains each by an optimizer of its own.
        state: Variables beside the networks' that checkpoints must hold, by name.
    """

    Options: ClassVar[type]
    exported: ClassVar[str] = "generator"

    networks: dict[str, Any]
    state: dict[str, Any]

    @abc.abstractmethod
    def __init__(self, options: Any, setting: Setting) -> None:
        """Build the networks; called under the strategy's scope."""

    @abc.abstractmethod
    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        """The losses of one replica's part of a batch; called in replica context.

        Args:
            batch: `content` and `style`, float32 `[n, crop, crop, 3]` in [-1, 1], and
                `positions`, int32 `[n]`: each example's position in the global batch.
            seed: int32 `[2]`, the same on all replicas, another at each step.

        Returns:
            For each network, its losses by name: scalars that are means over the examples. The
            loop sums them per network and averages over the replicas.
        """


def read_options(options_class: type, given: dict[str, Any], objective: str) -> Any:
    """Make an objective's options from names and values, texts read by the field's type.

    Raises:
        UsageError: For an unknown name or a value that does not read.
    """
    fields = {field.name: field for field in dataclasses.fields(options_class)}
    values = {}
    for name, value in given.items():
        if name not in fields:
            raise UsageError(
                f"--set {name}: objective {objective!r} has no such option; it has "
                f"{', '.join(fields)}, generator.NAME and discriminator.NAME"
            )
        values[name] = read_value(name, value, type(fields[name].default))
    return options_class(**values)
