"""Conditional translation of pairs: pix2pix (Isola et al. 2017), and restoration."""

import dataclasses
from pathlib import Path
from typing import Any

import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.extractors import VGG19, normalised_vgg19
from style_gan_tf.objectives.adversarial import adversarial_loss, gradient_penalty, r1_penalty
from style_gan_tf.objectives.diff_augment import diff_augment, parse_policy
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.stability import stability_loss
from style_gan_tf.options import at_least


@dataclasses.dataclass(frozen=True)
class PairedOptions:
    """Options of the paired objective.

    Attributes:
        adversarial: A name in ADVERSARIAL_LOSSES.
        adversarial_weight: Weight of the generator's adversarial loss; 0: no discriminator.
        l1_weight: Weight of |G(x) - y|.
        feature_weight: Weight of the distance between VGG19's features of G(x) and y; 0: none.
        feature_weights: VGG19's weights file, see `normalised_vgg19`; "": the package's own.
        conditional: The discriminator sees the content beside the picture that it judges.
        stability_weight: Weight of the stability for video: |G(T(x)) - T(G(x))|, see
            `stability_loss`; 0: none.
        r1: Weight of the R1 penalty, at real pictures; 0: none.
        r2: Weight of the R2 penalty, the same at fake pictures; 0: none.
        diff_augment: Any of `color,translation,cutout`, for small sets.
    """

    adversarial: str = "bce"
    adversarial_weight: float = 1.0
    l1_weight: float = 100.0
    feature_weight: float = 0.0
    feature_weights: str = ""
    conditional: bool = True
    stability_weight: float = 0.0
    r1: float = 0.0
    r2: float = 0.0
    diff_augment: str = ""

    def __post_init__(self) -> None:
        weights = ("adversarial_weight", "l1_weight", "feature_weight", "stability_weight")
        for name in (*weights, "r1", "r2"):
            at_least(name, getattr(self, name), 0)
        if not (self.adversarial_weight or self.l1_weight or self.feature_weight):
            raise UsageError(
                "--set: adversarial_weight, l1_weight and feature_weight are all 0: "
                "nothing would be minimised"
            )


class Paired(Objective):
    """The generator's output shall be the target, and pass for one beside its content."""

    Options = PairedOptions

    def __init__(self, options: PairedOptions, setting: Setting) -> None:
        self.options = options
        self.setting = setting
        self.adversarial = adversarial_loss(options.adversarial)
        self.policy = parse_policy(options.diff_augment)
        self.generator = setting.build_generator()
        self.networks = {"generator": self.generator}
        if options.adversarial_weight:
            self.discriminator = setting.build_discriminator(pairs=options.conditional)
            self.networks["discriminator"] = self.discriminator
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
        if not options.adversarial_weight:
            return {"generator": generator}
        adversarial, discriminator = self._play(content, target, fake, batch["positions"], seed)
        generator["adversarial"] = options.adversarial_weight * adversarial
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

    def _play(
        self, content: Any, target: Any, fake: Any, positions: Any, seed: Any
    ) -> tuple[Any, dict[str, Any]]:
        """The min-max game: the generator's loss and the discriminator's losses."""

        def judge(images: Any, draw: int = 1) -> Any:
            draws = tf.random.fold_in(seed, draw)

            def augment(pictures: Any) -> Any:
                return diff_augment(pictures, self.policy, draws, positions, self.setting.batch)

            seen = augment(images)
            if self.options.conditional:
                seen = tf.concat([augment(content), seen], axis=-1)
            return self.discriminator(seen, training=True)

        # One pass over the fake pictures serves both players: each takes the gradient towards
        # its own weights.
        real_logits, fake_logits = judge(target), judge(fake, draw=5)
        # Halved: the discriminator learns at half the generator's pace (section 3.3).
        losses = {"adversarial": 0.5 * self.adversarial.discriminator(real_logits, fake_logits)}
        if self.options.r1:
            losses["r1"] = self.options.r1 * r1_penalty(judge, target)
        if self.options.r2:
            # Of the pictures as they are: no gradient flows on into the generator.
            shown = tf.stop_gradient(fake)
            losses["r2"] = self.options.r2 * r1_penalty(lambda x: judge(x, draw=5), shown)
        if weight := self.adversarial.gradient_penalty:
            mix = tf.random.stateless_uniform([self.setting.batch], tf.random.fold_in(seed, 2))
            mix = tf.gather(mix, positions)
            losses["penalty"] = weight * gradient_penalty(judge, target, fake, mix)
        return self.adversarial.generator(real_logits, fake_logits), losses
