"""PatchGANs on a picture and on smaller copies of it (Wang et al. 2018, "pix2pixHD", 3.2)."""

from typing import Any

import keras
import tensorflow as tf

from style_gan_tf.networks.discriminators.patch import judge_patches, smallest_side
from style_gan_tf.networks.network import Network


def multiscale(
    *,
    filters: int = 64,
    n_layers: int = 3,
    n_scales: int = 3,
    normalization: str = "instance",
    spectral: bool = False,
    probability: bool = False,
    channels: int = 3,
    dtype: str = "float32",
) -> Network:
    """The same patch discriminator, with weights of its own, at each of several scales.

    Each scale sees the mean of every 2x2 pixels of the one before: the coarser ones judge what
    is larger than a patch, the finest one texture.

    The output is `[batch, rows, columns, n_scales]`, one channel a scale. The coarser ones' fewer
    logits are repeated up to the finest one's rows and columns. So every loss that is a mean over
    logits is the mean of the scales' losses, as in the paper, and what judges a place stands at
    it. Where the counts do not divide, some logits of a coarse scale are repeated once more than
    others.

    Args:
        filters: Channels after the first convolution; doubled in each, up to eight times.
        n_layers: Convolutions with stride two, see `patch`.
        n_scales: Scales, the picture's own included.
        normalization: `instance` (without affine parameters), `affine_instance`, `batch` or
            `none`.
        spectral: Spectral normalization of every kernel.
        probability: Sigmoid on top: probabilities instead of logits.
        channels: Channels of the input.
        dtype: Dtype policy; the output is float32.
    """
    inputs = keras.Input((None, None, channels), name="image")
    x: Any = inputs
    logits: list[Any] = []
    for scale in range(n_scales):
        if scale:
            x = keras.layers.AveragePooling2D(2, dtype="float32")(x)
        found = judge_patches(x, filters, n_layers, normalization, spectral, dtype)
        logits.append(RepeatTo(dtype="float32")([found, logits[0]]) if scale else found)
    x = keras.layers.Concatenate(dtype="float32")(logits) if n_scales > 1 else logits[0]
    outputs = keras.layers.Activation(
        "sigmoid" if probability else "linear", dtype="float32", name="judgement"
    )(x)

    options = {
        "filters": filters,
        "n_layers": n_layers,
        "n_scales": n_scales,
        "normalization": normalization,
        "spectral": spectral,
        "probability": probability,
        "channels": channels,
    }
    recipe = {
        "role": "discriminator",
        "architecture": "multiscale",
        "options": options,
        "dtype": dtype,
    }
    minimum = smallest_side(n_layers) * 2 ** (n_scales - 1)
    return Network(inputs, outputs, recipe=recipe, minimum=minimum)


@keras.saving.register_keras_serializable("style_gan_tf")
class RepeatTo(keras.layers.Layer):
    """`[map, larger]`: the map's nearest value at each place of the larger map.

    `[batch, rows, columns, channels]` to the rows and columns of `larger`, which gives its size
    alone.
    """

    def call(self, inputs: Any) -> Any:
        x, larger = inputs
        # By gathering: TensorFlow's resizing has no second derivative, and R1 takes one.
        for axis in (1, 2):
            size, wanted = tf.shape(x)[axis], tf.shape(larger)[axis]
            x = tf.gather(x, (2 * tf.range(wanted) + 1) * size // (2 * wanted), axis=axis)
        x.set_shape([None, *larger.shape[1:3], x.shape[3]])
        return x

    def compute_output_shape(self, input_shape: Any) -> Any:
        (batch, _, _, channels), (_, rows, columns, _) = input_shape
        return (batch, rows, columns, channels)
