"""Networks trained on other work whose feature maps measure pictures; by name."""

from collections.abc import Callable
from pathlib import Path

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.extractors.extractor import Extractor, weights_folder
from style_gan_tf.networks.extractors.gram_matrix import gram_matrix
from style_gan_tf.networks.extractors.inception_v3 import inception_v3
from style_gan_tf.networks.extractors.squeezenet import squeezenet
from style_gan_tf.networks.extractors.torchvision import (
    torchvision_squeezenet,
    torchvision_vgg16,
)
from style_gan_tf.networks.extractors.vgg19 import VGG19, normalised_vgg19, vgg19

EXTRACTORS: dict[str, Callable[[Path | None], Extractor]] = {
    "squeezenet": squeezenet,
    VGG19: vgg19,
    "inception_v3": inception_v3,
}


def load_extractor(name: str, weights: str | Path | None = None) -> Extractor:
    """Build an extractor and load its weights.

    Args:
        name: A name in EXTRACTORS.
        weights: The weights file; None or "": the one in `weights_folder()`, or, for the networks
            of keras.applications, the one that Keras downloads.

    Raises:
        UsageError: For an unknown name.
        UserError: When there are no weights or they do not fit; says what to put where.
    """
    if name not in EXTRACTORS:
        raise UsageError(f"--extractor={name}: choose one of {', '.join(EXTRACTORS)}")
    return EXTRACTORS[name](Path(weights) if weights else None)


__all__ = [
    "EXTRACTORS",
    "VGG19",
    "Extractor",
    "gram_matrix",
    "load_extractor",
    "normalised_vgg19",
    "torchvision_squeezenet",
    "torchvision_vgg16",
    "weights_folder",
]
