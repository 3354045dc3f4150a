"""Whole pictures, as they are but for their size."""

import numpy as np
from PIL import Image

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.loader import Loader
from style_gan_tf.data.source import Source
from style_gan_tf.data.squares import spread
from style_gan_tf.errors import UserError
from style_gan_tf.images import ImageError


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
