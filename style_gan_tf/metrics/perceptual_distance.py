"""How different two pictures look to a network: LPIPS, or the same without its weights."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UserError
from style_gan_tf.networks.extractors import (
    Extractor,
    torchvision_squeezenet,
    torchvision_vgg16,
)

_EPSILON = 1e-10


@dataclasses.dataclass(frozen=True)
class PerceptualDistance:
    """Distance between a network's features of two pictures.

    Zhang et al. 2018, equation 1: the maps are normalized to unit length over the channels at
    each place; the squared difference is weighted by channel, averaged over the places and summed
    over the maps.

    Attributes:
        extractor: Whose features.
        channel_weights: One array `[channels]` a map: LPIPS's linear layers; None: all channels
            weigh 1, and the figure is no LPIPS and is not called so.
    """

    extractor: Extractor
    channel_weights: tuple[np.ndarray, ...] | None = None

    @property
    def name(self) -> str:
        """What the figure is called, its extractor included."""
        kind = "perceptual" if self.channel_weights is None else "lpips"
        return f"{kind}_{self.extractor.name}"

    def __call__(self, left: Any, right: Any) -> Any:
        """Distances `[batch]` of pictures `[batch, height, width, 3]` in [-1, 1]; 0: the same."""
        maps = zip(self.extractor.maps(left), self.extractor.maps(right), strict=True)
        total = 0.0
        for index, (a, b) in enumerate(maps):
            squares = tf.square(_unit(a) - _unit(b))
            if self.channel_weights is not None:
                squares *= self.channel_weights[index]
            total += tf.reduce_mean(tf.reduce_sum(squares, axis=-1), axis=[1, 2])
        return total

    def vectors(self, images: Any) -> Any:
        """One vector a picture, `[batch, dimensions]`: distances are those between vectors.

        `self(left, right)` is the squared Euclidean distance of the vectors. LPIPS's weights are
        trained under the constraint that none is negative.
        """
        parts = []
        for index, features in enumerate(self.extractor.maps(images)):
            shape = tf.shape(features)
            scaled = _unit(features) / tf.sqrt(tf.cast(shape[1] * shape[2], features.dtype))
            if self.channel_weights is not None:
                scaled *= np.sqrt(self.channel_weights[index])
            parts.append(tf.reshape(scaled, [shape[0], -1]))
        return tf.concat(parts, axis=1)


def load_lpips(backbone: str | Path, linear: str | Path) -> PerceptualDistance:
    """LPIPS v0.1 over SqueezeNet or VGG16, whichever the linear layers belong to.

    Args:
        backbone: torchvision's weights of that network, as `.npz`.
        linear: LPIPS's linear layers as `.npz`: `lin0`, `lin1`, ...

    Raises:
        UserError: When a file is missing or does not fit.
    """
    try:
        with np.load(linear, allow_pickle=False) as file:
            weights = tuple(file[f"lin{index}"].reshape(-1) for index in range(len(file.files)))
    except (OSError, KeyError, ValueError):
        raise UserError(f"{linear}: not LPIPS's linear layers (lin0, lin1, ...) as .npz") from None
    load = torchvision_squeezenet if len(weights) == 7 else torchvision_vgg16
    extractor = load(Path(backbone))
    channels = [output.shape[-1] for output in extractor.network.outputs]
    if [len(weight) for weight in weights] != channels:
        raise UserError(f"{linear}: linear layers of another network than {extractor.name}")
    return PerceptualDistance(extractor, weights)


def _unit(features: Any) -> Any:
    """Unit length over the channels, as LPIPS's code has it."""
    norm = tf.sqrt(tf.reduce_sum(tf.square(features), axis=-1, keepdims=True))
    return features / (norm + _EPSILON)
