"""Conditional translation of pairs: pix2pix (Isola et al. 2017), and restoration."""

import dataclasses
from pathlib import Path
from typing import Any

import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.extractors import VGG19, normalised_vgg19
from style_gan_tf.objectives.adversarial_game import AdversarialGame, GameOptions
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.stability import stability_loss


@dataclasses.dataclass(frozen=True)
class PairedOptions(GameOptions):
    """Options of the paired objective.

    Attributes:
        adversarial_weight: Weight of the generator's adversarial loss; 0: no discriminator.
        l1_weight: Weight of |G(x) - y|.
        feature_weight: Weight of the distance between VGG19's features of G(x) and y; 0: none.
        feature_weights: VGG19's weights file, see `normalised_vgg19`; "": the package's own.
        conditional: The discriminator sees the content beside the picture that it judges.
        stability_weight: Weight of the stability for video: |G(T(x)) - T(G(x))|, see
            `stability_loss`; 0: none.
    """

    adversarial_weight: float = 1.0
    l1_weight: float = 100.0
    feature_weight: float = 0.0
    feature_weights: str = ""
    conditional: bool = True
    stability_weight: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.adversarial_weight or self.l1_weight or self.feature_weight):
            raise UsageError(
                "--set: adversarial_weight, l1_weight and feature_weight are all 0: "
                "nothing would be minimised"
            )
        if not self.adversarial_weight:
            self.refuse_without_game()


class Paired(Objective):
    """The generator's output shall be the target, and pass for one beside its content."""

    Options = PairedOptions

    def __init__(self, options: PairedOptions, setting: Setting) -> None:
        self.options = options
        self.setting = setting
        self.generator = setting.build_generator()
        self.networks = {"generator": self.generator}
        self.game = None
        if options.adversarial_weight:
            self.game = AdversarialGame(
                options,
                setting.build_discriminator(pairs=options.conditional),
                setting.batch,
                weight=options.adversarial_weight,
                pace=0.5,  # Section 3.3.
            )
            self.networks["discriminator"] = self.game.discriminator
        if options.feature_weight:
            weights = Path(options.feature_weights) if options.feature_weights else None
            self.features = normalised_vgg19(weights, setting.dtype).network
            self.sees_through = VGG19
        self.state = {}

    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        content, target = batch["content"], batch["target"]
        options = self.options
        fake = self.generator(content, training=True)
        generator = {}
        if options.l1_weight:
            generator["l1"] = options.l1_weight * tf.reduce_mean(tf.abs(fake - target))
        if options.feature_weight:
            generator["features"] = options.feature_weight * self._feature_distance(fake, target)
        if options.stability_weight:
            generator["stability"] = options.stability_weight * stability_loss(
                lambda images: self.generator(images, training=True),
                content,
                fake,
                seed,
                batch["positions"],
                self.setting.batch,
            )
        if self.game is None:
            return {"generator": generator}
        beside = content if options.conditional else None
        generator["adversarial"], discriminator = self.game.play(
            target, fake, seed, batch["positions"], beside=beside
        )
        return {"generator": generator, "discriminator": discriminator}

    def _feature_distance(self, fake: Any, target: Any) -> Any:
        """Mean over VGG19's maps of their mean absolute difference.

        The network's activations are 1 in the mean, so its maps need no weights of their own.
        """
        maps = zip(self.features(fake), self.features(tf.stop_gradient(target)), strict=True)
        terms = [
            tf.reduce_mean(tf.abs(tf.cast(a, tf.float32) - tf.cast(b, tf.float32))) for a, b in maps
        ]
        return tf.add_n(terms) / len(terms)
