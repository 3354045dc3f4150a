"""One generator for one look: content and style losses (Johnson et al. 2016)."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.networks.extractors import VGG19
from style_gan_tf.objectives.adversarial_game import AdversarialGame, GameOptions
from style_gan_tf.objectives.feature_losses import content_loss, style_loss, total_variation
from style_gan_tf.objectives.feature_options import FeatureOptions, load_feature_losses
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.stability import stability_loss


@dataclasses.dataclass(frozen=True)
class PerceptualOptions(FeatureOptions, GameOptions):
    """Options of the perceptual objective, beside those of the features and the game.

    Attributes:
        style_size: Short side that the whole style pictures are resized to before their Gram
            matrices are taken: the larger, the broader the strokes. 0: the crop.
        stability_weight: Weight of the stability for video: |G(T(x)) - T(G(x))|, see
            `stability_loss`; 0: none.
        adversarial_weight: Weight of an adversarial loss beside them; 0: no discriminator.
    """

    style_size: int = 0
    stability_weight: float = 0.0
    adversarial_weight: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.adversarial_weight:
            self.refuse_without_game()


class Perceptual(Objective):
    """min over the generator of content, style and smoothness; adversarial only on request.

    The style is one target for all: the mean Gram matrices of up to sixteen whole style pictures,
    one alone as well. The style images of the batches serve the discriminator, if there is one.
    """

    Options = PerceptualOptions
    sees_through = VGG19

    def __init__(self, options: PerceptualOptions, setting: Setting) -> None:
        self.options = options
        self.setting = setting
        self.studied_size = style_size = options.style_size or setting.crop
        sizes = {"--crop": setting.crop, "--set style_size": style_size}
        self.features = load_feature_losses(options, setting.dtype, sizes)
        self.networks = {"generator": setting.build_generator()}
        self.game = None
        if options.adversarial_weight:
            self.game = AdversarialGame(
                options,
                setting.build_discriminator(),
                setting.batch,
                weight=options.adversarial_weight,
            )
            self.networks["discriminator"] = self.game.discriminator
        self.targets = [
            tf.Variable(
                tf.zeros([count, count]),
                trainable=False,
                name=f"style_{index}",
                aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
            )
            for index, count in enumerate(self.features.channels)
        ]
        self.state = {f"style_{index}": target for index, target in enumerate(self.targets)}

    def study(self, styles: Sequence[Sequence[np.ndarray]]) -> None:
        (pictures,) = styles
        for target, gram in zip(self.targets, self.features.style(pictures), strict=True):
            target.assign(gram)

    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        options, photos = self.options, batch["content"]
        stylized = self.networks["generator"](photos, training=True)
        content, grams = self.features.content_and_style(stylized)
        wanted = [tf.convert_to_tensor(target) for target in self.targets]
        generator = {
            "content": options.content_weight
            * content_loss(content, self.features.content(photos)),
            "style": options.style_weight * style_loss(grams, wanted),
        }
        if options.tv_weight:
            generator["tv"] = options.tv_weight * total_variation(stylized)
        if options.stability_weight:
            generator["stability"] = options.stability_weight * stability_loss(
                lambda images: self.networks["generator"](images, training=True),
                photos,
                stylized,
                seed,
                batch["positions"],
                self.setting.batch,
            )
        if self.game is None:
            return {"generator": generator}
        generator["adversarial"], discriminator = self.game.play(
            batch["style"], stylized, seed, batch["positions"]
        )
        return {"generator": generator, "discriminator": discriminator}
