"""EfficientNet-Lite0 (Tan and Le 2019, without squeeze-and-excite) trained on ImageNet."""

from pathlib import Path
from typing import Any

import keras
import numpy as np

from style_gan_tf.errors import UserError
from style_gan_tf.networks.extractors.extractor import (
    UNREADABLE,
    Extractor,
    find_weights,
    set_weights,
)

EFFICIENTNET_LITE0 = "efficientnet_lite0"  # what options call it
_FILE = "efficientnet_lite0.npz"
# Of each block: how much wider it is inside, the depthwise kernel's side, stride, channels.
_BLOCKS = (
    (1, 3, 1, 16),
    (6, 3, 2, 24), (6, 3, 1, 24),
    (6, 5, 2, 40), (6, 5, 1, 40),
    (6, 3, 2, 80), (6, 3, 1, 80), (6, 3, 1, 80),
    (6, 5, 1, 112), (6, 5, 1, 112), (6, 5, 1, 112),
    (6, 5, 2, 192), (6, 5, 1, 192), (6, 5, 1, 192), (6, 5, 1, 192),
    (6, 3, 1, 320),
)  # fmt: skip
_STEM = 32
# The last block of each resolution, at strides 2, 4, 8, 16 and 32.
MAPS = (0, 2, 4, 10, 15)


def efficientnet_lite0(
    weights: Path | None = None,
    dtype: str = "float32",
    maps: int = len(MAPS),
    flag: str = "--extractor_weights",
) -> Extractor:
    """The last map of each resolution: 16, 24, 40, 112 and 320 channels at strides 2 to 32.

    Args:
        weights: An `.npz` file as the one in the package; None: that one.
        dtype: Dtype policy of the convolutions.
        maps: How many of the maps, from the shallow end; what lies deeper is not computed.
        flag: How the user names the file, for the message.

    Raises:
        UserError: When the file is missing, or is none of those.
    """
    path = find_weights(weights, _FILE, flag)
    network = build_efficientnet_lite0(dtype, maps)
    try:
        with np.load(path, allow_pickle=False) as file:
            for layer in network.layers:
                if layer.weights:
                    parts = [file[f"{layer.name}/{part}"] for part in ("kernel", "bias")]
                    set_weights(layer, parts, path)
    except UNREADABLE:
        raise UserError(f"{path}: not the weights of EfficientNet-Lite0") from None
    layers = tuple(f"block{block}" for block in MAPS[:maps])
    return Extractor(EFFICIENTNET_LITE0, network, layers, minimum=2**maps)


def build_efficientnet_lite0(dtype: str = "float32", maps: int = len(MAPS)) -> keras.Model:
    """The network with random weights; batch normalizations are folded into the convolutions.

    Args:
        dtype: Dtype policy.
        maps: How many maps it gives.
    """
    inputs = keras.Input((None, None, 3), name="image")
    # The published weights take (pixel - 127) / 128 of pixels in 0..255.
    x = keras.layers.Rescaling(127.5 / 128, 0.5 / 128, dtype="float32")(inputs)
    x = _relu6(_convolve(x, _STEM, 3, 2, "stem", dtype), dtype)
    found = []
    for number, (wider, size, stride, channels) in enumerate(_BLOCKS[: MAPS[maps - 1] + 1]):
        name, y = f"block{number}", x
        if wider != 1:
            y = _relu6(_convolve(y, wider * x.shape[-1], 1, 1, f"{name}-expand", dtype), dtype)
        y = keras.layers.DepthwiseConv2D(
            size, strides=stride, padding="same", name=f"{name}-depthwise", dtype=dtype
        )(y)
        y = _convolve(_relu6(y, dtype), channels, 1, 1, f"{name}-project", dtype)
        same = stride == 1 and channels == x.shape[-1]
        x = keras.layers.Add(dtype=dtype)([x, y]) if same else y
        if number in MAPS:
            found.append(x)
    network = keras.Model(inputs, found, name=EFFICIENTNET_LITE0)
    network.trainable = False
    return network


def _convolve(x: Any, filters: int, size: int, strides: int, name: str, dtype: str) -> Any:
    return keras.layers.Conv2D(
        filters, size, strides=strides, padding="same", name=name, dtype=dtype
    )(x)


def _relu6(x: Any, dtype: str) -> Any:
    return keras.layers.ReLU(6.0, dtype=dtype)(x)
