"""InceptionV3 (Szegedy et al. 2016) trained on ImageNet: the features of published FID and KID."""

from pathlib import Path

from style_gan_tf.networks.extractors.applications import load_application
from style_gan_tf.networks.extractors.extractor import Extractor

_SIZE = 299


def inception_v3(weights: Path | None = None) -> Extractor:
    """Its last map, of 2048 channels, from pictures of 299x299 pixels.

    These are the weights of keras.applications, not those of 2015 that published figures rest on:
    compare figures of this extractor among themselves alone.

    Args:
        weights: The Keras HDF5 file without top; None: the one that `download` fetched.

    Raises:
        UserError: When the weights are missing or cannot be read.
    """
    network = load_application("inception_v3", weights)
    network.trainable = False
    # It takes pictures in [-1, 1], as ours are.
    return Extractor(
        "inception_v3", network, ("mixed10",), minimum=1, size=_SIZE, standardize=False
    )
