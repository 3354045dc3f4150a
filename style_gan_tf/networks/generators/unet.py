"""The U-Net generator of pix2pix (Isola et al. 2017, appendix 6.1.1)."""

from typing import Any

import keras

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.convolution import TransposedConv2D
from style_gan_tf.networks.dropout import Dropout
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.normalization import has_offset, normalization
from style_gan_tf.options import at_least

_WITHOUT_DROPOUT = 4  # levels next to the picture


def unet(
    *,
    filters: int = 64,
    depth: int = 8,
    normalization: str = "batch",
    dropout: float = 0.5,
    dtype: str = "float32",
) -> Network:
    """Halvings down to a few pixels and up again, each map joined to its counterpart.

    The widths are 1, 2, 4 and from then on 8 times `filters`. Layers named `encoder_*` are the
    features that the contrastive objective compares: pixels and the first four halvings.

    Args:
        filters: Channels after the first halving.
        depth: Halvings: 8 ("U-Net 256") and 7 ("U-Net 128") in the paper. The sides of the
            pictures are multiples of 2 ** depth.
        normalization: `batch` (the paper's), `instance` (without affine parameters),
            `affine_instance` or `none`; not of the first map and the smallest one.
        dropout: Rate, in [0, 1), on the way up below the fourth level (the innermost map left
            out): the only noise that pix2pix has. In training alone; see `Dropout`.
        dtype: Dtype policy; the output is float32.

    Raises:
        UsageError: For a depth below 2, or a rate outside [0, 1).
    """
    at_least("generator.depth", depth, 2)
    at_least("generator.dropout", dropout, 0)
    if dropout >= 1:
        raise UsageError(f"generator.dropout={dropout}: must be less than 1")
    use_bias = not has_offset(normalization)
    widths = [filters * min(2**level, 8) for level in range(depth)]

    inputs = keras.Input((None, None, 3), name="image")
    x = keras.layers.Activation("linear", dtype=dtype, name="encoder_0")(inputs)
    maps: list[Any] = []
    for level, width in enumerate(widths):
        if level:
            name = f"encoder_{level}" if level <= 4 else None
            x = keras.layers.LeakyReLU(0.2, dtype=dtype, name=name)(x)
        x = _halve(x, width, use_bias, dtype)
        if 0 < level < depth - 1:
            x = _normalize(x, normalization, dtype)
        maps.append(x)
    for level in reversed(range(1, depth)):
        x = keras.layers.ReLU(dtype=dtype)(x)
        x = _double(x, widths[level - 1], use_bias, dtype)
        x = _normalize(x, normalization, dtype)
        if dropout and _WITHOUT_DROPOUT <= level < depth - 1:
            x = Dropout(dropout, dtype=dtype)(x)
        x = keras.layers.Concatenate(dtype=dtype)([maps[level - 1], x])
    x = _double(keras.layers.ReLU(dtype=dtype)(x), 3, True, dtype)
    outputs = keras.layers.Activation("tanh", dtype="float32", name="stylized")(x)

    options = {
        "filters": filters,
        "depth": depth,
        "normalization": normalization,
        "dropout": dropout,
    }
    recipe = {"role": "generator", "architecture": "unet", "options": options, "dtype": dtype}
    return Network(inputs, outputs, recipe=recipe, stride=2**depth, minimum=2**depth)


# Sides are even throughout, so that `same` pads one zero on each side, as the reference does.
def _halve(x: Any, filters: int, use_bias: bool, dtype: str) -> Any:
    return keras.layers.Conv2D(filters, 4, strides=2, **_shared(use_bias, dtype))(x)


def _double(x: Any, filters: int, use_bias: bool, dtype: str) -> Any:
    return TransposedConv2D(filters, 4, strides=2, **_shared(use_bias, dtype))(x)


def _shared(use_bias: bool, dtype: str) -> dict[str, Any]:
    # One initializer each: a shared one would draw the same numbers for every layer.
    initializer = keras.initializers.RandomNormal(stddev=0.02)
    return {
        "padding": "same",
        "use_bias": use_bias,
        "kernel_initializer": initializer,
        "dtype": dtype,
    }


def _normalize(x: Any, kind: str, dtype: str) -> Any:
    return normalization(kind, affine=False, dtype=dtype)(x)
