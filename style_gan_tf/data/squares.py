"""Pictures to look at and to measure on: squares of one size, in a fixed order."""

import numpy as np

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.degradation import degrade_all
from style_gan_tf.data.loader import Loader
from style_gan_tf.data.source import Source, Subset
from style_gan_tf.data.split import split


def held_out_pictures(source: Source, count: int, size: int) -> np.ndarray:
    """Held-out pictures of a source, spread evenly over them.

    Args:
        source: The whole source or any part of it.
        count: How many; fewer come where there are fewer.
        size: See `read_squares`.

    Returns:
        float32 [n, size, size, 3] in [-1, 1], in the order of the keys; of pairs
        [n, size, size, 6].

    Raises:
        UserError: When no held-out picture is readable.
    """
    if count < 1:
        return np.zeros((0, size, size, source.channels), np.float32)
    return read_squares(spread(split(source, "held_out"), count), size)[0]


def spread(source: Source, count: int) -> Source:
    """So many pictures, evenly over the whole: names often go by subject."""
    if count >= len(source):
        return source
    places = np.linspace(0, len(source) - 1, count).round()
    return Subset(source, [int(place) for place in places])


def read_squares(source: Source, size: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Read all pictures of a source; unreadable ones are skipped and counted.

    Args:
        source: The pictures or pairs; degradations are drawn from a fixed seed and each picture's
            place, so that figures of two runs compare.
        size: The short side is resized to it, and the middle square is cut out.

    Returns:
        float32 [n, size, size, 3] in [-1, 1] in the order of the keys, and the keys. Of pairs
        [n, size, size, 6], the content's channels first.

    Raises:
        UserError: When none is readable.
    """
    loader = Loader(source, Augmentation(crop=size, load_size=size), max_pixels=source.max_pixels)
    loader.require_one()
    read = [(key, loader.try_load(index)) for index, key in enumerate(source.keys)]
    squares = [(key, _middle(picture, size)) for key, picture in read if picture is not None]
    images = np.array([square for _, square in squares], np.float32) / np.float32(127.5) - 1
    if source.degradations:
        damaged = degrade_all(images, source.degradations)
        images = np.concatenate([damaged, images], axis=-1)
    return images, tuple(key for key, _ in squares)


def _middle(rgb: np.ndarray, size: int) -> np.ndarray:
    top, left = (rgb.shape[0] - size) // 2, (rgb.shape[1] - size) // 2
    return rgb[top : top + size, left : left + size]
