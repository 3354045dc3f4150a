"""Mapping network: noise to what sets one rendering of a style apart from the others."""

from typing import Any

import keras
import tensorflow as tf

_WIDTH, _DEPTH, _SLOPE = 128, 3, 0.2


def build_mapping(latent_dim: int, num_styles: int, numbers: int) -> keras.Model:
    """Noise `[batch, latent_dim]` and style weights `[batch, num_styles]` to `[batch, numbers]`.

    Layers that all styles share, then a head for each style (Choi et al. 2020, "StarGAN v2",
    section 2.1). What comes out is added to what drives the normalizations in the style itself, so
    the style without noise is there as well. In float32: it is small, and codes are.

    Args:
        latent_dim: Numbers in the noise, from the standard normal distribution.
        num_styles: Of the generator.
        numbers: Of a style code, its strength left out.
    """
    noise = keras.Input((latent_dim,), name="noise")
    weights = keras.Input((num_styles,), name="style_weights")
    x = noise
    for _ in range(_DEPTH):
        x = keras.layers.Dense(_WIDTH, kernel_initializer="he_normal", dtype="float32")(x)
        x = keras.layers.LeakyReLU(_SLOPE, dtype="float32")(x)
    # As large as the named styles' own codes: renderings differ from the first step.
    x = keras.layers.Dense(num_styles * numbers, dtype="float32", name="heads")(x)
    chosen = OfStyles(num_styles, dtype="float32")([x, weights])
    return keras.Model([noise, weights], chosen, name="mapping")


@keras.saving.register_keras_serializable("style_gan_tf")
class OfStyles(keras.layers.Layer):
    """`[batch, styles * numbers]` and weights `[batch, styles]` to their sum `[batch, numbers]`."""

    def __init__(self, num_styles: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_styles = num_styles

    def call(self, inputs: Any) -> Any:
        values, weights = inputs
        heads = tf.reshape(values, [-1, self.num_styles, values.shape[-1] // self.num_styles])
        return tf.einsum("bkn,bk->bn", heads, weights)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0][0], input_shape[0][1] // self.num_styles)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_styles": self.num_styles}
