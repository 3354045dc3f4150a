"""One generator for many single paintings, mixable (Dumoulin et al. 2017)."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.networks.coded_styles import with_drives
from style_gan_tf.networks.extractors import VGG19
from style_gan_tf.objectives.adversarial_game import (
    STYLES_STREAMS,
    AdversarialGame,
    StylesGameOptions,
)
from style_gan_tf.objectives.content_term import ContentTerm
from style_gan_tf.objectives.dial import Dial
from style_gan_tf.objectives.face_loss import face_cells, face_loss
from style_gan_tf.objectives.feature_losses import content_loss, style_loss, total_variation
from style_gan_tf.objectives.feature_options import FeatureOptions, load_feature_losses
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.options import number
from style_gan_tf.objectives.skin_loss import skin_loss


@dataclasses.dataclass(frozen=True)
class GalleryOptions(FeatureOptions, StylesGameOptions):
    """Options of the gallery objective, beside those of the features and the game.

    Four `style_scales` reach 190 pixels by relu3_1 (Snelgrove 2017). A painting alone is a small
    set, for which `diff_augment` is.

    Attributes:
        style_scales: See `FeatureOptions`.
        subject_weight: Weight of the subject as EfficientNet-Lite0 sees it (`ContentTerm`): faces
            and things stay readable in whatever strokes; 0: none.
        style_size: Short side that the paintings are resized to; 0: the crop.
        strength_weight: Weight of the dial's loss, see `multistyle`.
        strength_every: Train the dial at every so many steps, with as many times the weight.
        skin_weight: Weight of the photo's hue and lightness where it shows skin (`skin_loss`).
        face_weight: Weight of the light and shade of the faces that are found (`face_loss`).
        adversarial_weight: Weight of the adversarial loss over crops of the paintings; 0: no
            discriminator.
    """

    style_scales: int = number(4, least=1)
    subject_weight: float = 0.0
    style_size: int = 0
    strength_weight: float = 1.0
    strength_every: int = number(4, least=1)
    skin_weight: float = 0.0
    face_weight: float = 0.0
    adversarial_weight: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.adversarial_weight:
            self.refuse_without_game()


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
        self.studied_size = style_size = options.style_size or setting.crop
        sizes = {"--crop": setting.crop, "--set style_size": style_size}
        self.features = load_feature_losses(options, setting.dtype, sizes)
        self.subject = ContentTerm(setting.dtype) if options.subject_weight else None
        self.generator = setting.build_generator()
        self.paint = with_drives(self.generator)
        self.networks = {"generator": self.generator}
        self.dial = Dial(options.strength_weight, setting.batch, options.strength_every)
        self.game = None
        if options.adversarial_weight:
            self.game = AdversarialGame(
                options,
                setting.build_discriminator(),
                setting.batch,
                weight=options.adversarial_weight,
                streams=STYLES_STREAMS,
            )
            self.networks["discriminator"] = self.game.discriminator
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
        drives = self.generator.get_layer("style_code")(own)
        given, strength = self.dial.inputs(photos, (own, drives), seed, batch["positions"])
        outputs = self.paint(given, training=True)
        fake = outputs[: tf.shape(photos)[0]]
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
        if options.face_weight:
            face = tf.reduce_mean(face_loss(fake, photos, face_cells(photos)))
            generator["face"] = options.face_weight * face
        generator |= self.dial.losses(photos, outputs, strength)
        if self.game is None:
            return {"generator": generator}
        generator["adversarial"], discriminator = self.game.play(
            batch["style"], fake, seed, batch["positions"], heads=own
        )
        return {"generator": generator, "discriminator": discriminator}
