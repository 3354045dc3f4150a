"""Pictures to look at and to measure on: squares of one size, in a fixed order."""

import numpy as np

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.degradation import degrade_all
from style_gan_tf.data.loading import Loader
from style_gan_tf.data.pair_loading import PairLoader
from style_gan_tf.data.pairs import Pairs
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
    return Subset(source, _evenly(len(source), count))


def _evenly(total: int, count: int) -> list[int]:
    return [int(place) for place in np.linspace(0, total - 1, count).round()]


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


def held_out_pairs(pairs: Pairs, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Held-out pairs, spread evenly over them; see `read_square_pairs`."""
    if count < 1:
        empty = np.zeros((0, size, size, 3), np.float32)
        return empty, empty
    return read_square_pairs(spread_pairs(pairs.part("held_out"), count), size)[:2]


def spread_pairs(pairs: Pairs, count: int) -> Pairs:
    """So many pairs, evenly over the whole."""
    return pairs if count >= len(pairs) else pairs.pick(_evenly(len(pairs), count))


def read_square_pairs(pairs: Pairs, size: int) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Read all pairs; unreadable ones are skipped and counted.

    Args:
        pairs: The pairs; degradations are drawn from a fixed seed and each pair's place, so that
            figures of two runs compare.
        size: The short side is resized to it, and the middle square is cut out.

    Returns:
        Contents and targets, float32 [n, size, size, 3] in [-1, 1] in the order of the keys, and
        the targets' keys.

    Raises:
        UserError: When none is readable.
    """
    augmentation = Augmentation(crop=size, load_size=size)
    loader = PairLoader(pairs, augmentation, max_pixels=pairs.target.max_pixels)
    loader.require_one()
    read = [(key, loader.try_load(index)) for index, key in enumerate(pairs.target.keys)]
    views = [(key, _middle(pair, size)) for key, pair in read if pair is not None]
    stacked = np.array([view for _, view in views], np.float32) / np.float32(127.5) - 1
    target = stacked[..., -3:]
    content = degrade_all(target, pairs.degradations) if pairs.degradations else stacked[..., :3]
    return content, target, tuple(key for key, _ in views)


def _middle(rgb: np.ndarray, size: int) -> np.ndarray:
    top, left = (rgb.shape[0] - size) // 2, (rgb.shape[1] - size) // 2
    return rgb[top : top + size, left : left + size]
