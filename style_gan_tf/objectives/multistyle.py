"""Contrastive learning of several styles by one generator, with strengths and mixtures."""

import dataclasses
import math
from typing import Any

import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives.adversarial_game import (
    STYLES_STREAMS,
    AdversarialGame,
    StylesGameOptions,
)
from style_gan_tf.objectives.dial import Dial
from style_gan_tf.objectives.enco import EnCo
from style_gan_tf.objectives.hold_terms import HoldOptions, HoldTerms
from style_gan_tf.objectives.nce import NceOptions, build_nce
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.options import number
from style_gan_tf.objectives.renderings import Renderings
from style_gan_tf.options import at_least

# Which option has each term's factors.
_FACTORS = {
    "nce": "nce_factors",
    "content": "nce_factors",
    "color": "color_factors",
    "skin": "skin_factors",
    "face": "face_factors",
}


@dataclasses.dataclass(frozen=True)
class MultistyleOptions(HoldOptions, NceOptions, StylesGameOptions):
    """Options of the multistyle objective, beside those of the game, PatchNCE and the holds.

    Attributes:
        adversarial_weight: Weight of the generator's adversarial loss.
        nce_weight: See `NceOptions`, as `first_map`.
        nce_factors: What `nce_weight` is multiplied by for each style, in their order, separated
            by commas, as `1,4`; "": 1. A look far from photographs (flat colours, white grounds)
            would lose its subjects at a weight that leaves another its strokes. The content term's
            weight is multiplied by them as well.
        mixture_share: Share of the content images that are rendered in a mixture of two styles.
        strength_weight: Weight of the dial's loss: at strength s the output shall lie at s of the
            way from the photo to the full style.
        strength_every: Train the dial at every so many steps, with as many times the weight: it
            learns at once, and takes 40 % of a step.
        diversity_weight: With `generator.latent_dim`: weight of the difference of two renderings of
            a photo by two draws of noise, which is to be large.
        diversity_steps: Steps over which that weight falls to nothing.
        color_factors: What `color_weight` is multiplied by for each style, as `0,1`; "": 1.
        skin_factors: What `skin_weight` is multiplied by for each style, as `1,0` for one in colour
            and one in black and white; "": 1.
        face_factors: What `face_weight` is multiplied by for each style; "": 1. Hatching is
            texture.
    """

    adversarial_weight: float = 1.0
    nce_weight: float = 0.25
    nce_factors: str = ""
    first_map: int = 1
    mixture_share: float = 0.25
    strength_weight: float = 1.0
    strength_every: int = number(1, least=1)
    diversity_weight: float = 1.0
    diversity_steps: int = number(10000, least=1)
    color_factors: str = ""
    skin_factors: str = ""
    face_factors: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least("1 - mixture_share", 1 - self.mixture_share, 0)


class Multistyle(Objective):
    """One generator of K styles, one discriminator of K heads, PatchNCE for the subject.

    The discriminator has a head for each style and learns only by the heads that a picture is
    about (the multi-task form of Choi et al. 2020, "StarGAN v2", appendix C). A mixture is judged
    by the mixture of the heads' logits.
    """

    Options = MultistyleOptions

    def __init__(self, options: MultistyleOptions, setting: Setting) -> None:
        self.options = options
        self.setting = setting
        self.count = len(setting.styles)
        self.factors = {
            term: _factors(option, getattr(options, option), self.count)
            for term, option in _FACTORS.items()
        }
        self.generator = setting.build_generator(of_renderings=True)
        self.game = AdversarialGame(
            options,
            setting.build_discriminator(),
            setting.batch,
            weight=options.adversarial_weight,
            streams=STYLES_STREAMS,
        )
        self.nce = build_nce(options, self.generator, setting.dtype, drives=True)
        self.holds = HoldTerms(options, setting.dtype, setting.batch)
        self.sees_through = self.holds.sees_through
        self.dial = Dial(options.strength_weight, setting.batch, options.strength_every)
        self.networks = {
            "generator": self.generator,
            "discriminator": self.game.discriminator,
            "projection": self.nce.projection,
        }
        self.renderings = None
        if self.generator.mapping is not None:
            self.renderings = Renderings(
                self.generator, options.diversity_weight, options.diversity_steps
            )
        self.state = self.renderings.state if self.renderings else {}

    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        content, style, positions = batch["content"], batch["style"], batch["positions"]
        own = tf.one_hot(batch["style_index"], self.count)
        weights = self._mix(own, positions, tf.random.fold_in(seed, 1))
        drives = self.generator.get_layer("style_code")(weights)
        if self.renderings:
            one, other = self.renderings.added(positions, self.setting.batch, seed, weights)
            plain, drives = drives, drives + one

        given, strength = self.dial.inputs(content, (weights, drives), seed, positions)
        outputs, *features = self.nce.with_features(given, training=True)
        count = tf.shape(content)[0]
        fake, features = outputs[:count], [feature[:count] for feature in features]
        if isinstance(self.nce, EnCo):
            features, output_features = features[: self.nce.stages], features[self.nce.stages :]
        else:
            output_features = self.nce.encoder([fake, weights, drives], training=True)
        factors = {term: tf.linalg.matvec(weights, each) for term, each in self.factors.items()}
        nce = self.nce.loss(features, output_features, seed, factors["nce"])
        nce *= self.options.nce_weight

        adversarial, discriminator = self.game.play(
            style, fake, seed, positions, heads=own, fake_heads=weights
        )
        generator = {"adversarial": adversarial, "nce": nce}
        generator |= self.dial.losses(content, outputs, strength)
        if self.renderings:
            second = [content, weights, plain + other]
            unlike, *_ = self.nce.with_features(second, training=True)
            generator["diversity"] = self.renderings.loss(fake, unlike)
        generator |= self.holds.losses(
            lambda images: self.nce.with_features([images, weights, drives], training=True)[0],
            content,
            fake,
            seed,
            positions,
            factors,
        )
        return {
            "generator": generator,
            "discriminator": discriminator,
            "projection": {"nce": nce},
        }

    def _mix(self, own: Any, positions: Any, seed: Any) -> Any:
        """Style weights that sum to one: most a single style, some a mixture of two."""
        # Drawn for the whole global batch, so that any number of replicas draws the same.
        share, amount, other = tf.unstack(
            tf.random.stateless_uniform([3, self.setting.batch], seed), axis=0
        )
        share, amount, other = (tf.gather(draw, positions) for draw in (share, amount, other))
        index = tf.argmax(own, axis=-1, output_type=tf.int32)
        # One of the other styles, all as likely.
        step = 1 + tf.cast(other * float(self.count - 1), tf.int32)
        second = tf.one_hot((index + step) % self.count, self.count)
        mixture = amount[:, tf.newaxis] * own + (1.0 - amount[:, tf.newaxis]) * second
        return tf.where((share < self.options.mixture_share)[:, tf.newaxis], mixture, own)


def _factors(option: str, text: str, count: int) -> list[float]:
    """One number of each style.

    Raises:
        UsageError: For another count, or what is no number from 0 on.
    """
    if not text:
        return [1.0] * count
    try:
        factors = [float(part) for part in text.split(",")]
    except ValueError:
        factors = []
    if len(factors) != count or not all(0 <= factor < math.inf for factor in factors):
        raise UsageError(
            f"--set {option}={text}: give {count} numbers from 0 on, one of each style, "
            "separated by commas"
        )
    return factors
