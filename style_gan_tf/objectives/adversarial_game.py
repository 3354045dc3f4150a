"""The min-max game of a generator and a discriminator, as every objective plays it."""

import dataclasses
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import together
from style_gan_tf.objectives.adversarial import (
    adversarial_loss,
    by_heads,
    gradient_penalty,
    r1_penalty,
)
from style_gan_tf.objectives.diff_augment import diff_augment, parse_policy
from style_gan_tf.objectives.options import ObjectiveOptions

_SHOWN = 4  # `fold_in` number of what a history's pictures are augmented by


@dataclasses.dataclass(frozen=True)
class GameOptions(ObjectiveOptions):
    """Options of an objective that plays the game.

    Attributes:
        adversarial: A name in ADVERSARIAL_LOSSES.
        r1: Weight of the R1 penalty, at real pictures; 0: none.
        r2: Weight of the R2 penalty, the same at fake pictures; 0: none.
        diff_augment: Any of `color,translation,cutout`, for small sets.
    """

    adversarial: str = "bce"
    r1: float = 0.0
    r2: float = 0.0
    diff_augment: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        adversarial_loss(self.adversarial)
        parse_policy(self.diff_augment)

    def refuse_without_game(self) -> None:
        """For an objective whose `adversarial_weight` is 0, so that no discriminator is there.

        Raises:
            UsageError: When an option would be ignored.
        """
        for name in ("r1", "r2", "diff_augment"):
            if value := getattr(self, name):
                raise UsageError(
                    f"--set {name}={value}: there is no discriminator at adversarial_weight=0; "
                    "raise that, or leave it out"
                )


@dataclasses.dataclass(frozen=True)
class StylesGameOptions(GameOptions):
    """The same where the discriminator has a head for each of several styles."""

    adversarial: str = "hinge"

    def __post_init__(self) -> None:
        super().__post_init__()
        if adversarial_loss(self.adversarial).gradient_penalty:
            raise UsageError(
                f"--set adversarial={self.adversarial}: its penalty lies between pictures of one "
                "style; choose another for several"
            )


@dataclasses.dataclass(frozen=True)
class Streams:
    """`fold_in` numbers of the game's draws; an objective's own draws take others.

    Attributes:
        real: How real pictures are augmented.
        fake: How fake ones are.
        mix: Where between real and fake the gradient penalty is taken.
    """

    real: int = 1
    fake: int = 5
    mix: int = 2


# Of an objective that draws mixtures and strengths by `fold_in` of 1 and 5.
STYLES_STREAMS = Streams(real=2, fake=3)


class AdversarialGame:
    """A discriminator, and what it and the generator minimise.

    Used in replica context. All draws are made for the whole global batch, so that any number of
    replicas draws the same.

    Args:
        options: The objective's.
        discriminator: Pictures `[n, height, width, channels]` to logits.
        batch: Pictures in the global batch.
        weight: What the generator's loss is multiplied by.
        pace: What the discriminator's loss is multiplied by, its penalties apart: 0.5 lets it
            learn at half the generator's pace.
        streams: Numbers of the random draws.
    """

    def __init__(
        self,
        options: GameOptions,
        discriminator: Callable[..., Any],
        batch: int,
        *,
        weight: float = 1.0,
        pace: float = 1.0,
        streams: Streams | None = None,
    ) -> None:
        self.options = options
        self.discriminator = discriminator
        self.batch = batch
        self.weight, self.pace = weight, pace
        self.streams = streams or Streams()
        self.loss = adversarial_loss(options.adversarial)
        self.policy = parse_policy(options.diff_augment)

    def play(
        self,
        real: Any,
        fake: Any,
        seed: Any,
        positions: Any,
        *,
        beside: Any = None,
        heads: Any = None,
        fake_heads: Any = None,
        shown: Any = None,
    ) -> tuple[Any, dict[str, Any]]:
        """One step of both players.

        Args:
            real: float32 `[n, height, width, 3]` in [-1, 1].
            fake: What the generator made, the same shape; the way back to it is left open.
            seed: int32 `[2]`, the same on all replicas, another at each step.
            positions: int32 `[n]`, each example's position in the global batch.
            beside: Pictures that the discriminator sees with both, as three channels before them.
            heads: float32 `[n, heads]` where the discriminator has several: those that judge.
            fake_heads: Those that judge `fake`, where they are others.
            shown: What the discriminator sees in place of `fake`: a history's pictures.

        Returns:
            The generator's loss, and the discriminator's by name: `adversarial`, `r1` and `r2`
            with their weights, and `penalty` where the loss has one.
        """
        options, streams = self.options, self.streams
        fake_heads = heads if fake_heads is None else fake_heads

        def augment(images: Any, stream: int) -> Any:
            draws = tf.random.fold_in(seed, stream)

            def alike(pictures: Any) -> Any:
                return diff_augment(pictures, self.policy, draws, positions, self.batch)

            seen = alike(images)
            return seen if beside is None else tf.concat([alike(beside), seen], axis=-1)

        def judge(images: Any, stream: int, by: Any = heads) -> Any:
            logits = self.discriminator(augment(images, stream), training=True)
            return logits if by is None else by_heads(logits, by)

        if shown is None:
            # One pass over the fake pictures serves both players: each takes the gradient towards
            # its own weights. In one batch with the real ones, the generator's way back through
            # the discriminator would be twice as long, and batch normalization would tell real
            # and fake apart.
            real_logits = judge(real, streams.real)
            fake_logits = judge(fake, streams.fake, fake_heads)
            shown, shown_logits, shown_stream = fake, fake_logits, streams.fake
        else:
            real_logits, shown_logits = together(
                self.discriminator,
                augment(real, streams.real),
                augment(shown, _SHOWN),
                training=True,
            )
            # By itself: this pass alone leads back to the generator.
            fake_logits = judge(fake, streams.fake)
            shown_stream = streams.real
        losses = {"adversarial": self.pace * self.loss.discriminator(real_logits, shown_logits)}
        if options.r1:
            losses["r1"] = options.r1 * r1_penalty(lambda x: judge(x, streams.real), real)
        if options.r2:
            # Of the pictures as they are: no gradient flows on into the generator.
            losses["r2"] = options.r2 * r1_penalty(
                lambda x: judge(x, shown_stream, fake_heads), tf.stop_gradient(shown)
            )
        if weight := self.loss.gradient_penalty:
            mix = tf.random.stateless_uniform([self.batch], tf.random.fold_in(seed, streams.mix))
            losses["penalty"] = weight * gradient_penalty(
                lambda x: judge(x, streams.real), real, shown, tf.gather(mix, positions)
            )
        return self.weight * self.loss.generator(real_logits, fake_logits), losses
