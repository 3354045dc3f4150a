"""What every objective is: options, networks by name, and their losses."""

import abc
import dataclasses
import inspect
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import (
    DISCRIMINATORS,
    GENERATORS,
    Network,
    build_discriminator,
    build_generator,
)


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
        styles: Names of the styles where there are several; else empty.
        short_side: Pixels of the pictures' short side before they are cropped; 0: not known.
    """

    generator: NetworkChoice
    discriminator: NetworkChoice
    dtype: str
    batch: int
    crop: int
    styles: tuple[str, ...] = ()
    short_side: int = 0

    def build_generator(
        self,
        of_noise: bool = False,
        of_references: bool = False,
        of_renderings: bool = False,
    ) -> Network:
        """A generator with weights of its own, in the run's dtype.

        Args:
            of_noise: Whether the objective's generators make pictures out of noise.
            of_references: Whether they shall have a style encoder.
            of_renderings: Whether a mapping network is trained where they have one.

        Raises:
            UsageError: When the chosen one takes something else, or has a part that the objective
                would leave untrained.
        """
        choice = self._for_styles(self.generator, GENERATORS, "generator", "num_styles")
        if of_references and not isinstance(choice.architecture, Network):
            choice = NetworkChoice(choice.architecture, {**choice.options, "style_encoder": True})
        network = self._build(choice, build_generator, GENERATORS)
        self._refuse_untrained(network, of_references, of_renderings)
        if self.styles:
            if network.num_styles != len(self.styles):
                raise UsageError(
                    f"--init_from: the generator has {network.num_styles} styles, and --style_data "
                    f"names {len(self.styles)}"
                )
            network.recipe["styles"] = list(self.styles)
        if of_references and self.short_side:
            network.recipe["reference_side"] = self.short_side
        if of_references and network.style_encoder is None:
            raise UsageError("--init_from: the generator has no style encoder")
        if (network.latent is not None) != of_noise:
            name = network.recipe["architecture"]
            raise UsageError(
                f"--generator={name}: takes pictures; --objective=gan wants --generator=noise"
                if of_noise
                else f"--generator={name}: takes noise, not pictures: give --objective=gan with it"
            )
        return network

    def _refuse_untrained(self, network: Network, of_references: bool, of_renderings: bool) -> None:
        """A part that no loss reaches would answer at random in the trained model."""
        if network.recipe["options"].get("by_code"):
            raise UsageError(
                "generator.by_code=true: codes drive a trained generator; leave it out"
            )
        if network.style_encoder is not None and not of_references:
            raise UsageError(
                "generator.style_encoder=true: --objective=reference alone trains a style encoder"
            )
        if network.mapping is not None and not (of_renderings and self.styles):
            raise UsageError(
                "generator.latent_dim: --objective=multistyle and =reference alone train "
                "renderings by noise"
            )
        if network.takes_weights and not self.styles:
            raise UsageError(
                "generator.num_styles: --objective=multistyle alone trains several styles"
            )

    def build_discriminator(self, pairs: bool = False) -> Network:
        """A discriminator with weights of its own, in the run's dtype; it gives logits.

        Args:
            pairs: Whether it judges two pictures, one upon the other as six channels.

        Raises:
            UsageError: When the chosen one cannot.
        """
        choice = self.discriminator
        # The losses take logits, whatever a user wants to see of the network afterwards.
        if isinstance(choice.architecture, Network):
            recipe = choice.architecture.recipe
            choice = NetworkChoice(recipe["architecture"], recipe["options"])
        options = {n: value for n, value in choice.options.items() if n != "probability"}
        if pairs:
            function = DISCRIMINATORS.get(str(choice.architecture))
            if function and "channels" not in inspect.signature(function).parameters:
                raise UsageError(
                    f"--discriminator={choice.architecture}: judges one picture, not a pair: "
                    "give --set conditional=false with it"
                )
            options["channels"] = 6
        choice = NetworkChoice(choice.architecture, options)
        choice = self._for_styles(choice, DISCRIMINATORS, "discriminator", "heads")
        return self._build(choice, build_discriminator, DISCRIMINATORS)

    def _for_styles(
        self, choice: NetworkChoice, registry: dict[str, Any], role: str, option: str
    ) -> NetworkChoice:
        """The choice with as many styles as the run has."""
        if not self.styles or isinstance(choice.architecture, Network):
            return choice
        function = registry.get(choice.architecture)
        if function and option not in inspect.signature(function).parameters:
            raise UsageError(f"--{role}={choice.architecture}: knows one style alone, not several")
        return NetworkChoice(choice.architecture, {**choice.options, option: len(self.styles)})

    def _build(self, choice: NetworkChoice, builder: Any, registry: dict[str, Any]) -> Network:
        if isinstance(choice.architecture, Network):
            return Network.from_config({**choice.architecture.get_config(), "dtype": self.dtype})
        options = choice.options
        # Networks of a fixed size are made for the pictures that they are trained on.
        function = registry.get(choice.architecture)
        if function and "size" in inspect.signature(function).parameters:
            options = {"size": self.crop, **options}
        return builder(choice.architecture, dtype=self.dtype, **options)


class Objective(abc.ABC):
    """Owns the networks of a run and says what each of them minimises.

    Attributes:
        Options: A frozen dataclass, of `ObjectiveOptions`; its fields are what `--set name=value`
            sets.
        exported: The name, in `networks`, of the generator that the run is about.
        beside: Names of further generators that the run folder shall have as files; their weights
            are not averaged.
        networks: Keras models by name; the loop trains each by an optimizer of its own.
        state: Variables beside the networks' that checkpoints must hold, by name.
        sees_through: The extractor over whose features a loss of its own is taken; "": none is.
            Discriminators say theirs themselves.
        studied_size: Short side in pixels of the whole style pictures that `study` wants; None:
            it is not called.
        settled_size: Side in pixels of the style pictures that `settle` wants; None: it is not
            called.
    """

    Options: ClassVar[type]
    exported: ClassVar[str] = "generator"
    beside: ClassVar[tuple[str, ...]] = ()

    networks: dict[str, Any]
    state: dict[str, Any]
    sees_through: str = ""
    studied_size: int | None = None
    settled_size: int | None = None

    def study(self, styles: Sequence[Sequence[np.ndarray]]) -> None:
        """Look at whole style pictures, once, before the first step; keep what is seen in `state`.

        Args:
            styles: Of each style, float32 `[height, width, 3]` in [-1, 1], at most sixteen, evenly
                chosen from those that are trained on.
        """
        raise NotImplementedError

    def settle(self, generator: Network, collections: Sequence[np.ndarray]) -> None:
        """Make a copy of the averaged generator ready to be saved; training goes on without it.

        Args:
            generator: float32; its weights may be changed.
            collections: Of each style, some of its training pictures: float32
                `[n, size, size, 3]` in [-1, 1].
        """
        raise NotImplementedError

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
