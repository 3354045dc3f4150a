"""Style encoder: a picture of any size to the style code of its look."""

from typing import Any

import keras
import tensorflow as tf

from style_gan_tf.networks.convolution import PaddedConv2D

_CHANNELS = (32, 64, 128, 128)  # each map at half the resolution of the one before
_HIDDEN = 192
_SLOPE = 0.2


def build_style_encoder(numbers: int, dtype: str = "float32") -> keras.Model:
    """Pictures float32 `[batch, height, width, 3]` in [-1, 1] to codes float32 `[batch, numbers]`.

    What a look is does not depend on where things lie: of each of four maps only the mean and the
    standard deviation of every channel go on, the statistics that style transfer by normalization
    matches (Huang and Belongie 2017, section 4). Nothing is normalized on the way, since that would
    take away what is measured.

    Args:
        numbers: In a code.
        dtype: Dtype policy of the convolutions.
    """
    x = inputs = keras.Input((None, None, 3), name="reference")
    statistics = []
    for channels in _CHANNELS:
        x = PaddedConv2D(
            channels,
            3,
            strides=2,
            pad=1,
            # Each its own: a shared one would draw the same numbers for every layer.
            kernel_initializer=keras.initializers.HeNormal(),
            dtype=dtype,
        )(x)
        x = keras.layers.LeakyReLU(_SLOPE, dtype=dtype)(x)
        statistics.append(MapStatistics(dtype="float32")(x))
    x = keras.layers.Concatenate(dtype="float32")(statistics)
    x = keras.layers.Dense(_HIDDEN, kernel_initializer="he_normal", dtype="float32")(x)
    x = keras.layers.LeakyReLU(_SLOPE, dtype="float32")(x)
    code = keras.layers.Dense(numbers, name="code", dtype="float32")(x)
    return keras.Model(inputs, code, name="style_encoder")


@keras.saving.register_keras_serializable("style_gan_tf")
class MapStatistics(keras.layers.Layer):
    """`[batch, rows, columns, channels]` to means and deviations, float32 `[batch, 2 channels]`."""

    def call(self, inputs: Any) -> Any:
        mean, deviation = mean_and_deviation(inputs)
        return tf.concat([mean, deviation], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], 2 * input_shape[-1])


def mean_and_deviation(maps: Any) -> tuple[Any, Any]:
    """Mean and standard deviation over the places of maps `[batch, rows, columns, channels]`.

    Returns:
        float32 `[batch, channels]` each.
    """
    maps = tf.cast(maps, tf.float32)
    mean = tf.reduce_mean(maps, axis=[1, 2])
    variance = tf.reduce_mean(tf.square(maps - mean[:, tf.newaxis, tf.newaxis]), axis=[1, 2])
    # The tiny constant keeps the root's derivative finite where a channel is silent.
    return mean, tf.sqrt(variance + 1e-6)
