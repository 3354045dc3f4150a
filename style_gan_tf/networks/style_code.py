"""Style weights to style code, and normalizations that the code drives."""

from typing import Any

import keras
import tensorflow as tf

from style_gan_tf.networks.normalization import InstanceNormalization

_SPREAD = 0.02  # of the untrained styles' scales and offsets around what they share


@keras.saving.register_keras_serializable("style_gan_tf")
class StyledInstanceNormalization(InstanceNormalization):
    """Instance normalization whose scale and offset follow a style code (Dumoulin et al. 2017).

    `y = (gamma + code A) * normalized + (beta + code B)`: what all styles share, and what each
    adds. A and B have no bias, so that the code 0 is the shared look and the sum of two codes
    adds up what they change. Takes `[maps, code]`: `[batch, height, width, channels]` and float32
    `[batch, numbers]`; gives the maps' shape.
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(affine=True, epsilon=epsilon, **kwargs)

    def build(self, input_shape: Any) -> None:
        maps, code = input_shape
        super().build(maps)
        self.to_scale, self.to_offset = (
            self.add_weight(
                shape=(code[-1], self.channels),
                # Each its own: a shared one would draw the same numbers for both.
                initializer=keras.initializers.RandomNormal(stddev=_SPREAD),
                name=name,
                autocast=False,
            )
            for name in ("to_scale", "to_offset")
        )

    def call(self, inputs: Any) -> Any:
        maps, code = inputs
        code = tf.cast(code, tf.float32)
        scale = self.gamma + tf.matmul(code, tf.convert_to_tensor(self.to_scale))
        offset = self.beta + tf.matmul(code, tf.convert_to_tensor(self.to_offset))
        return self.normalize(maps, tf.reshape(scale, [-1]), tf.reshape(offset, [-1]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["affine"]
        return config


@keras.saving.register_keras_serializable("style_gan_tf")
class Strength(keras.layers.Layer):
    """`photo + min(1, sum of weights) * (stylized - photo)`: zero weights give the photo exactly.

    Takes `[photo, stylized, style_weights]`, float32 `[batch, height, width, 3]` twice and
    `[batch, styles]`.
    """

    def call(self, inputs: Any) -> Any:
        photo, stylized, weights = inputs
        strength = tf.minimum(1.0, tf.reduce_sum(weights, axis=-1))
        return photo + strength[:, tf.newaxis, tf.newaxis, tf.newaxis] * (stylized - photo)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]


@keras.saving.register_keras_serializable("style_gan_tf")
class Copies(keras.layers.Layer):
    """A code for each of `count` layers; the way back adds their gradients in one fixed order.

    A tensor that three or more operations take gets its gradients added in whatever order a trace
    happens to meet them, so that two traces of one step differ in the last bit.
    """

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = count

    def call(self, inputs: Any) -> Any:
        return tf.unstack(tf.tile(inputs[tf.newaxis], [self.count, 1, 1]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return [input_shape] * self.count

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "count": self.count}


def style_code(num_styles: int, numbers: int, layers: int) -> tuple[Any, list[Any]]:
    """The input `style_weights` `[batch, num_styles]` and, for each layer, `[batch, numbers]`.

    Nothing between them has a bias: the code of a mixture is the mixture of the codes.
    """
    weights = keras.Input((num_styles,), name="style_weights")
    initializer = keras.initializers.RandomNormal(stddev=1.0)
    code = keras.layers.Dense(
        numbers, use_bias=False, kernel_initializer=initializer, name="style_code", dtype="float32"
    )(weights)
    return weights, Copies(layers, dtype="float32")(code)


def given_code(numbers: int, layers: int) -> tuple[Any, Any, list[Any]]:
    """The input `style_code` `[batch, 1 + numbers]`, its strength, and what drives each layer.

    See `coded_styles` for what a code is. The strength is `[batch, 1]`, for `Strength`.
    """
    code = keras.Input((1 + numbers,), name="style_code")
    strength = code[:, :1]
    return code, strength, Copies(layers, dtype="float32")(code[:, 1:])
