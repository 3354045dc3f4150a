"""Whole pictures, as they are but for their size."""

import numpy as np

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.loading import Loader
from style_gan_tf.data.source import Source
from style_gan_tf.data.squares import spread


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
