"""Contrastive unpaired translation: CUT and FastCUT (Park et al. 2020)."""

import dataclasses
from typing import Any

import tensorflow as tf

from style_gan_tf.objectives.adversarial_game import AdversarialGame, GameOptions
from style_gan_tf.objectives.enco import EnCo
from style_gan_tf.objectives.hold_terms import HoldOptions, HoldTerms
from style_gan_tf.objectives.nce import NceOptions, build_nce
from style_gan_tf.objectives.objective import Objective, Setting


@dataclasses.dataclass(frozen=True)
class ContrastiveOptions(HoldOptions, NceOptions, GameOptions):
    """Options of the contrastive objective, beside those of the game, PatchNCE and the holds.

    Attributes:
        adversarial: A name in ADVERSARIAL_LOSSES.
        adversarial_weight: Weight of the generator's adversarial loss.
        identity_nce: Also stylize style images, and hold PatchNCE between them and their
            outputs: keeps the generator from changing what is in style already.
        flip_equivariance: Mirror every other batch, and its outputs back before they are
            compared (FastCUT).
    """

    adversarial: str = "lsgan"
    adversarial_weight: float = 1.0
    identity_nce: bool = True
    flip_equivariance: bool = False


class Contrastive(Objective):
    """min-max over style patches, while PatchNCE ties every output patch to its content."""

    Options = ContrastiveOptions

    def __init__(self, options: ContrastiveOptions, setting: Setting) -> None:
        self.options = options
        self.setting = setting
        self.generator = setting.build_generator()
        self.game = AdversarialGame(
            options,
            setting.build_discriminator(),
            setting.batch,
            weight=options.adversarial_weight,
        )
        self.nce = build_nce(options, self.generator, setting.dtype)
        self.holds = HoldTerms(options, setting.dtype, setting.batch)
        self.sees_through = self.holds.sees_through
        self.networks = {
            "generator": self.generator,
            "discriminator": self.game.discriminator,
            "projection": self.nce.projection,
        }
        self.state = {}

    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        content, style = batch["content"], batch["style"]
        fake, features, output_features = self._stylize(content, style, seed)
        nce = self.options.nce_weight * self.nce.loss(features, output_features, seed)

        adversarial, discriminator = self.game.play(style, fake, seed, batch["positions"])
        generator = {"adversarial": adversarial, "nce": nce}
        generator |= self.holds.losses(
            lambda images: self.generator(images, training=True),
            content,
            fake,
            seed,
            batch["positions"],
        )
        return {
            "generator": generator,
            "discriminator": discriminator,
            "projection": {"nce": nce},
        }

    def _stylize(self, content: Any, style: Any, seed: Any) -> tuple[Any, list[Any], list[Any]]:
        """Outputs for the content, and the encoder's features of inputs and of all outputs."""
        # The identity's style images and the content go through the generator as one batch.
        inputs = tf.concat([content, style], 0) if self.options.identity_nce else content
        count = tf.shape(content)[0]
        if self.options.flip_equivariance:
            flip = tf.random.stateless_uniform([], tf.random.fold_in(seed, 3)) < 0.5
            seen = tf.where(flip, tf.reverse(inputs, [2]), inputs)
        else:
            flip, seen = None, inputs
        # The generator's own pass gives its encoder's features of the inputs.
        outputs, *features = self.nce.with_features(seen, training=True)
        if isinstance(self.nce, EnCo):
            stages = self.nce.stages
            return outputs[:count], features[:stages], features[stages:]
        if flip is None:
            output_features = self.nce.encoder(outputs, training=True)
        else:
            # Mirrored back as pictures: mirrored feature maps would not do where channels stand
            # for places within a block of pixels, as in `fast`.
            features = self.nce.encoder(inputs, training=True)
            straight = tf.where(flip, tf.reverse(outputs, [2]), outputs)
            output_features = self.nce.encoder(straight, training=True)
        return outputs[:count], features, output_features
