"""Any style from one picture: a style encoder, trained with the generator that it drives."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import Network
from style_gan_tf.networks.coded_styles import REFERENCE_SIDE, with_drives
from style_gan_tf.networks.extractors import VGG19
from style_gan_tf.objectives.adversarial import (
    adversarial_loss_of_styles,
    by_heads,
    r1_penalty,
)
from style_gan_tf.objectives.diff_augment import diff_augment, parse_policy
from style_gan_tf.objectives.energy_score import energy_score
from style_gan_tf.objectives.feature_losses import (
    content_loss,
    gram_matrices,
    statistics_loss,
    style_loss,
    total_variation,
)
from style_gan_tf.objectives.multistyle import dial_loss
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.perceptual import load_feature_losses
from style_gan_tf.objectives.settled_styles import settle_styles
from style_gan_tf.options import at_least

_DRAWS = 16  # codes drawn out of noise for each that is seen; they cost next to nothing


@dataclasses.dataclass(frozen=True)
class ReferenceOptions:
    """Options of the reference objective.

    Attributes:
        content_weight: Weight of the content loss.
        style_weight: Weight of the distance of Gram matrices.
        statistics_weight: Weight of the distance of the maps' means and deviations.
        tv_weight: Weight of the total variation: against speckles.
        adversarial: A name in ADVERSARIAL_LOSSES.
        adversarial_weight: Weight of the adversarial loss over the collections; 0: no
            discriminator.
        reconstruction_weight: Weight of the style reconstruction: the encoder shall find the
            reference's code in what was painted by it.
        renderings_weight: With `generator.latent_dim`: weight of the energy score by which noise
            learns to draw the codes of a collection's pictures.
        strength_weight: Weight of the dial's loss, see `MultistyleOptions`.
        content_layer: See `PerceptualOptions`, as the next three.
        style_layers: Its maps whose statistics are the style.
        style_scales: Sizes of the pictures whose statistics are compared.
        feature_weights: VGG19's weights.
        r1: Weight of the R1 penalty, at real pictures; 0: none.
        diff_augment: Any of `color,translation,cutout`, for small sets.
    """

    content_weight: float = 1.0
    style_weight: float = 10.0
    statistics_weight: float = 10.0
    tv_weight: float = 0.0
    adversarial: str = "hinge"
    adversarial_weight: float = 0.25
    reconstruction_weight: float = 0.5
    renderings_weight: float = 1.0
    strength_weight: float = 1.0
    content_layer: str = ""
    style_layers: str = ""
    style_scales: int = 2
    feature_weights: str = ""
    r1: float = 0.0
    diff_augment: str = ""

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            if name.endswith("_weight") or name == "r1":
                at_least(name, value, 0)
        at_least("style_scales", self.style_scales, 1)


class Reference(Objective):
    """Each content image is painted in the style of the style image beside it in the batch.

    The encoder reads the style image's code (Ghiasi et al. 2017), the code sets the generator's
    normalizations, and the losses hold the result against that one picture: its Gram matrices
    (Gatys et al. 2016) and the statistics of its maps (Huang and Belongie 2017). The discriminator
    judges by collection, and the code shall be found again in the result (Choi et al. 2020,
    "StarGAN v2", equation 2).

    Each named style is the mean of its collection's codes: the mean is what the square of the
    distance to them is smallest at. Where there is a mapping network, noise draws a named style's
    renderings: codes as its pictures have them. Both are made exact when the generator is saved.
    """

    Options = ReferenceOptions
    sees_through = VGG19

    def __init__(self, options: ReferenceOptions, setting: Setting) -> None:
        self.options = options
        self.setting = setting
        self.count = len(setting.styles)
        self.adversarial = adversarial_loss_of_styles(options.adversarial)
        self.policy = parse_policy(options.diff_augment)
        self.features = load_feature_losses(options, setting.dtype)
        if setting.crop < self.features.minimum:
            raise UsageError(
                f"--crop={setting.crop}: {self.features.extractor.name} at style_scales="
                f"{options.style_scales} takes pictures from {self.features.minimum} pixels on"
            )
        self.generator = setting.build_generator(of_references=True, of_renderings=True)
        self.networks = {"generator": self.generator}
        if options.adversarial_weight:
            self.networks["discriminator"] = setting.build_discriminator()
        self.paint = with_drives(self.generator)
        self.state = {}
        self.settled_size = setting.short_side or REFERENCE_SIDE

    def settle(self, generator: Network, collections: Sequence[np.ndarray]) -> None:
        settle_styles(generator, collections)

    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        options, content, style = self.options, batch["content"], batch["style"]
        own = tf.one_hot(batch["style_index"], self.count)
        codes = self.generator.style_encoder(style, training=True)
        fake, partial, strength = self._paint(content, own, codes, batch["positions"], seed)

        content_map, maps = self.features.content_and_maps(fake)
        wanted = [tf.stop_gradient(x) for x in self.features.maps(style)]
        named = self.generator.get_layer("style_code")(own)
        generator = {
            "content": options.content_weight
            * content_loss(content_map, self.features.content(content)),
            "style": options.style_weight * style_loss(gram_matrices(maps), gram_matrices(wanted)),
            "statistics": options.statistics_weight * statistics_loss(maps, wanted),
            "reconstruction": options.reconstruction_weight
            * code_distance(self.generator.style_encoder(fake, training=True), codes),
            "named": tf.reduce_mean(tf.square(named - tf.stop_gradient(codes))),
        }
        if self.generator.mapping is not None:
            generator["renderings"] = options.renderings_weight * energy_score(
                self._drawn(own, batch["positions"], seed), tf.stop_gradient(codes - named)
            )
        if options.tv_weight:
            generator["tv"] = options.tv_weight * total_variation(fake)
        if partial is not None:
            dial = dial_loss(content, fake, partial, strength)
            generator["strength"] = options.strength_weight * dial
        if not options.adversarial_weight:
            return {"generator": generator}
        generator["adversarial"], discriminator = self._play(style, fake, own, batch, seed)
        return {"generator": generator, "discriminator": discriminator}

    def _drawn(self, own: Any, positions: Any, seed: Any) -> Any:
        """What noise adds to the named styles' codes: `[n, draws, numbers]`."""
        latent = self.generator.mapping.inputs[0].shape[1]
        shape = [self.setting.batch, _DRAWS, latent]
        noise = tf.random.stateless_normal(shape, tf.random.fold_in(seed, 30))
        noise = tf.reshape(tf.gather(noise, positions), [-1, latent])
        added = self.generator.mapping([noise, tf.repeat(own, _DRAWS, axis=0)], training=True)
        return tf.reshape(added, [-1, _DRAWS, added.shape[-1]])

    def _paint(
        self, content: Any, own: Any, codes: Any, positions: Any, seed: Any
    ) -> tuple[Any, Any, Any]:
        """In full, at a random strength each, and the strengths; None where no dial is learned."""
        if not self.options.strength_weight:
            return self.paint([content, own, codes], training=True), None, None
        draws = tf.random.stateless_uniform([self.setting.batch, 1], tf.random.fold_in(seed, 5))
        strength = tf.gather(draws, positions)
        # One pass for both, see `multistyle`.
        both = self.paint(
            [
                tf.concat([content, content], 0),
                tf.concat([own, strength * own], 0),
                tf.concat([codes, strength * codes], 0),
            ],
            training=True,
        )
        count = tf.shape(content)[0]
        return both[:count], both[count:], strength

    def _play(
        self, real: Any, fake: Any, own: Any, batch: dict[str, Any], seed: Any
    ) -> tuple[Any, dict[str, Any]]:
        """The min-max game over the collections: the generator's loss, the discriminator's."""

        def judge(images: Any, draw: int) -> Any:
            draws = tf.random.fold_in(seed, draw)
            seen = diff_augment(images, self.policy, draws, batch["positions"], self.setting.batch)
            return by_heads(self.networks["discriminator"](seen, training=True), own)

        real_logits, fake_logits = judge(real, 2), judge(fake, 3)
        losses = {"adversarial": self.adversarial.discriminator(real_logits, fake_logits)}
        if self.options.r1:
            losses["r1"] = self.options.r1 * r1_penalty(lambda x: judge(x, 2), real)
        weight = self.options.adversarial_weight
        return weight * self.adversarial.generator(real_logits, fake_logits), losses


def code_distance(found: Any, wanted: Any) -> Any:
    """`|found - wanted| / |wanted|`, sums of absolute values, the mean over the pictures.

    Relative, for a code means the same at any scale, and scaling all of them down shall gain
    nothing.

    Args:
        found: Codes `[batch, numbers]`.
        wanted: The same; no gradient flows into them.
    """
    wanted = tf.stop_gradient(wanted)
    distance = tf.reduce_sum(tf.abs(found - wanted), axis=-1)
    return tf.reduce_mean(distance / (tf.reduce_sum(tf.abs(wanted), axis=-1) + 1e-6))
