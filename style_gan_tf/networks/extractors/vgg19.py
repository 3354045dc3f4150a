"""VGG19 (Simonyan and Zisserman 2015) trained on ImageNet."""

from pathlib import Path

import keras
import numpy as np

from style_gan_tf.errors import UserError
from style_gan_tf.networks.convolution import ReflectionPadding
from style_gan_tf.networks.extractors.applications import load_application
from style_gan_tf.networks.extractors.extractor import (
    Extractor,
    caffe_pixels,
    find_weights,
    set_weights,
    weights_folder,
)

_FILE = "vgg19_normalised_relu3_1.npz"
_DOWNLOAD = (
    f"download {_FILE} (VGG19 to relu3_1 with normalised activations, as AdaIN uses it), or "
    "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5 of keras.applications"
)
_CONVOLUTIONS = {
    "conv1_1": 64,
    "conv1_2": 64,
    "conv2_1": 128,
    "conv2_2": 128,
    "conv3_1": 256,
}
_STYLE_LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")


def vgg19(weights: Path | None = None) -> Extractor:
    """The first map of each block: relu1_1, relu2_1, relu3_1, and on to relu5_1 where given.

    Args:
        weights: An `.npz` file with conv1_1 to conv3_1 of the network with normalised activations
            (`conv1_1/kernel` in HWIO, `conv1_1/bias`, ...), or an `.h5` file of
            keras.applications' VGG19 without top; None: the first of them that lies in
            `weights_folder()`, else what Keras downloads.

    Raises:
        UserError: When the file is missing, or is none of those.
    """
    if weights is None and not (weights_folder() / _FILE).is_file():
        return _of_keras(None)
    path = find_weights(weights, _FILE, _DOWNLOAD)
    return _of_keras(path) if path.suffix == ".h5" else normalised_vgg19(path)


def normalised_vgg19(weights: Path | None = None, dtype: str = "float32") -> Extractor:
    """relu1_1, relu2_1 and relu3_1 of the network with normalised activations.

    Args:
        weights: Its `.npz` file; None: the one in `weights_folder()`.
        dtype: Dtype policy of the convolutions.

    Raises:
        UserError: When the file is missing, or is none of those.
    """
    path = find_weights(weights, _FILE, _DOWNLOAD)
    network = build_normalised_vgg19(dtype)
    try:
        with np.load(path, allow_pickle=False) as file:
            for name in ("preprocess", *_CONVOLUTIONS):
                values = [file[f"{name}/kernel"], file[f"{name}/bias"]]
                set_weights(network.get_layer(name), values, path)
    except (OSError, KeyError, ValueError):
        raise UserError(f"{path}: not the weights of VGG19; {_DOWNLOAD}") from None
    return Extractor("vgg19-normalised", network, ("relu1_1", "relu2_1", "relu3_1"), minimum=8)


def build_normalised_vgg19(dtype: str = "float32") -> keras.Model:
    """VGG19 to relu3_1, padded by reflection, with random weights."""
    inputs = keras.Input((None, None, 3), name="image")
    x = keras.layers.Rescaling(0.5, 0.5)(inputs)
    x = keras.layers.Conv2D(3, 1, name="preprocess")(x)
    maps = []
    for name, filters in _CONVOLUTIONS.items():
        x = ReflectionPadding(1, dtype=dtype)(x)
        x = keras.layers.Conv2D(filters, 3, activation="relu", name=name, dtype=dtype)(x)
        if name.endswith("_1"):
            maps.append(x)
        if name.endswith("_2"):
            x = keras.layers.MaxPooling2D(2, padding="same", dtype=dtype)(x)
    network = keras.Model(inputs, maps, name="vgg19")
    network.trainable = False
    return network


def _of_keras(path: Path | None) -> Extractor:
    inputs = keras.Input((None, None, 3), name="image")
    x = keras.layers.Lambda(caffe_pixels, name="pixels")(inputs)
    vgg = load_application(keras.applications.VGG19, path, _DOWNLOAD)
    maps = keras.Model(vgg.input, [vgg.get_layer(name).output for name in _STYLE_LAYERS])(x)
    network = keras.Model(inputs, maps, name="vgg19")
    network.trainable = False
    layers = tuple(f"relu{number}_1" for number in range(1, 6))
    return Extractor("vgg19", network, layers, minimum=32)
