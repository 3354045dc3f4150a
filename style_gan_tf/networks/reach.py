"""How far a network sees, and how much memory it takes for a pixel: read off its layers."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import keras
import tensorflow as tf

from style_gan_tf.networks.convolution import ReflectionPadding
from style_gan_tf.networks.dropout import Dropout
from style_gan_tf.networks.generators.fast import Repaint
from style_gan_tf.networks.generators.restorer import Restore
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.normalization import InstanceNormalization
from style_gan_tf.networks.resampling import (
    BlurPooling,
    BlurUpsampling,
    GridFreeUpsampling,
    NearestUpsampling,
    SpaceToDepth,
)
from style_gan_tf.networks.style_code import Strength

_ALIVE = 2  # feature maps of the largest size, at once: a layer's input and its output


@dataclass(frozen=True)
class Reach:
    """What a pass over a part of a picture has to know of a network.

    Attributes:
        pixels: A stylized pixel depends on no pixel of the picture that is further away, down or
            across, normalization statistics aside. Rounded up where a layer's padding could
            fall on either side.
        bytes_per_pixel: About how much memory a pass takes for each pixel of the picture.
    """

    pixels: int
    bytes_per_pixel: int


@dataclass(frozen=True)
class _Map:
    """A feature map: picture pixels from one place to the next, and beyond a place's own."""

    step: Fraction
    reach: Fraction


def reach(network: Network) -> Reach:
    """Follow the layers from the picture to the stylized picture.

    Raises:
        TypeError: For a layer that is not known here.
    """
    return reach_between(network.inputs[0], network.operations, network.outputs[0])


def reach_between(start: Any, operations: Iterable[Any], end: Any) -> Reach:
    """Like `reach`, from one feature map of a network to another, in places of the first.

    Args:
        start: A symbolic tensor of the network.
        operations: The layers between, in the network's order; others do no harm.
        end: A symbolic tensor that follows from `start`.
    """
    maps = {id(start): _Map(Fraction(1), Fraction(0))}
    largest = Fraction(0)
    for operation in operations:
        # What becomes of style weights has no places.
        takes = [maps[id(x)] for x in keras.tree.flatten(operation.input) if id(x) in maps]
        if not takes or isinstance(operation, keras.layers.InputLayer):
            continue
        found = _through(operation, takes)
        for output in keras.tree.flatten(operation.output):
            maps[id(output)] = found
            place = output.shape[-1] * tf.as_dtype(output.dtype).size
            largest = max(largest, place / found.step**2)
    return Reach(math.ceil(maps[id(end)].reach), math.ceil(_ALIVE * largest))


def _through(operation: Any, takes: list[_Map]) -> _Map:
    step = min(one.step for one in takes)
    # `Restore` lays the pixels of a coarser map out by itself.
    reached = max(one.reach + one.step - step for one in takes)
    if isinstance(operation, _IN_PLACE):
        return _Map(step, reached)
    for kind, rule in _RULES.items():
        if isinstance(operation, kind):
            new_step, more = rule(operation, step)
            return _Map(new_step, reached + more)
    raise TypeError(f"reach: the layer {type(operation).__name__} is not known")


# Layers where a place depends on itself alone, or on its neighbours as to the border alone.
_IN_PLACE = (
    keras.layers.Activation,
    keras.layers.Add,
    keras.layers.BatchNormalization,
    keras.layers.Concatenate,
    keras.layers.Cropping2D,
    keras.layers.Identity,
    keras.layers.LeakyReLU,
    keras.layers.ReLU,
    Dropout,
    InstanceNormalization,
    ReflectionPadding,
    Repaint,
    Restore,
    Strength,
)


def _convolution(layer: Any, step: Fraction) -> tuple[Fraction, Fraction]:
    return step * layer.strides[0], step * (layer.kernel_size[0] // 2)


def _transposed(layer: Any, step: Fraction) -> tuple[Fraction, Fraction]:
    stride = layer.strides[0]
    neighbours = -(-(layer.kernel_size[0] // 2) // stride)
    return step / stride, step * neighbours + _within(step, stride)


def _box_after_depth_to_space(layer: Any, step: Fraction) -> tuple[Fraction, Fraction]:
    fine = step / layer.block
    return fine, _within(step, layer.block) + fine * (layer.block // 2)


def _within(step: Fraction, block: int) -> Fraction:
    """From the first of the `block` new places inside an old one to the end of the old one."""
    return step / block * (block - 1)


# Layer -> the new step, and how much further its outputs reach.
_RULES: dict[Any, Callable[[Any, Fraction], tuple[Fraction, Fraction]]] = {
    keras.layers.Conv2D: _convolution,
    keras.layers.Conv2DTranspose: _transposed,
    SpaceToDepth: lambda layer, step: (step * layer.block, Fraction(0)),
    BlurPooling: lambda layer, step: (step * 2, step),
    # Before the layer that it is a kind of.
    BlurUpsampling: lambda layer, step: (step / 2, step),
    NearestUpsampling: lambda layer, step: (step / 2, step / 2),
    GridFreeUpsampling: _box_after_depth_to_space,
}
