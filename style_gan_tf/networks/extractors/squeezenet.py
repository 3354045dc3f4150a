"""SqueezeNet 1.1 (Iandola et al. 2016) trained on ImageNet with Caffe."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UserError
from style_gan_tf.networks.extractors.extractor import (
    UNREADABLE,
    Extractor,
    caffe_pixels,
    find_weights,
    set_weights,
)

SQUEEZENET = "squeezenet"  # what --extractor calls it
_FILE = "squeezenet.npz"
# Squeezing and expanding channels of fire2 to fire9; a pooling comes before fire2, fire4, fire6.
_FIRES = ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))
_POOLED = (2, 4, 6)


def squeezenet(weights: Path | None = None) -> Extractor:
    """Seven maps, those that LPIPS takes of SqueezeNet: conv1, fire3, fire5, fire6 to fire9.

    Args:
        weights: An `.npz` file as the one in the package, or the HDF5 file of Keras's conversion
            without its top (squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5 of
            rcmalli/keras-squeezenet); None: the package's own.

    Raises:
        UserError: When the file is missing, or is none of those.
    """
    path = find_weights(weights, _FILE)
    network = build_squeezenet()
    layers = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    try:
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as file:
                for layer in layers:
                    parts = [file[f"{layer.name}/{part}"] for part in ("kernel", "bias")]
                    set_weights(layer, parts, path)
        else:
            with h5py.File(path) as file:
                for layer in layers:
                    group = file[layer.name.replace("-", "/")]
                    set_weights(layer, _kernel_and_bias(group), path)
    except UNREADABLE:
        raise UserError(f"{path}: not the weights of SqueezeNet") from None
    maps = ("relu1", "fire3", "fire5", "fire6", "fire7", "fire8", "fire9")
    return Extractor(SQUEEZENET, network, maps, minimum=32)


def build_squeezenet(
    pixels: Callable[[Any], Any] = caffe_pixels, keep_edges: bool = False
) -> keras.Model:
    """The network with random weights.

    Args:
        pixels: From [-1, 1] RGB to what the weights were trained on.
        keep_edges: Pool the last row and column too where the size is even, as torchvision does;
            Caffe's weights here came by a conversion that drops them.
    """
    inputs = keras.Input((None, None, 3), name="image")
    x = keras.layers.Lambda(pixels, name="pixels")(inputs)
    x = _convolve(x, 64, 3, "conv1", strides=2)
    maps = [x]
    for number, (squeeze, expand) in enumerate(_FIRES, start=2):
        if number in _POOLED:
            x = keras.layers.Lambda(_pad_to_odd)(x) if keep_edges else x
            x = keras.layers.MaxPooling2D(3, 2)(x)
        x = _convolve(x, squeeze, 1, f"fire{number}-squeeze1x1")
        wide = _convolve(x, expand, 3, f"fire{number}-expand3x3", padding="same")
        x = keras.layers.Concatenate()([_convolve(x, expand, 1, f"fire{number}-expand1x1"), wide])
        if number in (3, 5, 6, 7, 8, 9):
            maps.append(x)
    network = keras.Model(inputs, maps, name="squeezenet")
    network.trainable = False
    return network


def _convolve(x: Any, filters: int, size: int, name: str, **options: Any) -> Any:
    return keras.layers.Conv2D(filters, size, activation="relu", name=name, **options)(x)


def _pad_to_odd(x: Any) -> Any:
    """A row and a column of zeros where the size is even; zeros never win after a ReLU."""
    shape = tf.shape(x)
    return tf.pad(x, [[0, 0], [0, 1 - shape[1] % 2], [0, 1 - shape[2] % 2], [0, 0]])


def _kernel_and_bias(group: Any) -> list[np.ndarray]:
    """The datasets at any depth under a layer's group: the kernel has four axes."""
    found: list[np.ndarray] = []
    group.visititems(
        lambda _, item: found.append(np.asarray(item)) if isinstance(item, h5py.Dataset) else None
    )
    return sorted(found, key=lambda array: -array.ndim)
