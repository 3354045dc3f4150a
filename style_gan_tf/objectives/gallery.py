"""One generator for many single paintings, mixable (Dumoulin et al. 2017)."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.coded_styles import with_drives
from style_gan_tf.networks.extractors import VGG19
from style_gan_tf.objectives.adversarial import (
    adversarial_loss_of_styles,
    by_heads,
    r1_penalty,
)
from style_gan_tf.objectives.content_term import ContentTerm
from style_gan_tf.objectives.diff_augment import diff_augment, parse_policy
from style_gan_tf.objectives.feature_losses import content_loss, style_loss, total_variation
from style_gan_tf.objectives.multistyle import dial_loss
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.perceptual import load_feature_losses
from style_gan_tf.objectives.skin_loss import skin_loss
from style_gan_tf.options import at_least


@dataclasses.dataclass(frozen=True)
class GalleryOptions:
    """Options of the gallery objective.

    Attributes:
        content_weight: Weight of the content loss, over VGG19's `content_layer`.
        subject_weight: Weight of the subject as EfficientNet-Lite0 sees it (`ContentTerm`): faces
            and things stay readable in whatever strokes; 0: none.
        style_weight: Weight of the style loss.
        tv_weight: Weight of the total variation: against speckles.
        content_layer: See `PerceptualOptions`, also of the next four.
        style_layers: "": relu1_1, relu2_1 and relu3_1 of the package's VGG19.
        style_scales: Four reach 190 pixels by relu3_1 (Snelgrove 2017).
        style_size: Short side that the paintings are resized to; 0: the crop.
        feature_weights: Of VGG19.
        strength_weight: Weight of the dial's loss, see `multistyle`.
        strength_every: Train the dial at every so many steps, with as many times the weight.
        skin_weight: Weight of the photo's hue and lightness where it shows skin (`skin_loss`).
        adversarial_weight: Weight of the adversarial loss over crops of the paintings; 0: no
            discriminator.
        adversarial: A name in ADVERSARIAL_LOSSES.
        r1: Weight of the R1 penalty, at real pictures; 0: none.
        diff_augment: Any of `color,translation,cutout`: a painting alone is a small set.
    """

    content_weight: float = 1.0
    subject_weight: float = 0.0
    style_weight: float = 10.0
    tv_weight: float = 0.0
    content_layer: str = ""
    style_layers: str = ""
    style_scales: int = 4
    style_size: int = 0
    feature_weights: str = ""
    strength_weight: float = 1.0
    strength_every: int = 4
    skin_weight: float = 0.0
    adversarial_weight: float = 0.0
    adversarial: str = "hinge"
    r1: float = 0.0
    diff_augment: str = ""

    def __post_init__(self) -> None:
        weights = ("content_weight", "subject_weight", "style_weight", "tv_weight", "r1")
        for name in (*weights, "strength_weight", "skin_weight", "adversarial_weight"):
            at_least(name, getattr(self, name), 0)
        at_least("style_scales", self.style_scales, 1)
        at_least("style_size", self.style_size, 0)
        at_least("strength_every", self.strength_every, 1)


class Gallery(Objective):
    """min over one conditional generator of content and of each painting's own Gram matrices.

    Dumoulin et al. 2017, section 3: all weights are shared but the scales and shifts of the
    normalizations, which the style's code sets. Each style is one target: the mean Gram matrices
    of its pictures (one painting, as a rule), over a pyramid of scales. A discriminator over crops
    of the paintings, one head a style, may play beside.
    """

    Options = GalleryOptions
    sees_through = VGG19

    def __init__(self, options: GalleryOptions, setting: Setting) -> None:
        self.options = options
        self.setting = setting
        self.count = len(setting.styles)
        self.adversarial = adversarial_loss_of_styles(options.adversarial)
        self.policy = parse_policy(options.diff_augment)
        self.features = load_feature_losses(options, setting.dtype)
        self.subject = ContentTerm(setting.dtype) if options.subject_weight else None
        self.studied_size = options.style_size or setting.crop
        for name, size in (("--crop", setting.crop), ("--set style_size", self.studied_size)):
            if size < self.features.minimum:
                raise UsageError(
                    f"{name}={size}: {self.features.extractor.name} at style_scales="
                    f"{options.style_scales} takes pictures from {self.features.minimum} pixels on"
                )
        self.generator = setting.build_generator()
        self.paint = with_drives(self.generator)
        self.networks = {"generator": self.generator}
        if options.adversarial_weight:
            self.networks["discriminator"] = setting.build_discriminator()
        self.targets = [
            tf.Variable(
                tf.zeros([self.count, channels, channels]),
                trainable=False,
                name=f"styles_{index}",
                aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
            )
            for index, channels in enumerate(self.features.channels)
        ]
        self.state = {f"styles_{index}": target for index, target in enumerate(self.targets)}

    def study(self, styles: Sequence[Sequence[np.ndarray]]) -> None:
        each = [self.features.style(pictures) for pictures in styles]
        for target, grams in zip(self.targets, zip(*each, strict=True), strict=True):
            target.assign(tf.stack(grams))

    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        options, photos, index = self.options, batch["content"], batch["style_index"]
        own = tf.one_hot(index, self.count)
        fake, partial, strength = self._paint(photos, own, batch["positions"], seed)
        content, grams = self.features.content_and_style(fake)
        wanted = [tf.gather(tf.convert_to_tensor(target), index) for target in self.targets]
        generator = {
            "content": options.content_weight
            * content_loss(content, self.features.content(photos)),
            "style": options.style_weight * style_loss(grams, wanted),
        }
        if self.subject:
            subject = tf.reduce_mean(self.subject.loss(fake, photos))
            generator["subject"] = options.subject_weight * subject
        if options.tv_weight:
            generator["tv"] = options.tv_weight * total_variation(fake)
        if options.skin_weight:
            generator["skin"] = options.skin_weight * tf.reduce_mean(skin_loss(fake, photos))
        if options.strength_weight:
            rows = tf.shape(partial)[0]  # 0 in a step that leaves the dial alone
            dial = dial_loss(photos[:rows], fake[:rows], partial, strength[:rows])
            generator["strength"] = options.strength_weight * options.strength_every * dial
        if not options.adversarial_weight:
            return {"generator": generator}
        generator["adversarial"], discriminator = self._play(batch, fake, own, seed)
        return {"generator": generator, "discriminator": discriminator}

    def _paint(self, photos: Any, own: Any, positions: Any, seed: Any) -> tuple[Any, Any, Any]:
        """In full; at a random strength each, in the steps that train the dial; the strengths."""
        drives = self.generator.get_layer("style_code")(own)
        draws = tf.random.stateless_uniform([self.setting.batch, 1], tf.random.fold_in(seed, 5))
        strength = tf.gather(draws, positions)
        given = full = [photos, own, drives]
        if self.options.strength_weight:
            weaker = [photos, strength * own, strength * drives]
            # One pass for both, see `multistyle`.
            both = [tf.concat(pair, 0) for pair in zip(full, weaker, strict=True)]
            trained = seed[1] % self.options.strength_every == 0
            given = [
                tf.ensure_shape(x, [None, *x.shape[1:]])
                for x in tf.cond(trained, lambda: both, lambda: full)
            ]
        outputs = self.paint(given, training=True)
        count = tf.shape(photos)[0]
        return outputs[:count], outputs[count:], strength

    def _play(
        self, batch: dict[str, Any], fake: Any, own: Any, seed: Any
    ) -> tuple[Any, dict[str, Any]]:
        """The min-max game over crops of the paintings."""
        discriminator, positions = self.networks["discriminator"], batch["positions"]

        def judge(images: Any, draw: int) -> Any:
            draws = tf.random.fold_in(seed, draw)
            seen = diff_augment(images, self.policy, draws, positions, self.setting.batch)
            return by_heads(discriminator(seen, training=True), own)

        real_logits, fake_logits = judge(batch["style"], 2), judge(fake, 3)
        losses = {"adversarial": self.adversarial.discriminator(real_logits, fake_logits)}
        if self.options.r1:
            losses["r1"] = self.options.r1 * r1_penalty(lambda x: judge(x, 2), batch["style"])
        weight = self.options.adversarial_weight
        return weight * self.adversarial.generator(real_logits, fake_logits), losses
