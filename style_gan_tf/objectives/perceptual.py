"""One generator for one look: content and style losses (Johnson et al. 2016)."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.extractors import VGG19, normalised_vgg19
from style_gan_tf.objectives.adversarial import adversarial_loss, gradient_penalty, r1_penalty
from style_gan_tf.objectives.diff_augment import diff_augment, parse_policy
from style_gan_tf.objectives.feature_losses import (
    FeatureLosses,
    content_loss,
    style_loss,
    total_variation,
)
from style_gan_tf.objectives.objective import Objective, Setting
from style_gan_tf.objectives.stability import stability_loss
from style_gan_tf.options import at_least


@dataclasses.dataclass(frozen=True)
class PerceptualOptions:
    """Options of the perceptual objective.

    Attributes:
        content_weight: Weight of the content loss.
        style_weight: Weight of the style loss.
        tv_weight: Weight of the total variation: against speckles.
        content_layer: VGG19's map that is the content; "": relu3_1.
        style_layers: Its maps whose Gram matrices are the style, separated by commas; "": all
            that the weights file has of relu1_1, relu2_1, ..., relu5_1.
        style_scales: Sizes of the pictures whose Gram matrices are compared, each half the last.
        style_size: Short side that the whole style pictures are resized to before their Gram
            matrices are taken: the larger, the broader the strokes. 0: the crop.
        feature_weights: VGG19's weights: a file, see `normalised_vgg19`; `imagenet`: the one
            that --download=vgg19 fetched; "": the package's own, to relu3_1.
        stability_weight: Weight of the stability for video: |G(T(x)) - T(G(x))|, see
            `stability_loss`; 0: none.
        adversarial_weight: Weight of an adversarial loss beside them; 0: no discriminator.
        adversarial: A name in ADVERSARIAL_LOSSES.
        r1: Weight of the R1 penalty, at real pictures; 0: none.
        diff_augment: Any of `color,translation,cutout`, for small sets.
    """

    content_weight: float = 1.0
    style_weight: float = 10.0
    tv_weight: float = 0.0
    content_layer: str = ""
    style_layers: str = ""
    style_scales: int = 3
    style_size: int = 0
    feature_weights: str = ""
    stability_weight: float = 0.0
    adversarial_weight: float = 0.0
    adversarial: str = "bce"
    r1: float = 0.0
    diff_augment: str = ""

    def __post_init__(self) -> None:
        weights = ("content_weight", "style_weight", "tv_weight", "stability_weight")
        for name in (*weights, "adversarial_weight", "r1"):
            at_least(name, getattr(self, name), 0)
        at_least("style_scales", self.style_scales, 1)
        at_least("style_size", self.style_size, 0)


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
        self.adversarial = adversarial_loss(options.adversarial)
        self.policy = parse_policy(options.diff_augment)
        self.features = load_feature_losses(options, setting.dtype)
        self.studied_size = options.style_size or setting.crop
        for name, size in (("--crop", setting.crop), ("--set style_size", self.studied_size)):
            if size < self.features.minimum:
                raise UsageError(
                    f"{name}={size}: {self.features.extractor.name} at style_scales="
                    f"{options.style_scales} takes pictures from {self.features.minimum} pixels on"
                )
        self.networks = {"generator": setting.build_generator()}
        if options.adversarial_weight:
            self.networks["discriminator"] = setting.build_discriminator()
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
        if not options.adversarial_weight:
            return {"generator": generator}
        generator["adversarial"], discriminator = self._play(
            batch["style"], stylized, batch["positions"], seed
        )
        return {"generator": generator, "discriminator": discriminator}

    def _play(self, real: Any, fake: Any, positions: Any, seed: Any) -> tuple[Any, dict[str, Any]]:
        """The min-max game: the generator's loss and the discriminator's losses."""
        discriminator, batch = self.networks["discriminator"], self.setting.batch

        def judge(images: Any, draw: int = 1) -> Any:
            draws = tf.random.fold_in(seed, draw)
            seen = diff_augment(images, self.policy, draws, positions, batch)
            return discriminator(seen, training=True)

        real_logits, fake_logits = judge(real), judge(fake, draw=5)
        losses = {"adversarial": self.adversarial.discriminator(real_logits, fake_logits)}
        if self.options.r1:
            losses["r1"] = self.options.r1 * r1_penalty(judge, real)
        if weight := self.adversarial.gradient_penalty:
            mix = tf.random.stateless_uniform([batch], tf.random.fold_in(seed, 2))
            mix = tf.gather(mix, positions)
            losses["penalty"] = weight * gradient_penalty(judge, real, fake, mix)
        weight = self.options.adversarial_weight
        return weight * self.adversarial.generator(real_logits, fake_logits), losses


class FeatureOptions(Protocol):
    """What `load_feature_losses` reads; see `PerceptualOptions`."""

    @property
    def content_layer(self) -> str: ...
    @property
    def style_layers(self) -> str: ...
    @property
    def style_scales(self) -> int: ...
    @property
    def feature_weights(self) -> str: ...


def load_feature_losses(options: FeatureOptions, dtype: str) -> FeatureLosses:
    """The losses that the options name, over VGG19 in a dtype policy.

    Raises:
        UsageError: For a layer that is not there.
        UserError: Without the weights; says where to get them.
    """
    weights = Path(options.feature_weights) if options.feature_weights else None
    extractor = normalised_vgg19(weights, dtype, flag="--set feature_weights")
    layers = [name for name in options.style_layers.split(",") if name]
    return FeatureLosses(extractor, options.content_layer, layers, options.style_scales)
