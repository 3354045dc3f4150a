"""Options of content and style as VGG19 sees them, and the losses that they name."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.extractors import normalised_vgg19
from style_gan_tf.objectives.feature_losses import FeatureLosses
from style_gan_tf.objectives.options import ObjectiveOptions, number


@dataclasses.dataclass(frozen=True)
class FeatureOptions(ObjectiveOptions):
    """Options of an objective whose losses are taken over VGG19's maps.

    Attributes:
        content_weight: Weight of the content loss.
        style_weight: Weight of the style loss, the distance of Gram matrices.
        tv_weight: Weight of the total variation: against speckles.
        content_layer: VGG19's map that is the content; "": relu3_1.
        style_layers: Its maps whose Gram matrices are the style, separated by commas; "": all
            that the weights file has of relu1_1, relu2_1, ..., relu5_1.
        style_scales: Sizes of the pictures whose Gram matrices are compared, each half the last.
        feature_weights: VGG19's weights: a file, see `normalised_vgg19`; `imagenet`: the one
            that --download=vgg19 fetched; "": the package's own, to relu3_1.
    """

    content_weight: float = 1.0
    style_weight: float = 10.0
    tv_weight: float = 0.0
    content_layer: str = ""
    style_layers: str = ""
    style_scales: int = number(3, least=1)
    feature_weights: str = ""


def load_feature_losses(
    options: FeatureOptions, dtype: str, sizes: Mapping[str, int]
) -> FeatureLosses:
    """The losses that the options name, over VGG19 in a dtype policy.

    Args:
        options: The objective's.
        dtype: Dtype policy of VGG19.
        sizes: Short sides of the pictures that it will see, in pixels, by the flag that sets each.

    Raises:
        UsageError: For a layer that is not there, or a size that is too small.
        UserError: Without the weights; says where to get them.
    """
    weights = Path(options.feature_weights) if options.feature_weights else None
    extractor = normalised_vgg19(weights, dtype, flag="--set feature_weights")
    layers = [name for name in options.style_layers.split(",") if name]
    losses = FeatureLosses(extractor, options.content_layer, layers, options.style_scales)
    for flag, size in sizes.items():
        if size < losses.minimum:
            raise UsageError(
                f"{flag}={size}: {extractor.name} at style_scales={options.style_scales} takes "
                f"pictures from {losses.minimum} pixels on"
            )
    return losses
