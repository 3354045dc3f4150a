"""InceptionV3 (Szegedy et al. 2016) trained on ImageNet: the features of published FID and KID."""

from pathlib import Path

import keras

from style_gan_tf.networks.extractors.applications import load_application
from style_gan_tf.networks.extractors.extractor import Extractor, weights_folder

_FILE = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"
_DOWNLOAD = f"download {_FILE} of keras.applications"
_SIZE = 299


def inception_v3(weights: Path | None = None) -> Extractor:
    """Its last map, of 2048 channels, from pictures of 299x299 pixels.

    These are the weights of keras.applications, not those of 2015 that published figures rest on:
    compare figures of this extractor among themselves alone.

    Args:
        weights: The Keras HDF5 file without top; None: the one in `weights_folder()`, else what
            Keras downloads.

    Raises:
        UserError: When the weights can neither be read nor downloaded.
    """
    usual = weights_folder() / _FILE
    path = weights or (usual if usual.is_file() else None)
    network = load_application(keras.applications.InceptionV3, path, _DOWNLOAD)
    network.trainable = False
    # It takes pictures in [-1, 1], as ours are.
    return Extractor(
        "inception_v3", network, ("mixed10",), minimum=1, size=_SIZE, standardize=False
    )
