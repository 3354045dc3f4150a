"""What every feature extractor is, and where its weights lie."""

import dataclasses
import functools
import zipfile
import zlib
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UserError

# The float16 files that come with the package, and their licences.
PACKAGED = Path(__file__).parent / "weights"
# What reading a weights file raises when it is damaged, or something else.
UNREADABLE = (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclasses.dataclass(frozen=True)
class Extractor:
    """A fixed network whose feature maps measure pictures.

    Attributes:
        name: Stands beside every figure that rests on it; another set of weights is another name.
        network: Keras model, float32 `[batch, height, width, 3]` in [-1, 1] to its feature maps,
            from shallow to deep.
        layers: The maps' names in the field.
        minimum: The smallest height and width that it takes.
        size: Height and width that pictures are resized to first, bilinear with antialiasing;
            None: taken as they are.
        standardize: Whether statistics of its features are taken in units of the real set's
            deviation, dimension by dimension: raw activations differ in scale by orders.
    """

    name: str
    network: keras.Model
    layers: tuple[str, ...]
    minimum: int
    size: int | None = None
    standardize: bool = True

    def maps(self, images: Any) -> list[Any]:
        """Feature maps `[batch, rows, columns, channels]` of pictures in [-1, 1].

        Raises:
            ValueError: When the pictures are smaller than `minimum`.
        """
        if self.size is not None:
            images = tf.image.resize(images, [self.size, self.size], antialias=True)
        sides = [side for side in images.shape[1:3] if side is not None]  # In a graph for all.
        if min(sides, default=self.minimum) < self.minimum:
            raise ValueError(
                f"{self.name} takes pictures from {self.minimum} pixels a side, got "
                f"{images.shape[2]}x{images.shape[1]}"
            )
        outputs = self._graph(images)
        return list(outputs) if isinstance(outputs, list | tuple) else [outputs]

    @functools.cached_property
    def _graph(self) -> Any:
        # One graph for all sizes: test sets can have hundreds of them.
        return tf.function(
            lambda images: self.network(images, training=False),
            reduce_retracing=True,
            autograph=False,
        )

    def embed(self, images: Any) -> Any:
        """The deepest map's mean over all places: `[batch, channels]`."""
        return tf.reduce_mean(self.maps(images)[-1], axis=[1, 2])


def find_weights(given: Path | None, file: str, flag: str = "--extractor_weights") -> Path:
    """The weights file that was named, or the one that comes with the package.

    Args:
        given: What the user named; None: nothing.
        file: The name of the package's own.
        flag: How the user names a file, for the message.

    Raises:
        UserError: When there is none of the name that was given.
    """
    if given is None:
        return PACKAGED / file
    if not given.is_file():
        raise UserError(f"{flag}={given}: no such file; without {flag} the package's own is taken")
    return given


def set_weights(layer: keras.layers.Layer, values: list[np.ndarray], path: Path) -> None:
    """Give a layer its weights, of any floating type.

    Raises:
        UserError: When they are of another shape.
    """
    shapes = [tuple(weight.shape) for weight in layer.weights]
    given = [value.shape for value in values]
    if shapes != given:
        raise UserError(f"{path}: {layer.name} has weights {given}, not {shapes}")
    layer.set_weights([value.astype(np.float32) for value in values])


def caffe_pixels(images: Any) -> Any:
    """[-1, 1] RGB to what networks trained with Caffe take: BGR in 0..255 less its mean."""
    return images[..., ::-1] * 127.5 + (127.5 - keras.ops.array([103.939, 116.779, 123.68]))
