"""Contrastive learning of several styles by one generator, with strengths and mixtures."""

import dataclasses
import math
from typing import Any

import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives.adversarial import (
    adversarial_loss_of_styles,
    by_heads,
    r1_penalty,
)
from style_gan_tf.objectives.color_loss import color_loss
from style_gan_tf.objectives.content_term import CONTENT_EXTRACTOR, ContentTerm
from style_gan_tf.objectives.diff_augment import diff_augment, parse_policy
from style_gan_tf.objectives.enco import EnCo, build_nce
from style_gan_tf.objectives.face_loss import face_cells, face_loss
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.patch_nce import NCE
from style_gan_tf.objectives.renderings import Renderings
from style_gan_tf.objectives.skin_loss import skin_loss
from style_gan_tf.objectives.stability import stability_loss
from style_gan_tf.options import at_least, choose


@dataclasses.dataclass(frozen=True)
class MultistyleOptions:
    """Options of the multistyle objective.

    Attributes:
        adversarial: A name in ADVERSARIAL_LOSSES.
        adversarial_weight: Weight of the generator's adversarial loss.
        nce: `patch`: PatchNCE; `enco`: EnCo's distance between encoder and decoder, which needs
            no second pass.
        nce_weight: Weight of that, between content and output.
        nce_factors: What that weight is multiplied by for each style, in their order, separated by
            commas, as `1,4`; "": 1. A look far from photographs (flat colours, white grounds) would
            lose its subjects at a weight that leaves another its strokes. The content term's
            weight is multiplied by them as well.
        first_map: The shallowest of the encoder's maps that PatchNCE compares; 1 leaves out the
            pixels.
        temperature: Of PatchNCE.
        patches: Places per map and picture that PatchNCE compares.
        projection: Width of the projected features.
        content_weight: Weight of the subject as EfficientNet-Lite0 sees it (`ContentTerm`); 0:
            none.
        mixture_share: Share of the content images that are rendered in a mixture of two styles.
        strength_weight: Weight of the dial's loss: at strength s the output shall lie at s of the
            way from the photo to the full style.
        strength_every: Train the dial at every so many steps, with as many times the weight: it
            learns at once, and takes 40 % of a step.
        diversity_weight: With `generator.latent_dim`: weight of the difference of two renderings of
            a photo by two draws of noise, which is to be large.
        diversity_steps: Steps over which that weight falls to nothing.
        color_weight: Weight of the photo's colours, place by place (`color_loss`); 0: the styles'
            palettes are free.
        color_factors: What that weight is multiplied by for each style, as `0,1`; "": 1.
        skin_weight: Weight of the photo's hue, chroma and lightness where it shows skin
            (`skin_loss`); 0: none.
        skin_factors: What that weight is multiplied by for each style, as `1,0` for one in colour
            and one in black and white; "": 1.
        face_weight: Weight of the light and shade, and of the smoothness, of the faces that are
            found in the photo (`face_loss`); 0: none.
        face_factors: What that weight is multiplied by for each style; "": 1. Hatching is texture.
        stability_weight: Weight of the stability for video: |G(T(x)) - T(G(x))|, see
            `stability_loss`; 0: none.
        r1: Weight of the R1 penalty, at real pictures; 0: none.
        diff_augment: Any of `color,translation,cutout`, for small sets.
    """

    adversarial: str = "hinge"
    adversarial_weight: float = 1.0
    nce: str = "patch"
    nce_weight: float = 0.25
    nce_factors: str = ""
    first_map: int = 1
    temperature: float = 0.07
    patches: int = 256
    projection: int = 256
    content_weight: float = 0.0
    mixture_share: float = 0.25
    strength_weight: float = 1.0
    strength_every: int = 1
    diversity_weight: float = 1.0
    diversity_steps: int = 10000
    color_weight: float = 0.0
    color_factors: str = ""
    skin_weight: float = 0.0
    skin_factors: str = ""
    face_weight: float = 0.0
    face_factors: str = ""
    stability_weight: float = 0.0
    r1: float = 0.0
    diff_augment: str = ""

    def __post_init__(self) -> None:
        names = ("adversarial_weight", "nce_weight", "strength_weight", "diversity_weight")
        for name in (
            *names,
            "content_weight",
            "color_weight",
            "skin_weight",
            "face_weight",
            "stability_weight",
            "r1",
            "first_map",
        ):
            at_least(name, getattr(self, name), 0)
        for name in ("patches", "projection", "diversity_steps", "strength_every"):
            at_least(name, getattr(self, name), 1)
        at_least("temperature", self.temperature, 1e-3)
        choose("nce", self.nce, NCE)
        at_least("mixture_share", self.mixture_share, 0)
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
        self.adversarial = adversarial_loss_of_styles(options.adversarial)
        self.policy = parse_policy(options.diff_augment)
        self.nce_factors = _factors("nce_factors", options.nce_factors, self.count)
        self.color_factors = _factors("color_factors", options.color_factors, self.count)
        self.skin_factors = _factors("skin_factors", options.skin_factors, self.count)
        self.face_factors = _factors("face_factors", options.face_factors, self.count)
        self.generator = setting.build_generator(of_renderings=True)
        self.discriminator = setting.build_discriminator()
        self.nce = build_nce(options, self.generator, setting.dtype, drives=True)
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

        # The dial's pictures go with the others: a third use of the generator's weights would add
        # up their gradients in an order that is not the same in every trace.
        strength = self._strength(positions, tf.random.fold_in(seed, 5))
        given = full = [content, weights, drives]
        if self.options.strength_weight:
            weaker = [content, strength * weights, strength * drives]
            both = [tf.concat(pair, 0) for pair in zip(full, weaker, strict=True)]
            given = both
            if self.options.strength_every > 1:
                trained = seed[1] % self.options.strength_every == 0
                given = tf.cond(trained, lambda: both, lambda: full)
                # The parts of a batch are told apart by their place, so sizes may differ.
                given = [tf.ensure_shape(x, [None, *x.shape[1:]]) for x in given]
        outputs, *features = self.nce.with_features(given, training=True)
        count = tf.shape(content)[0]
        fake, features = outputs[:count], [feature[:count] for feature in features]
        if isinstance(self.nce, EnCo):
            features, output_features = features[: self.nce.stages], features[self.nce.stages :]
        else:
            output_features = self.nce.encoder([fake, weights, drives], training=True)
        held = tf.linalg.matvec(weights, self.nce_factors)
        nce = self.nce.loss(features, output_features, seed, held)
        nce *= self.options.nce_weight

        def judge(images: Any, heads: Any, draw: int) -> Any:
            draws = tf.random.fold_in(seed, draw)
            seen = diff_augment(images, self.policy, draws, positions, self.setting.batch)
            return by_heads(self.discriminator(seen, training=True), heads)

        # One pass over the fake pictures serves both players, as in `contrastive`.
        real_logits, fake_logits = judge(style, own, 2), judge(fake, weights, 3)
        discriminator = {"adversarial": self.adversarial.discriminator(real_logits, fake_logits)}
        if self.options.r1:
            discriminator["r1"] = self.options.r1 * r1_penalty(lambda x: judge(x, own, 2), style)
        generator = {
            "adversarial": self.options.adversarial_weight
            * self.adversarial.generator(real_logits, fake_logits),
            "nce": nce,
        }
        if self.options.strength_weight:
            partial = outputs[count:]
            rows = tf.shape(partial)[0]  # 0 in a step that leaves the dial alone
            dial = dial_loss(content[:rows], fake[:rows], partial, strength[:rows])
            weight = self.options.strength_weight * self.options.strength_every
            generator["strength"] = weight * dial
        if self.renderings:
            second = [content, weights, plain + other]
            unlike, *_ = self.nce.with_features(second, training=True)
            generator["diversity"] = self.renderings.loss(fake, unlike)
        if self.content_term:
            content_term = tf.reduce_mean(held * self.content_term.loss(fake, content))
            generator["content"] = self.options.content_weight * content_term
        if self.options.color_weight:
            factors = tf.linalg.matvec(weights, self.color_factors)
            color = tf.reduce_mean(factors * color_loss(fake, content))
            generator["color"] = self.options.color_weight * color
        if self.options.skin_weight:
            factors = tf.linalg.matvec(weights, self.skin_factors)
            skin = tf.reduce_mean(factors * skin_loss(fake, content))
            generator["skin"] = self.options.skin_weight * skin
        if self.options.face_weight:
            factors = tf.linalg.matvec(weights, self.face_factors)
            face = tf.reduce_mean(factors * face_loss(fake, content, face_cells(content)))
            generator["face"] = self.options.face_weight * face
        if self.options.stability_weight:
            generator["stability"] = self.options.stability_weight * stability_loss(
                lambda images: self.nce.with_features([images, weights, drives], training=True)[0],
                content,
                fake,
                seed,
                positions,
                self.setting.batch,
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

    def _strength(self, positions: Any, seed: Any) -> Any:
        """One strength a picture, `[n, 1]` in [0, 1)."""
        return tf.gather(tf.random.stateless_uniform([self.setting.batch, 1], seed), positions)


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


def dial_loss(content: Any, full: Any, partial: Any, strength: Any) -> Any:
    """How far `partial` is from `strength` of the way from photo to full style, mean of |.|.

    Args:
        content: Photos `[n, height, width, 3]`.
        full: The same, fully stylized; not pulled towards what weaker ones can do.
        partial: What the generator makes of them at `strength`, `[n, 1]`.
    """
    way = strength[:, :, tf.newaxis, tf.newaxis]
    wanted = content + way * (tf.stop_gradient(full) - content)
    distance = tf.reduce_sum(tf.abs(partial - wanted))
    # No pictures, no distance.
    return tf.math.divide_no_nan(distance, tf.cast(tf.size(partial), tf.float32))
