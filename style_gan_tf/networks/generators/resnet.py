"""The residual generator of CycleGAN and CUT (Zhu et al. 2017, appendix; Johnson et al. 2016)."""

from typing import Any

import keras

from style_gan_tf.networks.convolution import (
    PaddedConv2D,
    ReflectionPadding,
    TransposedConv2D,
)
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.normalization import has_offset, normalization
from style_gan_tf.networks.resampling import BlurPooling, BlurUpsampling, NearestUpsampling
from style_gan_tf.options import choose

UPSAMPLINGS = ("resize", "transpose", "blur")


def resnet(
    *,
    filters: int = 64,
    n_blocks: int = 9,
    normalization: str = "instance",
    upsampling: str = "resize",
    dtype: str = "float32",
) -> Network:
    """c7s1-64, d128, d256, n residual blocks, u128, u64, c7s1-3, tanh; stride 4.

    Layers named `encoder_*` are the features that the contrastive objective compares (Park et
    al. 2020, appendix C.2): pixels, both halvings, the first block and the middle one.
    `decoder_2` and `decoder_1` are the stages of the halvings on the way up.

    Args:
        filters: Channels at full resolution.
        n_blocks: Residual blocks at a quarter of the resolution; the paper takes 6 at 128x128
            and 9 at 256x256.
        normalization: `instance` (without affine parameters), `affine_instance`, `batch` or
            `none`.
        upsampling: `resize` (nearest neighbour, then a convolution: shows no checkerboard),
            `transpose` (CycleGAN's) or `blur` (CUT's). The last is for the way down too: a
            convolution at full size, then every second pixel of its blurred map; on the way up a
            blur of the enlarged map, then the convolution (Zhang 2019, section 3.2). Nothing is
            aliased, so that a picture moved by a pixel gives the same, moved; the convolutions
            next to the picture cost four times as much. The fixed filters are no weights.
        dtype: Dtype policy.
    """
    choose("upsampling", upsampling, UPSAMPLINGS)
    initializer = "glorot_uniform"
    inputs = keras.Input((None, None, 3), name="image")
    layers = _Layers(normalization, dtype, initializer)

    x = keras.layers.Activation("linear", dtype=dtype, name="encoder_0")(inputs)
    x = ReflectionPadding(3, dtype=dtype)(x)
    x = layers.convolve(x, filters, 7)
    x = layers.downsample(x, filters * 2, upsampling, "encoder_1")
    x = layers.downsample(x, filters * 4, upsampling, "encoder_2")
    for index in range(n_blocks):
        # A single block is the first and the middle one.
        name = {n_blocks // 2: "encoder_4", 0: "encoder_3"}.get(index, f"block_{index}")
        x = layers.residual_block(x, filters * 4, name)
    x = keras.layers.Activation("linear", dtype=dtype, name="decoder_2")(x)
    x = layers.upsample(x, filters * 2, upsampling)
    x = keras.layers.Activation("linear", dtype=dtype, name="decoder_1")(x)
    x = layers.upsample(x, filters, upsampling)
    x = ReflectionPadding(3, dtype=dtype)(x)
    x = PaddedConv2D(3, 7, kernel_initializer=initializer, dtype=dtype)(x)
    outputs = keras.layers.Activation("tanh", dtype="float32", name="stylized")(x)

    options = {
        "filters": filters,
        "n_blocks": n_blocks,
        "normalization": normalization,
        "upsampling": upsampling,
    }
    recipe = {"role": "generator", "architecture": "resnet", "options": options, "dtype": dtype}
    # Reflection inside needs two pixels at a quarter of the resolution.
    return Network(inputs, outputs, recipe=recipe, stride=4, minimum=8)


class _Layers:
    """The steps that repeat, with the choices that they share."""

    def __init__(self, normalization: str, dtype: str, initializer: str) -> None:
        self.normalization = normalization
        self.dtype = dtype
        self.initializer = initializer
        # The reference drops the bias there alone, though no instance normalization heeds it.
        self.use_bias = not has_offset(normalization)

    def normalize(self, x: Any) -> Any:
        return normalization(self.normalization, affine=False, dtype=self.dtype)(x)

    def convolve(
        self, x: Any, filters: int, kernel: int, name: str | None = None, **options: Any
    ) -> Any:
        x = self._padded(filters, kernel, **options)(x)
        return keras.layers.ReLU(dtype=self.dtype, name=name)(self.normalize(x))

    def residual_block(self, x: Any, filters: int, name: str) -> Any:
        y = self.convolve(ReflectionPadding(1, dtype=self.dtype)(x), filters, 3)
        y = ReflectionPadding(1, dtype=self.dtype)(y)
        y = self._padded(filters, 3)(y)
        return keras.layers.Add(dtype=self.dtype, name=name)([x, self.normalize(y)])

    def downsample(self, x: Any, filters: int, upsampling: str, name: str) -> Any:
        if upsampling == "blur":
            x = self.convolve(x, filters, 3, pad=1)
            return BlurPooling(dtype=self.dtype, name=name)(x)
        return self.convolve(x, filters, 3, strides=2, pad=1, name=name)

    def upsample(self, x: Any, filters: int, upsampling: str) -> Any:
        if upsampling == "blur":
            return self.convolve(BlurUpsampling(dtype=self.dtype)(x), filters, 3, pad=1)
        if upsampling == "resize":
            x = ReflectionPadding(1, dtype=self.dtype)(NearestUpsampling(dtype=self.dtype)(x))
            return self.convolve(x, filters, 3)
        x = TransposedConv2D(
            filters,
            3,
            strides=2,
            use_bias=self.use_bias,
            kernel_initializer=self.initializer,
            dtype=self.dtype,
        )(x)
        # What padding=1, output_padding=1 leaves of the full transposed convolution.
        x = keras.layers.Cropping2D(((1, 0), (1, 0)), dtype=self.dtype)(x)
        return keras.layers.ReLU(dtype=self.dtype)(self.normalize(x))

    def _padded(self, filters: int, kernel: int, **options: Any) -> PaddedConv2D:
        return PaddedConv2D(
            filters,
            kernel,
            use_bias=self.use_bias,
            kernel_initializer=self.initializer,
            dtype=self.dtype,
            **options,
        )
