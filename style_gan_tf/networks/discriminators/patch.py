"""PatchGAN: judges every patch of a picture by itself (Isola et al. 2017, appendix 6.1.2)."""

from typing import Any

import keras

from style_gan_tf.networks.convolution import PaddedConv2D
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.normalization import has_offset, normalization


def patch(
    *,
    filters: int = 64,
    n_layers: int = 3,
    normalization: str = "instance",
    spectral: bool = False,
    probability: bool = False,
    channels: int = 3,
    heads: int = 1,
    dtype: str = "float32",
) -> Network:
    """C64-C128-C256-C512 and one logit a patch; three layers see 70x70 pixels.

    Args:
        filters: Channels after the first convolution; doubled in each, up to eight times.
        n_layers: Convolutions with stride two: 1 sees 16x16 pixels, 2 sees 34x34, 3 sees 70x70.
        normalization: `instance` (without affine parameters), `affine_instance`, `batch` or
            `none`.
        spectral: Spectral normalization of every kernel.
        probability: Sigmoid on top: probabilities instead of logits.
        channels: Channels of the input.
        heads: Styles that are judged, each by a logit of its own.
        dtype: Dtype policy; the output is float32.

    The output is `[batch, rows, columns, heads]`, one value a patch and head.
    """
    inputs = keras.Input((None, None, channels), name="image")
    x = judge_patches(inputs, filters, n_layers, normalization, spectral, dtype, heads)
    outputs = keras.layers.Activation(
        "sigmoid" if probability else "linear", dtype="float32", name="judgement"
    )(x)

    options = {
        "filters": filters,
        "n_layers": n_layers,
        "normalization": normalization,
        "spectral": spectral,
        "probability": probability,
        "channels": channels,
        "heads": heads,
    }
    recipe = {"role": "discriminator", "architecture": "patch", "options": options, "dtype": dtype}
    return Network(inputs, outputs, recipe=recipe, minimum=smallest_side(n_layers))


def judge_patches(
    x: Any,
    filters: int,
    n_layers: int,
    normalization: str,
    spectral: bool,
    dtype: str,
    heads: int = 1,
) -> Any:
    """The layers of `patch` on a picture: its logits, in the policy's compute dtype."""

    def convolve(x: Any, filters: int, strides: int, use_bias: bool = True) -> Any:
        # One initializer each: a shared one would draw the same numbers for every layer.
        initializer = (
            keras.initializers.HeNormal()
            if normalization == "none" and not spectral  # Nothing else keeps the maps' scale.
            else keras.initializers.RandomNormal(stddev=0.02)
        )
        return PaddedConv2D(
            filters,
            4,
            strides=strides,
            pad=1,
            spectral=spectral,
            use_bias=use_bias,
            kernel_initializer=initializer,
            dtype=dtype,
        )(x)

    x = convolve(x, filters, 2)
    x = keras.layers.LeakyReLU(0.2, dtype=dtype)(x)
    for layer in range(1, n_layers + 1):
        strides = 2 if layer < n_layers else 1
        # The reference drops the bias there alone, though no instance normalization heeds it.
        x = convolve(x, filters * min(2**layer, 8), strides, not has_offset(normalization))
        x = _normalize(x, normalization, dtype)
        x = keras.layers.LeakyReLU(0.2, dtype=dtype)(x)
    return convolve(x, heads, 1)


def smallest_side(n_layers: int) -> int:
    """Height and width of the smallest picture that has a patch."""
    # The two last convolutions each take away a row of what the halvings left.
    return 3 * 2**n_layers


def _normalize(x: Any, kind: str, dtype: str) -> Any:
    return normalization(kind, affine=False, dtype=dtype)(x)
