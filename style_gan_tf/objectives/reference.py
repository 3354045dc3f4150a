"""Any style from one picture: a style encoder, trained with the generator that it drives."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.networks import Network
from style_gan_tf.networks.coded_styles import REFERENCE_SIDE, with_drives
from style_gan_tf.networks.extractors import VGG19
from style_gan_tf.objectives.adversarial_game import (
    STYLES_STREAMS,
    AdversarialGame,
    StylesGameOptions,
)
from style_gan_tf.objectives.dial import Dial
from style_gan_tf.objectives.energy_score import energy_score
from style_gan_tf.objectives.feature_losses import (
    content_loss,
    gram_matrices,
    statistics_loss,
    style_loss,
    total_variation,
)
from style_gan_tf.objectives.feature_options import FeatureOptions, load_feature_losses
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.options import number
from style_gan_tf.objectives.settled_styles import settle_styles

_DRAWS = 16  # codes drawn out of noise for each that is seen; they cost next to nothing


@dataclasses.dataclass(frozen=True)
class ReferenceOptions(FeatureOptions, StylesGameOptions):
    """Options of the reference objective, beside those of the features and the game.

    Attributes:
        style_scales: See `FeatureOptions`.
        statistics_weight: Weight of the distance of the maps' means and deviations.
        adversarial_weight: Weight of the adversarial loss over the collections; 0: no
            discriminator.
        reconstruction_weight: Weight of the style reconstruction: the encoder shall find the
            reference's code in what was painted by it.
        renderings_weight: With `generator.latent_dim`: weight of the energy score by which noise
            learns to draw the codes of a collection's pictures.
        strength_weight: Weight of the dial's loss, see `MultistyleOptions`.
    """

    style_scales: int = number(2, least=1)
    statistics_weight: float = 10.0
    adversarial_weight: float = 0.25
    reconstruction_weight: float = 0.5
    renderings_weight: float = 1.0
    strength_weight: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.adversarial_weight:
            self.refuse_without_game()


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
        self.features = load_feature_losses(options, setting.dtype, {"--crop": setting.crop})
        self.generator = setting.build_generator(of_references=True, of_renderings=True)
        self.networks = {"generator": self.generator}
        self.dial = Dial(options.strength_weight, setting.batch)
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
        self.paint = with_drives(self.generator)
        self.state = {}
        self.settled_size = setting.short_side or REFERENCE_SIDE

    def settle(self, generator: Network, collections: Sequence[np.ndarray]) -> None:
        settle_styles(generator, collections)

    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        options, content, style = self.options, batch["content"], batch["style"]
        own = tf.one_hot(batch["style_index"], self.count)
        codes = self.generator.style_encoder(style, training=True)
        given, strength = self.dial.inputs(content, (own, codes), seed, batch["positions"])
        outputs = self.paint(given, training=True)
        fake = outputs[: tf.shape(content)[0]]

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
        generator |= self.dial.losses(content, outputs, strength)
        if self.game is None:
            return {"generator": generator}
        generator["adversarial"], discriminator = self.game.play(
            style, fake, seed, batch["positions"], heads=own
        )
        return {"generator": generator, "discriminator": discriminator}

    def _drawn(self, own: Any, positions: Any, seed: Any) -> Any:
        """What noise adds to the named styles' codes: `[n, draws, numbers]`."""
        latent = self.generator.mapping.inputs[0].shape[1]
        shape = [self.setting.batch, _DRAWS, latent]
        noise = tf.random.stateless_normal(shape, tf.random.fold_in(seed, 30))
        noise = tf.reshape(tf.gather(noise, positions), [-1, latent])
        added = self.generator.mapping([noise, tf.repeat(own, _DRAWS, axis=0)], training=True)
        return tf.reshape(added, [-1, _DRAWS, added.shape[-1]])


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
