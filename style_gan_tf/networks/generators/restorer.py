"""A generator that takes damage off photographs: what it learns is the damage."""

from typing import Any

import keras
import tensorflow as tf

from style_gan_tf.networks.convolution import PaddedConv2D
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.resampling import SpaceToDepth


def restorer(*, filters: int = 64, n_blocks: int = 4, dtype: str = "float32") -> Network:
    """2x2 pixels to channels, residual blocks at half the resolution, the photo added; stride 2.

    A residual network (Zhang et al. 2017, "Beyond a Gaussian denoiser") that works on sub-images
    (Zhang et al. 2018, "FFDNet", section 3): a quarter of the arithmetic, twice the reach. Nothing
    is normalized, or it could not tell how strong the damage is; instead every block starts at the
    identity (Zhang et al. 2019, "Fixup initialization", section 4), and the whole at the photo.
    After 250 steps of denoising that is worth five decibels (docs/recipes.md).

    Its head is depth to space as it is: what makes `fast` free of grids takes the finest
    frequencies away, and noise has them too.

    Layers named `encoder_*` are the features that the contrastive objective compares: pixels,
    stem and every second block.

    Args:
        filters: Channels.
        n_blocks: Residual blocks of two convolutions.
        dtype: Dtype policy; the output is float32.
    """
    inputs = keras.Input((None, None, 3), name="image")
    x = SpaceToDepth(2, dtype=dtype, name="encoder_0")(inputs)
    x = _convolve(x, filters, "he_normal", dtype, "encoder_1")
    for index in range(n_blocks):
        y = keras.layers.ReLU(dtype=dtype)(_convolve(x, filters, "he_normal", dtype))
        y = _convolve(y, filters, "zeros", dtype)
        name = f"encoder_{2 + index // 2}" if index % 2 == 0 else f"block_{index}"
        x = keras.layers.Add(dtype=dtype, name=name)([x, y])
    x = _convolve(x, 3 * 4, "zeros", dtype, "head")
    outputs = Restore(dtype="float32", name="stylized")([inputs, x])

    options = {"filters": filters, "n_blocks": n_blocks}
    recipe = {"role": "generator", "architecture": "restorer", "options": options, "dtype": dtype}
    return Network(inputs, outputs, recipe=recipe, stride=2, margin=16, minimum=2)


def _convolve(x: Any, filters: int, initializer: str, dtype: str, name: str | None = None) -> Any:
    return PaddedConv2D(filters, 3, pad=1, kernel_initializer=initializer, dtype=dtype, name=name)(
        x
    )


@keras.saving.register_keras_serializable("style_gan_tf")
class Restore(keras.layers.Layer):
    """The photo plus what is missing from it, clipped to [-1, 1].

    From the photo `[batch, height, width, 3]` and `[batch, height / 2, width / 2, 12]`, whose
    channels are the 2x2 pixels of each place. Gradients flow as if nothing were clipped, so that
    a pixel beyond white or black finds its way back.
    """

    def call(self, inputs: Any) -> Any:
        photo, missing = inputs
        free = photo + tf.nn.depth_to_space(tf.cast(missing, tf.float32), 2)
        return free + tf.stop_gradient(tf.clip_by_value(free, -1.0, 1.0) - free)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]
