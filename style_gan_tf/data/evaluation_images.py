"""Pictures to look at and to measure on, in a fixed order: squares of one size, or whole ones."""

import numpy as np
from PIL import Image

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.degradation import degrade_all
from style_gan_tf.data.loader import Loader
from style_gan_tf.data.source import Source, Subset
from style_gan_tf.data.split import split
from style_gan_tf.errors import UserError
from style_gan_tf.images import ImageError


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


def whole_pictures(source: Source, count: int, short_side: int) -> list[np.ndarray]:
    """Some pictures of a source, spread evenly over it; unreadable ones are skipped.

    Args:
        source: The pictures.
        count: How many at most.
        short_side: In pixels; each is resized to it, uncropped.

    Returns:
        float32 `[height, width, 3]` in [-1, 1], in the order of the keys.

    Raises:
        UserError: When none is readable and large enough.
    """
    loader = Loader(
        spread(source, count),
        Augmentation(crop=short_side, load_size=short_side),
        max_pixels=source.max_pixels,
    )
    loader.require_one()
    loaded = (loader.try_load(index) for index in range(min(count, len(source))))
    return [rgb / np.float32(127.5) - 1 for rgb in loaded if rgb is not None]


def read_whole_pictures(source: Source, longest: int) -> tuple[list[np.ndarray], tuple[str, ...]]:
    """Read all pictures of a source, uncropped; unreadable ones are skipped and counted.

    Args:
        source: The pictures.
        longest: Pixels of the longer side, at most: larger pictures are shrunk, smaller ones stay
            as they are.

    Returns:
        float32 `[height, width, 3]` in [-1, 1] in the order of the keys, and the keys.

    Raises:
        UserError: When none is readable.
    """
    pictures, names = [], []
    for index, key in enumerate(source.keys):
        try:
            rgb = source.picture(index, max_pixels=source.max_pixels, at_least=longest)
        except (ImageError, OSError) as error:
            source.skip(key, getattr(error, "strerror", None) or str(error))
            continue
        pictures.append(_shrunk(rgb, longest) / np.float32(127.5) - 1)
        names.append(key)
    if not pictures:
        raise UserError(f"{source.spec}: no picture in this part of the data can be read")
    return pictures, tuple(names)


def _shrunk(rgb: np.ndarray, longest: int) -> np.ndarray:
    height, width = rgb.shape[:2]
    if max(height, width) <= longest:
        return rgb
    scale = longest / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.array(Image.fromarray(rgb).resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0))
