"""Layers that trade height and width for channels, and back."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("style_gan_tf")
class SpaceToDepth(keras.layers.Layer):
    """Each `block` x `block` square of pixels becomes the channels of one.

    `[batch, height, width, channels]`, height and width multiples of `block`, to
    `[batch, height / block, width / block, channels * block ** 2]`.
    """

    def __init__(self, block: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.block = block

    def call(self, inputs: Any) -> Any:
        return tf.nn.space_to_depth(inputs, self.block)

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, height, width, channels = input_shape
        height, width = (None if n is None else n // self.block for n in (height, width))
        return (batch, height, width, channels * self.block**2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "block": self.block}


@keras.saving.register_keras_serializable("style_gan_tf")
class NearestUpsampling(keras.layers.Layer):
    """Twice the height and width, each pixel repeated (Odena et al. 2016)."""

    def call(self, inputs: Any) -> Any:
        size = 2 * tf.shape(inputs)[1:3]
        outputs = tf.raw_ops.ResizeNearestNeighbor(images=inputs, size=size)
        outputs.set_shape(self.compute_output_shape(inputs.shape))
        return outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, height, width, channels = tuple(input_shape)
        height, width = (None if n is None else n * 2 for n in (height, width))
        return (batch, height, width, channels)


@keras.saving.register_keras_serializable("style_gan_tf")
class BlurPooling(keras.layers.Layer):
    """Half the height and width: every second pixel of the blurred map (Zhang 2019).

    The window is [1, 2, 1] / 4 down and across, at the border over the map's reflection.
    `[batch, height, width, channels]`, height and width even, to
    `[batch, height / 2, width / 2, channels]`.
    """

    def call(self, inputs: Any) -> Any:
        # Above and on the left alone: the last window ends at the last of an even number.
        padded = tf.pad(inputs, [[0, 0], [1, 0], [1, 0], [0, 0]], mode="REFLECT")
        return _mean_of_neighbours(_mean_of_neighbours(padded, stride=1), stride=2)

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, height, width, channels = input_shape
        height, width = (None if n is None else n // 2 for n in (height, width))
        return (batch, height, width, channels)


@keras.saving.register_keras_serializable("style_gan_tf")
class BlurUpsampling(NearestUpsampling):
    """Twice the height and width, each pixel repeated, then blurred by [1, 2, 1] / 4 each way.

    New pixels are 3/4 of the nearest old one and 1/4 of the next: linear interpolation, and the
    same as a transposed convolution by [1, 3, 3, 1] / 4 over replicated borders (Zhang 2019).
    """

    def call(self, inputs: Any) -> Any:
        repeated = super().call(inputs)
        padded = tf.pad(repeated, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="SYMMETRIC")
        return _mean_of_neighbours(_mean_of_neighbours(padded, stride=1), stride=1)


def _mean_of_neighbours(x: Any, stride: int) -> Any:
    # Twice, it is the [1, 2, 1] window: pooling is up to twice as fast as a depthwise convolution
    # on a CPU, and ten times as fast as strided slices and their way back.
    return tf.nn.avg_pool2d(x, 2, stride, "VALID")


@keras.saving.register_keras_serializable("style_gan_tf")
class GridFreeUpsampling(keras.layers.Layer):
    """Depth to space, then the mean over each `block` x `block` window: no grid can remain.

    What a sub-pixel convolution (Shi et al. 2016) leaves as a checkerboard is a pattern that
    repeats every `block` pixels. The box window's transfer function is zero at exactly the
    frequencies of every such pattern, so the layer removes it whatever the weights are.

    `[batch, height, width, channels]` to
    `[batch, height * block, width * block, channels / block ** 2]`.
    """

    def __init__(self, block: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.block = block

    def call(self, inputs: Any) -> Any:
        # Windows at the border reach into a repeated block, not into repeated pixels, so that the
        # pattern goes on there and vanishes from the border too.
        padded = tf.pad(inputs, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="SYMMETRIC")
        pixels = tf.nn.depth_to_space(padded, self.block)
        start = self.block - (self.block - 1) // 2
        stop = self.block // 2 - self.block
        return tf.nn.avg_pool2d(pixels[:, start:stop, start:stop], self.block, 1, "VALID")

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, height, width, channels = input_shape
        height, width = (None if n is None else n * self.block for n in (height, width))
        return (batch, height, width, channels // self.block**2)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "block": self.block}
