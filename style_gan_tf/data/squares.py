"""Pictures to look at and to measure on: squares of one size, in a fixed order."""

import numpy as np

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.loading import Loader
from style_gan_tf.data.source import Source, Subset
from style_gan_tf.data.split import split
from style_gan_tf.images import resize_short_side


def held_out_pictures(source: Source, count: int, size: int) -> np.ndarray:
    """Held-out pictures of a source, spread evenly over them.

    Args:
        source: The whole source or any part of it.
        count: How many; fewer come where there are fewer.
        size: See `read_squares`.

    Returns:
        float32 [n, size, size, 3] in [-1, 1], in the order of the keys.

    Raises:
        UserError: When no held-out picture is readable.
    """
    if count < 1:
        return np.zeros((0, size, size, 3), np.float32)
    return read_squares(spread(split(source, "held_out"), count), size)[0]


def spread(source: Source, count: int) -> Source:
    """So many pictures, evenly over the whole: names often go by subject."""
    if count >= len(source):
        return source
    places = np.linspace(0, len(source) - 1, count).round().astype(int)
    return Subset(source, [int(place) for place in places])


def read_squares(source: Source, size: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Read all pictures of a source; unreadable ones are skipped and counted.

    Args:
        source: The pictures.
        size: The short side is resized to it, and the middle square is cut out.

    Returns:
        float32 [n, size, size, 3] in [-1, 1] in the order of the keys, and the keys.

    Raises:
        UserError: When none is readable.
    """
    loader = Loader(source, Augmentation(crop=size, load_size=size), max_pixels=source.max_pixels)
    loader.require_one()
    pictures: list[np.ndarray] = []
    names = []
    for index, key in enumerate(source.keys):
        picture = loader.try_load(index)
        if picture is not None:
            pictures.append(_middle(resize_short_side(picture, size), size))
            names.append(key)
    stacked = np.array(pictures, np.float32).reshape(-1, size, size, 3)
    return stacked / np.float32(127.5) - 1, tuple(names)


def _middle(rgb: np.ndarray, size: int) -> np.ndarray:
    top, left = (rgb.shape[0] - size) // 2, (rgb.shape[1] - size) // 2
    return rgb[top : top + size, left : left + size]
