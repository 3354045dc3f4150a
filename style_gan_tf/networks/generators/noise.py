"""The generator of DCGAN (Radford et al. 2016): noise in, picture out."""

from typing import Any

import keras

from style_gan_tf.networks.convolution import PaddedConv2D, TransposedConv2D
from style_gan_tf.networks.halving import halvings
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.normalization import normalization
from style_gan_tf.networks.resampling import NearestUpsampling
from style_gan_tf.options import choose

UPSAMPLINGS = ("resize", "transpose")


def noise(
    *,
    latent: int = 128,
    filters: int = 32,
    size: int = 64,
    normalization: str = "batch",
    upsampling: str = "resize",
    dtype: str = "float32",
) -> Network:
    """A dense layer to maps of 4x4 places or a little more, then doublings to the full size.

    Every map is normalized, but for the picture itself. The input `noise` is float32
    `[batch, latent]`, drawn from the standard normal distribution; the output float32
    `[batch, size, size, 3]` in [-1, 1].

    Args:
        latent: Numbers in a noise vector.
        filters: Channels at full size; doubled with each halving, up to eight times.
        size: Height and width of the pictures: 4, 5, 6 or 7 times a power of two.
        normalization: `batch`, `instance` (affine) or `none`.
        upsampling: `resize` (nearest neighbour, then a convolution: shows no checkerboard, Odena
            et al. 2016) or `transpose` (a transposed convolution as in DCGAN, of 4x4, which the
            stride divides: half the arithmetic).
        dtype: Dtype policy; the output is float32.

    Raises:
        UsageError: For a size that doublings do not reach.
    """
    choose("upsampling", upsampling, UPSAMPLINGS)
    doublings = halvings("generator", size)
    side = size // 2**doublings
    inputs = keras.Input((latent,), name="noise")
    channels = filters * min(2**doublings, 8)
    x = keras.layers.Dense(
        side * side * channels,
        use_bias=normalization == "none",
        kernel_initializer="he_normal",
        dtype=dtype,
    )(inputs)
    x = keras.layers.Reshape((side, side, channels), dtype=dtype)(x)
    x = _activate(x, normalization, dtype)
    for left in reversed(range(doublings)):
        x = _double(x, filters * min(2**left, 8), upsampling, normalization, dtype)
    x = PaddedConv2D(3, 3, pad=1, dtype=dtype)(x)
    outputs = keras.layers.Activation("tanh", dtype="float32", name="picture")(x)

    options = {
        "latent": latent,
        "filters": filters,
        "size": size,
        "normalization": normalization,
        "upsampling": upsampling,
    }
    recipe = {"role": "generator", "architecture": "noise", "options": options, "dtype": dtype}
    return Network(inputs, outputs, recipe=recipe)


def _double(x: Any, filters: int, upsampling: str, kind: str, dtype: str) -> Any:
    options: dict[str, Any] = {
        # A bias before a normalization with an offset of its own would change nothing.
        "use_bias": kind == "none",
        "kernel_initializer": "he_normal",
        "dtype": dtype,
    }
    if upsampling == "transpose":
        x = TransposedConv2D(filters, 4, strides=2, padding="same", **options)(x)
    else:
        x = PaddedConv2D(filters, 3, pad=1, **options)(NearestUpsampling(dtype=dtype)(x))
    return _activate(x, kind, dtype)


def _activate(x: Any, kind: str, dtype: str) -> Any:
    x = normalization(kind, affine=True, dtype=dtype)(x)
    return keras.layers.ReLU(dtype=dtype)(x)
