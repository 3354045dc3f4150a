"""Projected discriminator: judges a picture by what a trained network sees in it."""

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from style_gan_tf.networks.convolution import PaddedConv2D
from style_gan_tf.networks.extractors import VGG19, normalised_vgg19
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.style_encoder import MapStatistics

_STRIDE = 16  # of the logits, whatever map they come from
_BLOCKS = 3  # Deeper maps see whole objects, which style images and photos need not share.


def projected(
    *,
    filters: int = 64,
    weights: str = "",
    statistics: bool = False,
    probability: bool = False,
    heads: int = 1,
    dtype: str = "float32",
) -> Network:
    """Small convolutional heads over the frozen VGG19's relu1_1, relu2_1 and relu3_1.

    Sauer et al. 2021 ("Projected GANs converge faster", section 3): features of a fixed network
    are a better place to compare pictures than pixels, for the generator cannot fool them by
    changes too small to see, and the heads learn at once. Each map has a head of its own, with
    spectral normalization, so that texture, strokes and shapes are judged side by side; their
    cross-channel mixing is the heads' first layer.

    Args:
        filters: Channels of the maps' heads.
        weights: VGG19's weights file, or `imagenet`, see `normalised_vgg19`; "": the one in the
            cache.
        statistics: Judge each map by its channels' means and deviations over the whole picture as
            well: contrast, colours and how much of each texture there is, which no single place
            shows.
        probability: Sigmoid on top: probabilities instead of logits.
        heads: Styles that are judged, each by logits of its own over the maps' heads.
        dtype: Dtype policy; the output is float32.

    The output is `[batch, rows, columns, 3 * heads]`: for each place of 16x16 pixels, the first
    map's logit of each style, then the second's, then the third's; with `statistics` three more
    follow, the same at every place.

    Raises:
        UserError: Without the weights; says where to get them.
    """
    inputs = keras.Input((None, None, 3), name="image")
    features = normalised_vgg19(
        Path(weights) if weights else None, dtype, _BLOCKS, "--set discriminator.weights"
    )
    judgements, overall = [], []
    for depth, x in enumerate(features.network(inputs)):
        if statistics:
            overall.append(_judge_statistics(x, filters, heads, dtype))
        stride = 2**depth
        while stride < _STRIDE:
            x = keras.layers.LeakyReLU(0.2, dtype=dtype)(_convolve(x, filters, 4, 2, 1, dtype))
            stride *= 2
        judgements.append(_convolve(x, heads, 3, 1, 1, dtype))
    judgements += [Everywhere(dtype=dtype)([x, judgements[0]]) for x in overall]
    x = keras.layers.Concatenate(dtype=dtype)(judgements)
    outputs = keras.layers.Activation(
        "sigmoid" if probability else "linear", dtype="float32", name="judgement"
    )(x)
    options = {
        "filters": filters,
        "weights": weights,
        "statistics": statistics,
        "probability": probability,
        "heads": heads,
    }
    recipe = {
        "role": "discriminator",
        "architecture": "projected",
        "options": options,
        "dtype": dtype,
    }
    return Network(
        inputs,
        outputs,
        recipe=recipe,
        stride=_STRIDE,
        minimum=_STRIDE,
        sees_through=VGG19,
    )


def _judge_statistics(x: Any, filters: int, heads: int, dtype: str) -> Any:
    """Of a map `[batch, rows, columns, channels]`, `[batch, 1, 1, heads]`."""
    channels = x.shape[-1]
    x = MapStatistics(dtype="float32")(x)
    x = keras.layers.Reshape((1, 1, 2 * channels), dtype="float32")(x)
    x = keras.layers.LeakyReLU(0.2, dtype=dtype)(_convolve(x, filters, 1, 1, 0, dtype))
    return _convolve(x, heads, 1, 1, 0, dtype)


def _convolve(x: Any, filters: int, size: int, strides: int, pad: int, dtype: str) -> Any:
    return PaddedConv2D(
        filters,
        size,
        strides=strides,
        pad=pad,
        spectral=True,
        # Each its own: a shared one would draw the same numbers for every layer.
        kernel_initializer=keras.initializers.HeNormal(),
        dtype=dtype,
    )(x)


@keras.saving.register_keras_serializable("style_gan_tf")
class Everywhere(keras.layers.Layer):
    """`[batch, 1, 1, channels]` at every place of a map, whose own channels play no part."""

    def call(self, inputs: Any) -> Any:
        values, places = inputs
        rows_columns = tf.shape(places)[1:3]
        shape = tf.concat([tf.shape(values)[:1], rows_columns, tf.shape(values)[3:]], 0)
        return tf.broadcast_to(values, shape)

    def compute_output_shape(self, input_shape: Any) -> Any:
        values, places = input_shape
        return (*places[:3], values[-1])
