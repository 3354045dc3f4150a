"""The discriminator of DCGAN (Radford et al. 2016): judges a picture as a whole."""

from typing import Any

import keras

from style_gan_tf.networks.convolution import PaddedConv2D
from style_gan_tf.networks.halving import halvings
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.normalization import normalization


def image(
    *,
    filters: int = 32,
    size: int = 64,
    normalization: str = "none",
    spectral: bool = False,
    probability: bool = False,
    channels: int = 3,
    dtype: str = "float32",
) -> Network:
    """Strided convolutions down to 4x4 places or a little more, flattened to one logit.

    Args:
        filters: Channels after the first convolution; doubled in each, up to eight times.
        size: Height and width of the pictures: 4, 5, 6 or 7 times a power of two.
        normalization: `none`, `instance` (without affine parameters) or `batch` (DCGAN's); not of
            the first map.
        spectral: Spectral normalization of every kernel, the last layer's included.
        probability: Sigmoid on top: the probability of "real" instead of its logit.
        channels: Channels of the input.
        dtype: Dtype policy; the output is float32.

    The input is float32 `[batch, size, size, channels]` in [-1, 1], the output `[batch, 1]`.

    Raises:
        UsageError: For a size that halvings do not end at.
    """
    count = halvings("discriminator", size)
    inputs = keras.Input((size, size, channels), name="image")
    x: Any = inputs
    for layer in range(count):
        x = PaddedConv2D(
            filters * min(2**layer, 8),
            4,
            strides=2,
            pad=1,
            spectral=spectral,
            # Batch normalization has an offset of its own.
            use_bias=normalization != "batch" or not layer,
            # One initializer each: a shared one would draw the same numbers for every layer.
            kernel_initializer=keras.initializers.HeNormal(),
            dtype=dtype,
        )(x)
        if layer:
            x = _normalize(x, normalization, dtype)
        x = keras.layers.LeakyReLU(0.2, dtype=dtype)(x)
    if spectral:
        # A dense layer, written as the convolution that knows spectral normalization.
        x = PaddedConv2D(1, size // 2**count, spectral=True, dtype=dtype)(x)
        x = keras.layers.Flatten(dtype=dtype)(x)
    else:
        x = keras.layers.Flatten(dtype=dtype)(x)
        x = keras.layers.Dense(1, dtype=dtype)(x)
    outputs = keras.layers.Activation(
        "sigmoid" if probability else "linear", dtype="float32", name="judgement"
    )(x)

    options = {
        "filters": filters,
        "size": size,
        "normalization": normalization,
        "spectral": spectral,
        "probability": probability,
        "channels": channels,
    }
    recipe = {"role": "discriminator", "architecture": "image", "options": options, "dtype": dtype}
    return Network(inputs, outputs, recipe=recipe)


def _normalize(x: Any, kind: str, dtype: str) -> Any:
    return normalization(kind, affine=False, dtype=dtype)(x)
