"""VGG19 (Simonyan and Zisserman 2015) trained on ImageNet."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from style_gan_tf.errors import UserError
from style_gan_tf.networks.convolution import ReflectionPadding
from style_gan_tf.networks.extractors.applications import load_application
from style_gan_tf.networks.extractors.extractor import (
    UNREADABLE,
    Extractor,
    caffe_pixels,
    find_weights,
    set_weights,
)
from style_gan_tf.networks.extractors.normalised_activations import (
    noise_pictures,
    normalise_activations,
)

VGG19 = "vgg19"  # what --extractor calls it
IMAGENET = "imagenet"  # In place of a weights file: keras.applications' own.
_FILE = "vgg19.npz"
# Channels of each convolution, by block; the last that is of use is conv5_1.
_BLOCKS = ((64,) * 2, (128,) * 2, (256,) * 4, (512,) * 4, (512,))
_FEWEST_BLOCKS = 3
_STYLE_LAYERS = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")


def vgg19(weights: Path | None = None) -> Extractor:
    """The first map of each block: relu1_1, relu2_1, relu3_1, and on to relu5_1 where given.

    Args:
        weights: An `.npz` file with conv1_1 to conv3_1 of the network with normalised activations
            (`conv1_1/kernel` in HWIO, `conv1_1/bias`, ...); an `.h5` file of keras.applications'
            VGG19 without top, or `imagenet` for the one that `download` fetched; None: the
            package's own, to relu3_1.

    Raises:
        UserError: When the file is missing, or is none of those.
    """
    if str(weights) == IMAGENET:
        return _of_keras(None)
    path = find_weights(weights, _FILE)
    return _of_keras(path) if path.suffix == ".h5" else normalised_vgg19(path)


def normalised_vgg19(
    weights: Path | None = None,
    dtype: str = "float32",
    blocks: int = len(_BLOCKS),
    flag: str = "--extractor_weights",
) -> Extractor:
    """The first map of each block of the network with normalised activations.

    Args:
        weights: Its `.npz` file, with conv1_1 to conv3_1 or more; an `.h5` file of
            keras.applications' VGG19 without top, or `Path("imagenet")` for the one that
            `download` fetched, whose activations are then normalised here; None: the package's
            own, to relu3_1.
        dtype: Dtype policy of the convolutions.
        blocks: The deepest block whose map is given, where the file reaches so far; 3 to 5.
        flag: How the user names the file, for messages.

    Raises:
        UserError: When the file is missing, or is none of those.
    """
    if str(weights) == IMAGENET:
        return _normalised_of_keras(None, dtype, blocks, flag)
    path = find_weights(weights, _FILE, flag)
    if path.suffix == ".h5":
        return _normalised_of_keras(path, dtype, blocks, flag)
    try:
        with np.load(path, allow_pickle=False) as file:
            found = [n for n in range(1, blocks + 1) if f"conv{n}_1/kernel" in file.files]
            names = _convolutions(max([*found, _FEWEST_BLOCKS]))
            network = build_normalised_vgg19(dtype, max([*found, _FEWEST_BLOCKS]))
            for name in ("preprocess", *names):
                values = [file[f"{name}/kernel"], file[f"{name}/bias"]]
                set_weights(network.get_layer(name), values, path)
    except UNREADABLE:
        raise UserError(f"{path}: not the weights of VGG19") from None
    return _extractor("vgg19-normalised", network)


def build_normalised_vgg19(
    dtype: str = "float32", blocks: int = _FEWEST_BLOCKS, zero_padding: bool = False
) -> keras.Model:
    """VGG19 to the first convolution of a block, with random weights.

    Args:
        dtype: Dtype policy.
        blocks: The number of that block.
        zero_padding: Pad by zeros and drop an odd row or column in pooling, as keras.applications
            does; otherwise pad by reflection and keep it, as AdaIN does.
    """
    inputs = keras.Input((None, None, 3), name="image")
    x = keras.layers.Rescaling(0.5, 0.5)(inputs)
    x = keras.layers.Conv2D(3, 1, name="preprocess")(x)
    maps: list[Any] = []
    for name, filters in _convolutions(blocks).items():
        if name.endswith("_1") and maps:
            x = keras.layers.MaxPooling2D(
                2, padding="valid" if zero_padding else "same", dtype=dtype
            )(x)
        x = x if zero_padding else ReflectionPadding(1, dtype=dtype)(x)
        padding = "same" if zero_padding else "valid"
        x = keras.layers.Conv2D(
            filters, 3, padding=padding, activation="relu", name=name, dtype=dtype
        )(x)
        if name.endswith("_1"):
            maps.append(x)
    network = keras.Model(inputs, maps, name="vgg19")
    network.trainable = False
    return network


def _convolutions(blocks: int) -> dict[str, int]:
    """Names and channels of the convolutions up to the first of a block."""
    return {
        f"conv{block}_{index}": channels
        for block, row in enumerate(_BLOCKS[:blocks], start=1)
        for index, channels in enumerate(row if block < blocks else row[:1], start=1)
    }


def _extractor(name: str, network: keras.Model) -> Extractor:
    layers = tuple(f"relu{number}_1" for number in range(1, len(network.outputs) + 1))
    # The deepest map must have two pixels a side, or there is nothing to reflect.
    return Extractor(name, network, layers, minimum=2 ** len(layers))


def _normalised_of_keras(path: Path | None, dtype: str, blocks: int, flag: str) -> Extractor:
    """keras.applications' VGG19, rescaled by what it makes of noise."""
    vgg = load_application(VGG19, path, flag)
    names = _convolutions(blocks)
    layers = [vgg.get_layer(name.replace("conv", "block").replace("_", "_conv")) for name in names]
    maps = keras.Model(vgg.input, [layer.output for layer in layers])
    pixels = keras.ops.convert_to_numpy(caffe_pixels(noise_pictures()))
    means = [activations.mean(axis=(0, 1, 2)) for activations in maps.predict_on_batch(pixels)]
    rescaled = normalise_activations([tuple(layer.get_weights()) for layer in layers], means)

    network = build_normalised_vgg19(dtype, blocks, zero_padding=True)
    # [0, 1] RGB to BGR in 0..255 less its mean.
    swap = 255 * np.eye(3, dtype=np.float32)[::-1].reshape(1, 1, 3, 3)
    black = caffe_pixels(np.full((1, 1, 1, 3), -1, np.float32))
    network.get_layer("preprocess").set_weights([swap, keras.ops.convert_to_numpy(black)[0, 0, 0]])
    for name, values in zip(names, rescaled, strict=True):
        network.get_layer(name).set_weights(values)
    return _extractor("vgg19-normalised-imagenet", network)


def _of_keras(path: Path | None) -> Extractor:
    inputs = keras.Input((None, None, 3), name="image")
    x = keras.layers.Lambda(caffe_pixels, name="pixels")(inputs)
    vgg = load_application(VGG19, path)
    maps = keras.Model(vgg.input, [vgg.get_layer(name).output for name in _STYLE_LAYERS])(x)
    network = keras.Model(inputs, maps, name="vgg19")
    network.trainable = False
    layers = tuple(f"relu{number}_1" for number in range(1, 6))
    return Extractor("vgg19", network, layers, minimum=32)
