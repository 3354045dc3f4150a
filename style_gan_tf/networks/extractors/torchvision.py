"""The networks under LPIPS, with torchvision's weights: SqueezeNet 1.1 and VGG16."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from style_gan_tf.errors import UserError
from style_gan_tf.networks.extractors.extractor import Extractor, set_weights
from style_gan_tf.networks.extractors.squeezenet import build_squeezenet

# LPIPS's scaling of [-1, 1] RGB (Zhang et al. 2018, their code's ScalingLayer).
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
# torchvision's numbers of fire2 to fire9 in `features`.
_FIRES = {2: 3, 3: 4, 4: 6, 5: 7, 6: 9, 7: 10, 8: 11, 9: 12}
_VGG16_BLOCKS = (
    (64, (0, 2)),
    (128, (5, 7)),
    (256, (10, 12, 14)),
    (512, (17, 19, 21)),
    (512, (24, 26, 28)),
)


def torchvision_squeezenet(weights: Path) -> Extractor:
    """Seven maps: relu1, fire3, fire5, fire6 to fire9.

    Args:
        weights: An `.npz` file of torchvision's state dict: `features.0.weight`, ...

    Raises:
        UserError: When it is missing or another network's.
    """
    network = build_squeezenet(_scale, keep_edges=True)
    numbers = {"conv1": "0"}
    for fire, number in _FIRES.items():
        for part in ("squeeze1x1", "expand1x1", "expand3x3"):
            name = part.replace("squeeze1x1", "squeeze")
            numbers[f"fire{fire}-{part}"] = f"{number}.{name}"
    _load(network, numbers, weights)
    layers = ("relu1", "fire3", "fire5", "fire6", "fire7", "fire8", "fire9")
    return Extractor("torchvision-squeezenet", network, layers, minimum=32)


def torchvision_vgg16(weights: Path) -> Extractor:
    """Five maps: relu1_2, relu2_2, relu3_3, relu4_3, relu5_3.

    Args:
        weights: An `.npz` file of torchvision's state dict: `features.0.weight`, ...

    Raises:
        UserError: When it is missing or another network's.
    """
    network = build_vgg16()
    _load(network, {f"conv{n}": str(n) for _, ns in _VGG16_BLOCKS for n in ns}, weights)
    layers = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")
    return Extractor("torchvision-vgg16", network, layers, minimum=16)


def build_vgg16() -> keras.Model:
    """VGG16's convolutions with random weights."""
    inputs = keras.Input((None, None, 3), name="image")
    x = keras.layers.Lambda(_scale, name="pixels")(inputs)
    maps: list[Any] = []
    for filters, numbers in _VGG16_BLOCKS:
        if maps:
            x = keras.layers.MaxPooling2D(2)(x)
        for number in numbers:
            x = keras.layers.Conv2D(
                filters, 3, padding="same", activation="relu", name=f"conv{number}"
            )(x)
        maps.append(x)
    network = keras.Model(inputs, maps, name="vgg16")
    network.trainable = False
    return network


def _scale(images: Any) -> Any:
    return (images - keras.ops.array(_SHIFT)) / keras.ops.array(_SCALE)


def _load(network: keras.Model, numbers: dict[str, str], path: Path) -> None:
    """Set every convolution from its number in `features`; PyTorch's kernels are OIHW."""
    try:
        with np.load(path, allow_pickle=False) as file:
            for name, number in numbers.items():
                kernel = file[f"features.{number}.weight"].transpose(2, 3, 1, 0)
                bias = file[f"features.{number}.bias"]
                set_weights(network.get_layer(name), [kernel, bias], path)
    except (OSError, KeyError, ValueError):
        raise UserError(
            f"{path}: not torchvision's weights of {network.name} as .npz; write them with "
            "numpy.savez(path, **{name: value.numpy() for name, value in net.state_dict().items()})"
        ) from None
