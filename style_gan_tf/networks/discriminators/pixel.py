"""PixelGAN: judges every pixel by its colour alone (Isola et al. 2017, appendix 6.1.2)."""

from typing import Any

import keras

from style_gan_tf.networks.convolution import PaddedConv2D
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.normalization import has_offset, normalization


def pixel(
    *,
    filters: int = 64,
    normalization: str = "instance",
    spectral: bool = False,
    probability: bool = False,
    channels: int = 3,
    dtype: str = "float32",
) -> Network:
    """C64-C128 and one logit a pixel, by 1x1 convolutions: makes colours right, not shapes.

    Args:
        filters: Channels after the first convolution; twice as many after the second.
        normalization: `instance` (without affine parameters), `affine_instance`, `batch` or
            `none`, of the second convolution. The statistics of all but `none` are the one thing
            that pixels know of each other.
        spectral: Spectral normalization of every kernel.
        probability: Sigmoid on top: probabilities instead of logits.
        channels: Channels of the input.
        dtype: Dtype policy; the output is float32.

    The output is `[batch, height, width, 1]`, one value a pixel.
    """

    def convolve(x: Any, filters: int, use_bias: bool = True) -> Any:
        # One initializer each: a shared one would draw the same numbers for every layer.
        initializer = (
            keras.initializers.HeNormal()
            if normalization == "none" and not spectral  # Nothing else keeps the maps' scale.
            else keras.initializers.RandomNormal(stddev=0.02)
        )
        return PaddedConv2D(
            filters,
            1,
            spectral=spectral,
            use_bias=use_bias,
            kernel_initializer=initializer,
            dtype=dtype,
        )(x)

    use_bias = not has_offset(normalization)
    inputs = keras.Input((None, None, channels), name="image")
    x = keras.layers.LeakyReLU(0.2, dtype=dtype)(convolve(inputs, filters))
    x = _normalize(convolve(x, filters * 2, use_bias), normalization, dtype)
    x = keras.layers.LeakyReLU(0.2, dtype=dtype)(x)
    # The reference has no bias here either where it has none before the normalization.
    x = convolve(x, 1, use_bias)
    outputs = keras.layers.Activation(
        "sigmoid" if probability else "linear", dtype="float32", name="judgement"
    )(x)

    options = {
        "filters": filters,
        "normalization": normalization,
        "spectral": spectral,
        "probability": probability,
        "channels": channels,
    }
    recipe = {"role": "discriminator", "architecture": "pixel", "options": options, "dtype": dtype}
    return Network(inputs, outputs, recipe=recipe)


def _normalize(x: Any, kind: str, dtype: str) -> Any:
    return normalization(kind, affine=False, dtype=dtype)(x)
