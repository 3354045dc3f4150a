"""Networks trained on other work whose feature maps measure pictures; by name."""

from collections.abc import Callable
from pathlib import Path

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.extractors.applications import (
    APPLICATIONS,
    download,
    weights_folder,
)
from style_gan_tf.networks.extractors.efficientnet_lite0 import (
    EFFICIENTNET_LITE0,
    efficientnet_lite0,
)
from style_gan_tf.networks.extractors.extractor import PACKAGED, Extractor
from style_gan_tf.networks.extractors.gram_matrix import gram_matrix
from style_gan_tf.networks.extractors.inception_v3 import inception_v3
from style_gan_tf.networks.extractors.squeezenet import SQUEEZENET, squeezenet
from style_gan_tf.networks.extractors.torchvision import (
    torchvision_squeezenet,
    torchvision_vgg16,
)
from style_gan_tf.networks.extractors.vgg19 import VGG19, normalised_vgg19, vgg19

EXTRACTORS: dict[str, Callable[[Path | None], Extractor]] = {
    SQUEEZENET: squeezenet,
    EFFICIENTNET_LITE0: efficientnet_lite0,
    VGG19: vgg19,
    "inception_v3": inception_v3,
}
# Whose features losses may follow. SqueezeNet judges: what it says of a model stays fair only as
# long as no model learns from it.
TRAINERS = (EFFICIENTNET_LITE0, VGG19)


def load_extractor(name: str, weights: str | Path | None = None) -> Extractor:
    """Build an extractor and load its weights.

    Args:
        name: A name in EXTRACTORS.
        weights: The weights file; None or "": the one in the package, or, for `inception_v3`, the
            one that `download` fetched; for `vgg19`, `imagenet`: likewise.

    Raises:
        UsageError: For an unknown name.
        UserError: When there are no weights or they do not fit; says where to get them.
    """
    if name not in EXTRACTORS:
        raise UsageError(f"--extractor={name}: choose one of {', '.join(EXTRACTORS)}")
    return EXTRACTORS[name](Path(weights) if weights else None)


__all__ = [
    "APPLICATIONS",
    "EFFICIENTNET_LITE0",
    "EXTRACTORS",
    "PACKAGED",
    "SQUEEZENET",
    "TRAINERS",
    "VGG19",
    "Extractor",
    "download",
    "efficientnet_lite0",
    "gram_matrix",
    "load_extractor",
    "normalised_vgg19",
    "torchvision_squeezenet",
    "torchvision_vgg16",
    "weights_folder",
]
