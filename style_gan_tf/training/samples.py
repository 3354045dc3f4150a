"""Sheets of held-out pictures beside what the averaged generator makes of them."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.images import encode, sheet, write_file
from style_gan_tf.networks import Network, any_size


class Samples:
    """Stylizes the same few held-out pictures again and again.

    Args:
        pictures: float32 `[n, size, size, 3]` in [-1, 1].
    """

    def __init__(self, pictures: np.ndarray) -> None:
        self.pictures = pictures

    def sheet(self, generator: Network) -> np.ndarray:
        """Photos above, stylized below: uint8 `[height, width, 3]`."""
        # One by one: a sheet is no reason to need more memory than training does.
        stylized = [_stylize(generator, picture) for picture in self.pictures]
        return sheet([[to_uint8(p) for p in self.pictures], [to_uint8(p) for p in stylized]])

    def write(self, generator: Network, path: Path) -> np.ndarray:
        """Write the sheet as a file and return it."""
        picture = self.sheet(generator)
        write_file(path, encode(picture, format="png"))
        return picture


def _stylize(generator: Network, picture: np.ndarray) -> np.ndarray:
    return any_size(generator, tf.constant(picture[np.newaxis])).numpy()[0]


def to_uint8(picture: Any) -> np.ndarray:
    """[-1, 1] to 0..255, rounded."""
    return np.clip(np.round((np.asarray(picture) + 1.0) * 127.5), 0, 255).astype(np.uint8)
