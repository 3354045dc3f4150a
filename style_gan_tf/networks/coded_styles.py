"""Styles as codes: taken from pictures, mixed, and given to the generator that they drive.

A code is `1 + numbers` long: how much of the style there is, and what drives the normalizations
times that. So a code times 0.6 is the style at strength 0.6, and the sum of codes, each times its
weight, is their mixture; all zeros are the photo.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from style_gan_tf.networks.network import Network

REFERENCE_SIDE = 176  # pixels, the short side that references are seen at where a run said none
_LONGEST = 4  # times the short side; beyond it the middle is taken
_CODE_LAYER = "style_code"


def encode_style(network: Network, references: Any) -> Any:
    """The style codes of pictures of one size, any size.

    They are seen at one size, the one that training cut its crops from, for strokes of three
    pixels and of thirty are two styles.

    Args:
        network: A generator with a style encoder.
        references: float32 `[batch, height, width, 3]` in [-1, 1].

    Returns:
        float32 `[batch, 1 + numbers]`, in full strength.
    """
    middle = seen_of(tf.convert_to_tensor(references))
    lengths = tf.cast(tf.shape(middle)[1:3], tf.float32)
    factor = network.recipe.get("reference_side", REFERENCE_SIDE) / tf.reduce_min(lengths)
    sides = tf.cast(tf.round(lengths * factor), tf.int32)
    seen = tf.image.resize(middle, sides, "bicubic", antialias=True)
    code = network.style_encoder(tf.clip_by_value(seen, -1.0, 1.0), training=False)
    return tf.pad(code, [[0, 0], [1, 0]], constant_values=1.0)


def seen_of(pictures: Any) -> Any:
    """What the encoder sees of pictures `[..., height, width, 3]`: of long ones the middle."""
    lengths = tf.shape(pictures)[-3:-1]
    sides = tf.minimum(lengths, _LONGEST * tf.reduce_min(lengths))
    top, left = tf.unstack((lengths - sides) // 2)
    return pictures[..., top : top + sides[0], left : left + sides[1], :]


def named_codes(network: Network) -> np.ndarray:
    """The codes of the generator's named styles: float32 `[num_styles, 1 + numbers]`."""
    drives = np.asarray(network.get_layer(_CODE_LAYER).get_weights()[0])
    return np.pad(drives, [(0, 0), (1, 0)], constant_values=1.0)


def rendered_codes(network: Network, codes: Any, noise: Any, style_weights: Any) -> Any:
    """The codes of single renderings of a style, or of a mixture of styles.

    Args:
        network: A generator with a mapping network.
        codes: Its `named_codes`.
        noise: float32 `[batch, latent_dim]`.
        style_weights: float32 `[batch, num_styles]`, which sum to at most 1.

    Returns:
        float32 `[batch, 1 + numbers]`.
    """
    noise, weights = (tf.convert_to_tensor(x, tf.float32) for x in (noise, style_weights))
    added = network.mapping([noise, weights], training=False)
    return tf.matmul(weights, codes) + tf.pad(added, [[0, 0], [1, 0]])


def is_coded(network: Network) -> bool:
    """Whether it has more styles than names: pictures' or noise's, each a code."""
    return network.style_encoder is not None or network.mapping is not None


def by_code(network: Network) -> Network:
    """A copy that takes a style code in the place of style weights.

    Args:
        network: A generator that takes style weights, of an architecture with the option
            `by_code`.
    """
    config = network.get_config()
    config["options"]["by_code"] = True
    copy = Network.from_config(config)
    sources = [layer for layer in network.layers if layer.weights and layer.name != _CODE_LAYER]
    targets = [layer for layer in copy.layers if layer.weights]
    for target, source in zip(targets, sources, strict=True):
        target.set_weights(source.get_weights())
    for name in ("style_encoder", "mapping"):
        if (part := getattr(network, name)) is not None:
            getattr(copy, name).set_weights(part.get_weights())
    return copy


def with_drives(network: Network) -> keras.Model:
    """The generator itself, its weights and all, with what drives the normalizations given.

    For training: `[images, style_weights, drives]`, of which the style weights' sum alone counts,
    and `drives` are codes without their first number.
    """
    return keras.Model(inputs_and_drives(network), network.output, name="with_drives")


def inputs_and_drives(network: Network) -> list[Any]:
    """The tensors that `with_drives` takes, for other models of the same layers."""
    return [*network.inputs, network.get_layer(_CODE_LAYER).output]
