"""Projected discriminator: judges a picture by what a trained network sees in it."""

import math
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.convolution import PaddedConv2D
from style_gan_tf.networks.extractors import (
    EFFICIENTNET_LITE0,
    TRAINERS,
    VGG19,
    efficientnet_lite0,
    normalised_vgg19,
)
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.style_encoder import MapStatistics

_STRIDE = 16  # of the logits, whatever map they come from
_VGG_BLOCKS = 3
_WEIGHTS = "--set discriminator.weights"


def projected(
    *,
    extractor: str = "",
    filters: int = 64,
    depths: int = 4,
    mixing: int = 48,
    weights: str = "",
    statistics: bool = False,
    probability: bool = False,
    heads: int = 1,
    dtype: str = "float32",
) -> Network:
    """Small convolutional heads over the frozen maps of a network that was trained on ImageNet.

    Sauer et al. 2021 ("Projected GANs converge faster", section 3): features of a fixed network
    are a better place to compare pictures than pixels, for the generator cannot fool them by
    changes too small to see, and the heads learn at once. Each map has a head of its own, with
    spectral normalization, so that texture, strokes and shapes are judged side by side. Before
    them the maps are mixed at random, across channels and from the deep ones to the shallow ones
    (section 3.2), or each head would attend to a few channels alone.

    Args:
        extractor: `efficientnet_lite0` or `vgg19`, whose first three blocks are judged; "": the
            first, or VGG19 where `weights` are given. (Runs of version 0.1 named the weights of
            VGG19 alone.)
        filters: Channels of the maps' heads.
        depths: How many of EfficientNet's maps are judged, from the shallow end: at strides 2, 4,
            8, 16 and, with 5, 32. Its deepest sees whole objects, which style images and photos
            need not share.
        mixing: Channels of EfficientNet's mixed maps; 0: the maps as they are. VGG19's are never
            mixed.
        weights: The extractor's weights file, or for VGG19 `imagenet`, see `normalised_vgg19`; "":
            the package's own.
        statistics: Judge each map by its channels' means and deviations over the whole picture as
            well: contrast, colours and how much of each texture there is, which no single place
            shows.
        probability: Sigmoid on top: probabilities instead of logits.
        heads: Styles that are judged, each by logits of its own over the maps' heads.
        dtype: Dtype policy; the output is float32.

    The output is `[batch, rows, columns, maps * heads]`: for each place of 16x16 pixels, the first
    map's logit of each style, then the second's, and on; with `statistics` as many more follow, the
    same at every place.

    Raises:
        UsageError: For another extractor, or depths that it does not have.
        UserError: For weights that cannot be read.
    """
    chosen = extractor or (VGG19 if weights else EFFICIENTNET_LITE0)
    inputs = keras.Input((None, None, 3), name="image")
    raw = _features(chosen, depths, weights, dtype)(inputs)
    strides = [2**depth for depth in range(len(raw))]
    maps, stride = raw, _STRIDE
    if chosen == EFFICIENTNET_LITE0:
        strides = [2 * stride for stride in strides]
        stride = max(_STRIDE, *strides)
        maps = RandomMixing(mixing, dtype=dtype)(raw) if mixing else raw
    judgements, overall = [], []
    for x, unmixed, pixels in zip(maps, raw, strides, strict=True):
        if statistics:
            overall.append(_judge_statistics(unmixed, filters, heads, dtype))
        if pixels == _STRIDE:
            x = _activate(_convolve(x, filters, 3, 1, 1, dtype), dtype)
        while pixels < _STRIDE:
            x = _activate(_convolve(x, filters, 4, 2, 1, dtype), dtype)
            pixels *= 2
        x = _convolve(x, heads, 3, 1, 1, dtype)
        judgements.append(keras.layers.UpSampling2D(dtype=dtype)(x) if pixels > _STRIDE else x)
    judgements += [Everywhere(dtype=dtype)([x, judgements[0]]) for x in overall]
    x = keras.layers.Concatenate(dtype=dtype)(judgements)
    outputs = keras.layers.Activation(
        "sigmoid" if probability else "linear", dtype="float32", name="judgement"
    )(x)
    options = {
        "extractor": extractor,
        "filters": filters,
        "depths": depths,
        "mixing": mixing,
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
        stride=stride,
        minimum=stride,
        sees_through=chosen,
    )


