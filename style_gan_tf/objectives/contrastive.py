"""Contrastive unpaired translation: CUT and FastCUT (Park et al. 2020)."""

import dataclasses
from typing import Any

import tensorflow as tf

from style_gan_tf.objectives.adversarial import adversarial_loss, gradient_penalty, r1_penalty
from style_gan_tf.objectives.color_loss import color_loss
from style_gan_tf.objectives.content_term import CONTENT_EXTRACTOR, ContentTerm
from style_gan_tf.objectives.diff_augment import diff_augment, parse_policy
from style_gan_tf.objectives.enco import EnCo, build_nce
from style_gan_tf.objectives.face_loss import face_cells, face_loss
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.patch_nce import NCE
from style_gan_tf.objectives.skin_loss import skin_loss
from style_gan_tf.objectives.stability import stability_loss
from style_gan_tf.options import at_least, choose


@dataclasses.dataclass(frozen=True)
class ContrastiveOptions:
    """Options of the contrastive objective.

    Attributes:
        adversarial: A name in ADVERSARIAL_LOSSES.
        adversarial_weight: Weight of the generator's adversarial loss.
        nce: `patch`: PatchNCE; `enco`: EnCo's distance between encoder and decoder, which needs
            no second pass.
        nce_weight: Weight of that.
        identity_nce: Also stylize style images, and hold PatchNCE between them and their
            outputs: keeps the generator from changing what is in style already.
        first_map: The shallowest of the encoder's maps that PatchNCE compares. 0 begins with the
            pixels themselves, which holds on to the photo's texture; 1 leaves it free.
        temperature: Of PatchNCE's softmax.
        hard_negatives: How much more PatchNCE counts other places that look alike; see
            `patch_nce_loss`; 0: all the same.
        patches: Places compared in each feature map.
        projection: Width of the perceptrons that compare patches.
        content_weight: Weight of the subject as EfficientNet-Lite0 sees it (`ContentTerm`); 0:
            none.
        flip_equivariance: Mirror every other batch, and its outputs back before they are
            compared (FastCUT).
        color_weight: Weight of the photo's colours, place by place (`color_loss`); 0: the style's
            palette is free.
        skin_weight: Weight of the photo's hue, chroma and lightness where it shows skin
            (`skin_loss`); 0: none.
        face_weight: Weight of the light and shade, and of the smoothness, of the faces that are
            found in the photo (`face_loss`); 0: none.
        stability_weight: Weight of the stability for video: |G(T(x)) - T(G(x))|, see
            `stability_loss`; 0: none.
        r1: Weight of the R1 penalty, at real pictures; 0: none.
        r2: Weight of the R2 penalty, the same at fake pictures; 0: none.
        diff_augment: Any of `color,translation,cutout`, for small sets.
    """

    adversarial: str = "lsgan"
    adversarial_weight: float = 1.0
    nce: str = "patch"
    nce_weight: float = 1.0
    identity_nce: bool = True
    first_map: int = 0
    temperature: float = 0.07
    hard_negatives: float = 0.0
    patches: int = 256
    projection: int = 256
    content_weight: float = 0.0
    flip_equivariance: bool = False
    color_weight: float = 0.0
    skin_weight: float = 0.0
    face_weight: float = 0.0
    stability_weight: float = 0.0
    r1: float = 0.0
    r2: float = 0.0
    diff_augment: str = ""

    def __post_init__(self) -> None:
        weights = ("adversarial_weight", "nce_weight", "content_weight", "color_weight")
        for name in (
            *weights,
            "skin_weight",
            "face_weight",
            "stability_weight",
            "r1",
            "r2",
            "first_map",
            "hard_negatives",
        ):
            at_least(name, getattr(self, name), 0)
        for name in ("patches", "projection"):
            at_least(name, getattr(self, name), 1)
        at_least("temperature", self.temperature, 1e-3)
        choose("nce", self.nce, NCE)


class Contrastive(Objective):
    """min-max over style patches, while PatchNCE ties every output patch to its content."""

    Options = ContrastiveOptions

    def __init__(self, options: ContrastiveOptions, setting: Setting) -> None:
        self.options = options
        self.setting = setting
        self.adversarial = adversarial_loss(options.adversarial)
        self.policy = parse_policy(options.diff_augment)
        self.generator = setting.build_generator()
        self.discriminator = setting.build_discriminator()
        self.nce = build_nce(options, self.generator, setting.dtype)
        self.projection = self.nce.projection
        self.content_term = None
        if options.content_weight:
            self.content_term = ContentTerm(setting.dtype)
            self.sees_through = CONTENT_EXTRACTOR
        self.networks = {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "projection": self.projection,
        }
        self.state = {}

    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        content, style = batch["content"], batch["style"]
        fake, features, output_features = self._stylize(content, style, seed)
        nce = self.options.nce_weight * self.nce.loss(features, output_features, seed)

        def judge(images: Any, draw: int = 1) -> Any:
            draws = tf.random.fold_in(seed, draw)
            seen = diff_augment(images, self.policy, draws, batch["positions"], self.setting.batch)
            return self.discriminator(seen, training=True)

        # One pass over the fake pictures serves both players: each takes the gradient towards
        # its own weights. In one batch with the real ones, the generator's way back through the
        # discriminator would be twice as long.
        real_logits, fake_logits = judge(style), judge(fake, draw=5)
        discriminator = {"adversarial": self.adversarial.discriminator(real_logits, fake_logits)}
        if self.options.r1:
            discriminator["r1"] = self.options.r1 * r1_penalty(judge, style)
        if self.options.r2:
            # Of the pictures as they are: no gradient flows on into the generator.
            shown = tf.stop_gradient(fake)
            discriminator["r2"] = self.options.r2 * r1_penalty(lambda x: judge(x, draw=5), shown)
        if weight := self.adversarial.gradient_penalty:
            mix = tf.random.stateless_uniform([self.setting.batch], tf.random.fold_in(seed, 2))
            mix = tf.gather(mix, batch["positions"])
            discriminator["penalty"] = weight * gradient_penalty(judge, style, fake, mix)
        generator = {
            "adversarial": self.options.adversarial_weight
            * self.adversarial.generator(real_logits, fake_logits),
            "nce": nce,
        }
        if self.content_term:
            content_term = tf.reduce_mean(self.content_term.loss(fake, content))
            generator["content"] = self.options.content_weight * content_term
        if weight := self.options.color_weight:
            generator["color"] = weight * tf.reduce_mean(color_loss(fake, content))
        if weight := self.options.skin_weight:
            generator["skin"] = weight * tf.reduce_mean(skin_loss(fake, content))
        if weight := self.options.face_weight:
            held = face_loss(fake, content, face_cells(content))
            generator["face"] = weight * tf.reduce_mean(held)
        if weight := self.options.stability_weight:
            generator["stability"] = weight * stability_loss(
                lambda images: self.generator(images, training=True),
                content,
                fake,
                seed,
                batch["positions"],
                self.setting.batch,
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
