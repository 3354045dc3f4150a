"""How far a set of pictures is from another in its textures: Gram matrices."""

from collections.abc import Iterable, Iterator

import numpy as np
import tensorflow as tf

from style_gan_tf.networks.extractors import Extractor, gram_matrix

_AT_ONCE = 8  # pictures whose matrices wait to be summed


def mean_gram_matrices(extractor: Extractor, pictures: Iterable[np.ndarray]) -> list[np.ndarray]:
    """For each map of the extractor, the mean Gram matrix over the pictures.

    Args:
        extractor: Whose maps.
        pictures: float32 `[height, width, 3]` in [-1, 1]; sizes may differ.

    Returns:
        One float64 `[channels, channels]` a map.

    Raises:
        ValueError: When there is no picture.
    """
    sums: list[np.ndarray] = []
    count = 0
    for picture in pictures:
        maps = extractor.maps(tf.constant(picture[np.newaxis]))
        grams = [gram_matrix(features).numpy()[0].astype(np.float64) for features in maps]
        sums = [total + gram for total, gram in zip(sums, grams, strict=True)] if sums else grams
        count += 1
    if not count:
        raise ValueError("no pictures to take Gram matrices of")
    return [total / count for total in sums]


def half_mean_gram_matrices(
    extractor: Extractor, pictures: Iterable[np.ndarray], masks: np.ndarray
) -> tuple[list[np.ndarray], list[list[np.ndarray]]]:
    """Mean Gram matrices of a set and of some halves of it; each picture is seen once.

    Args:
        extractor: Whose maps.
        pictures: float32 `[height, width, 3]` in [-1, 1]; sizes may differ.
        masks: bool `[halves, pictures]`; see `half_masks`.

    Returns:
        What `mean_gram_matrices` gives of all, and of each half; nothing of an empty half.

    Raises:
        ValueError: When there is no picture.
    """
    weights = np.concatenate([np.ones((1, masks.shape[1])), masks]).astype(np.float64)
    sums: list[np.ndarray] = []
    first = 0
    for block in _blocks(extractor, pictures):
        some = weights[:, first : first + len(block[0])]
        first += len(block[0])
        parts = [np.tensordot(some, grams, axes=1) for grams in block]
        sums = [total + part for total, part in zip(sums, parts, strict=True)] if sums else parts
    if not sums:
        raise ValueError("no pictures to take Gram matrices of")
    means = [
        [matrices[number] / count for matrices in sums] if count else []
        for number, count in enumerate(weights.sum(axis=1))
    ]
    return means[0], means[1:]


def _blocks(
    extractor: Extractor, pictures: Iterable[np.ndarray]
) -> Iterator[tuple[np.ndarray, ...]]:
    """Gram matrices of a few pictures at a time: for each map `[pictures, channels, channels]`."""
    waiting: list[list[np.ndarray]] = []
    for picture in pictures:
        waiting.append(mean_gram_matrices(extractor, [picture]))
        if len(waiting) == _AT_ONCE:
            yield tuple(np.stack(grams) for grams in zip(*waiting, strict=True))
            waiting = []
    if waiting:
        yield tuple(np.stack(grams) for grams in zip(*waiting, strict=True))


def style_distance(left: list[np.ndarray], right: list[np.ndarray]) -> float:
    """Distance between two lists of Gram matrices, relative to the second.

    The mean over the maps of `|G - G'|^2 / |G'|^2` (squared Frobenius norms): maps of large
    activations weigh no more than others. 0: the same; 1: as far as having no style at all.
    """
    terms = [
        np.sum((gram - wanted) ** 2) / np.sum(wanted**2)
        for gram, wanted in zip(left, right, strict=True)
    ]
    return float(np.mean(terms))


def style_difference(left: list[np.ndarray], right: list[np.ndarray]) -> float:
    """Distance between two lists of Gram matrices, the same both ways.

    The mean over the maps of `|G - G'| / sqrt(|G| |G'|)` (Frobenius norms). This is the one to ask
    which of several styles is nearest. By `style_distance`, relative to one side, a style of strong
    contrasts is near to everything: of ten paintings cut in two, 70 % of the halves have their
    other half as the nearest by it, and all of them by this one (docs/recipes.md). 0: the same;
    silent maps count nothing.
    """
    terms = []
    for one, other in zip(left, right, strict=True):
        scale = np.sqrt(np.linalg.norm(one) * np.linalg.norm(other))
        terms.append(np.linalg.norm(one - other) / scale if scale else 0.0)
    return float(np.mean(terms))