def _features(extractor: str, depths: int, weights: str, dtype: str) -> keras.Model:
    path = Path(weights) if weights else None
    if extractor == VGG19:
        return normalised_vgg19(path, dtype, _VGG_BLOCKS, _WEIGHTS).network
    if extractor != EFFICIENTNET_LITE0:
        raise UsageError(
            f"--set discriminator.extractor={extractor}: choose one of {', '.join(TRAINERS)}"
        )
    if not 2 <= depths <= 5:
        raise UsageError(f"--set discriminator.depths={depths}: choose 2 to 5")
    return efficientnet_lite0(path, dtype, depths, _WEIGHTS).network


def _judge_statistics(x: Any, filters: int, heads: int, dtype: str) -> Any:
    """Of a map `[batch, rows, columns, channels]`, `[batch, 1, 1, heads]`."""
    channels = x.shape[-1]
    x = MapStatistics(dtype="float32")(x)
    x = keras.layers.Reshape((1, 1, 2 * channels), dtype="float32")(x)
    x = _activate(_convolve(x, filters, 1, 1, 0, dtype), dtype)
    return _convolve(x, heads, 1, 1, 0, dtype)


def _activate(x: Any, dtype: str) -> Any:
    return keras.layers.LeakyReLU(0.2, dtype=dtype)(x)


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
class RandomMixing(keras.layers.Layer):
    """Fixed random mixing of maps, across channels and from deep to shallow.

    Sauer et al. 2021, section 3.2: a 1x1 convolution brings each map to the same channels; then,
    from the deepest on, the mixed map is repeated to twice the size, added to the next shallower
    one and goes through a 3x3 convolution. The kernels are normal of He's deviation, always the
    same, and never trained.

    Takes maps `[batch, rows, columns, channels]`, each of half the size of the one before, and
    gives as many of `width` channels.

    Args:
        width: Channels of what it gives.
    """

    def __init__(self, width: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.width = width

    def build(self, input_shape: Any) -> None:
        rng = np.random.default_rng(0)

        def kernel(name: str, size: int, channels: int) -> Any:
            shape = (size, size, channels, self.width)
            values = rng.standard_normal(shape) * math.sqrt(2 / (size * size * channels))
            return self.add_weight(
                shape=shape, initializer=_given(values), trainable=False, name=name
            )

        self.across = [
            kernel(f"across_{index}", 1, int(shape[-1])) for index, shape in enumerate(input_shape)
        ]
        self.down = [kernel(f"down_{index}", 3, self.width) for index in range(len(input_shape))]

    def call(self, inputs: Any) -> Any:
        mixed: list[Any] = []
        for x, across, down in reversed(list(zip(inputs, self.across, self.down, strict=True))):
            x = tf.nn.conv2d(x, across, 1, "SAME")
            if mixed:
                # Not by resizing, whose gradient has none in its turn, as R1 wants.
                larger = tf.repeat(tf.repeat(mixed[-1], 2, axis=1), 2, axis=2)
                x += larger[:, : tf.shape(x)[1], : tf.shape(x)[2]]
            mixed.append(tf.nn.conv2d(x, down, 1, "SAME"))
        return mixed[::-1]

    def compute_output_shape(self, input_shape: Any) -> Any:
        return [(*shape[:3], self.width) for shape in input_shape]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "width": self.width}


def _given(values: np.ndarray) -> Any:
    """An initializer that gives these numbers."""

    def initializer(shape: Any, dtype: Any = None) -> Any:
        del shape
        return tf.constant(values, dtype or "float32")

    return initializer


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
