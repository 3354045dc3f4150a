"""A generator that works at a quarter of the resolution and leaves detail to the photo."""

from typing import Any

import keras
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.convolution import PaddedConv2D
from style_gan_tf.networks.mapping import build_mapping
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.normalization import normalization
from style_gan_tf.networks.resampling import GridFreeUpsampling, NearestUpsampling, SpaceToDepth
from style_gan_tf.networks.style_code import (
    Strength,
    StyledInstanceNormalization,
    given_code,
    style_code,
)
from style_gan_tf.networks.style_encoder import build_style_encoder

_CODE = 64  # numbers in a style code
_PALER = 0.97  # keeps atanh of a white or black pixel finite


def fast(
    *,
    filters: int = 64,
    n_blocks: int = 5,
    normalization: str = "instance",
    num_styles: int = 1,
    style_encoder: bool = False,
    latent_dim: int = 0,
    by_code: bool = False,
    dtype: str = "float32",
) -> Network:
    """4x4 pixels to channels, residual blocks, and a head that repaints the photo; stride 4.

    Feature maps at full resolution cost memory traffic, not arithmetic; here only the head's
    last maps are that large. The head predicts, for each pixel and colour, how much of the photo
    stays (`keep`) and what is painted over it (`paint`); see `Repaint`. Untrained it returns the
    photo, a trace paler, so pictures are good from the first step.

    Layers named `encoder_*` are the features that the contrastive objective compares: pixels,
    stem and every second block; `decoder_1` is the stage of the stem, after the blocks.

    Args:
        filters: Channels at a quarter of the resolution; half as many at half.
        n_blocks: Residual blocks.
        normalization: `instance` (affine), `batch` or `none`.
        num_styles: With two or more it takes `[image, style_weights]`, and the weights' style code
            drives the normalizations, which must be `instance` then.
        style_encoder: Take style weights of one style too, and have an encoder that makes style
            codes out of pictures.
        latent_dim: Numbers of noise by which one style has many renderings; 0: it has one. Takes
            style weights of one style too.
        by_code: Take `[image, style_code]`, see `coded_styles`.
        dtype: Dtype policy.
    """
    inputs = keras.Input((None, None, 3), name="image")
    takes, weights = [inputs], None
    codes: list[Any] = []
    if num_styles > 1 or style_encoder or latent_dim:
        if normalization != "instance":
            raise UsageError(
                f"generator.normalization={normalization}: styles need `instance` normalization"
            )
        layers = 1 + 2 * n_blocks
        if by_code:
            code, weights, codes = given_code(_CODE, layers)
        else:
            weights, codes = style_code(num_styles, _CODE, layers)
        takes.append(code if by_code else weights)

    def convolve(x: Any) -> Any:
        return _convolve(x, filters, normalization, dtype, codes.pop(0) if codes else None)

    x = SpaceToDepth(4, dtype=dtype, name="encoder_0")(inputs)
    x = convolve(x)
    x = keras.layers.ReLU(dtype=dtype, name="encoder_1")(x)
    for index in range(n_blocks):
        y = keras.layers.ReLU(dtype=dtype)(convolve(x))
        y = convolve(y)
        name = f"encoder_{2 + index // 2}" if index % 2 == 0 else f"block_{index}"
        x = keras.layers.Add(dtype=dtype, name=name)([x, y])
    x = keras.layers.Activation("linear", dtype=dtype, name="decoder_1")(x)
    x = NearestUpsampling(dtype=dtype)(x)
    x = PaddedConv2D(max(filters // 2, 1), 3, pad=1, dtype=dtype)(x)
    x = keras.layers.LeakyReLU(0.2, dtype=dtype)(x)
    x = PaddedConv2D(6 * 4, 3, pad=1, kernel_initializer="zeros", dtype=dtype, name="head")(x)
    x = GridFreeUpsampling(2, dtype=dtype)(x)
    outputs = Repaint(dtype="float32", name="stylized")([inputs, x])
    if weights is not None:
        outputs = Strength(dtype="float32", name="strength")([inputs, outputs, weights])

    options = {
        "filters": filters,
        "n_blocks": n_blocks,
        "normalization": normalization,
        "num_styles": num_styles,
        "style_encoder": style_encoder,
        "latent_dim": latent_dim,
        "by_code": by_code,
    }
    recipe = {"role": "generator", "architecture": "fast", "options": options, "dtype": dtype}
    encoder = build_style_encoder(_CODE, dtype) if style_encoder else None
    mapping = build_mapping(latent_dim, num_styles, _CODE) if latent_dim else None
    return Network(
        takes if len(takes) > 1 else inputs,
        outputs,
        recipe=recipe,
        stride=4,
        margin=16,
        minimum=4,
        style_encoder=encoder,
        mapping=mapping,
    )


def _convolve(x: Any, filters: int, kind: str, dtype: str, code: Any) -> Any:
    # A bias before a normalization with an offset of its own would change nothing.
    x = PaddedConv2D(
        filters,
        3,
        pad=1,
        use_bias=kind == "none",
        kernel_initializer="he_normal",
        dtype=dtype,
    )(x)
    if code is not None:
        return StyledInstanceNormalization(dtype=dtype)([x, code])
    return normalization(kind, affine=True, dtype=dtype)(x)


@keras.saving.register_keras_serializable("style_gan_tf")
class Repaint(keras.layers.Layer):
    """`tanh((1 + keep) * atanh(0.97 * photo) + paint)`, from `[photo, keep and paint]`.

    The photo `[batch, height, width, 3]` in [-1, 1]; `keep` and `paint` are the first and last
    three channels of `[batch, height, width, 6]`. The result lies in (-1, 1). With both zero it
    is 0.97 times the photo: without the atanh it would be a faded one. A photo beyond [-1, 1] is
    clipped.
    """

    def call(self, inputs: Any) -> Any:
        photo, head = inputs
        keep, paint = tf.split(tf.cast(head, tf.float32), 2, axis=-1)
        pale = _PALER * tf.clip_by_value(photo, -1.0, 1.0)
        # atanh, in operations that are vectorized on every device.
        unsquashed = 0.5 * tf.math.log((1.0 + pale) / (1.0 - pale))
        return tf.tanh((1.0 + keep) * unsquashed + paint)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]
