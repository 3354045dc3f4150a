"""How far apart two sets of pictures are in their patches, scale by scale; needs no weights."""

import numpy as np

_NEIGHBOURHOOD = 7
_PATCHES = 128  # of each picture, at each scale
_DIRECTIONS = 256
_SMALLEST = 16  # pixels a side


def sliced_wasserstein(left: np.ndarray, right: np.ndarray, seed: int = 0) -> float:
    """Sliced Wasserstein distance between Laplacian pyramids' patches, times 1000.

    Karras et al. 2018, section 5: 7x7 neighbourhoods from each level of the pyramid, normalized
    by the mean and deviation of each colour over both sets; the mean, over random directions and
    levels, of the Wasserstein-1 distance between the projections. Coarse levels see colours and
    composition, fine ones texture. Smaller is better; 0 for equal sets.

    Args:
        left: float32 `[n, size, size, 3]`.
        right: float32 `[m, size, size, 3]`; n and m may differ.
        seed: Of patches and directions: the same seed makes figures comparable.

    Returns:
        The distance times 1000.

    Raises:
        ValueError: When the sizes differ or a set is empty.
    """
    if left.shape[1:] != right.shape[1:] or not len(left) or not len(right):
        raise ValueError(f"cannot compare pictures {left.shape} with {right.shape}")
    return patches_distance(all_patches(left, seed), all_patches(right, seed), seed)


def all_patches(images: np.ndarray, seed: int = 0) -> list[np.ndarray]:
    """Patches of each level of the pyramid, float32 `[n, patches, height, width, 3]`.

    Args:
        images: float32 `[n, size, size, 3]`.
        seed: Of the patches' places.
    """
    return [_patches(level, seed) for level in _pyramid(images)]


def patches_distance(left: list[np.ndarray], right: list[np.ndarray], seed: int = 0) -> float:
    """`sliced_wasserstein` from what `all_patches` gives of both sets."""
    levels = zip(left, right, strict=True)
    return 1000.0 * float(np.mean([_distance(fine, other, seed) for fine, other in levels]))


def _pyramid(images: np.ndarray) -> list[np.ndarray]:
    """Band-pass levels from fine to coarse, and what is left below."""
    levels = []
    while min(images.shape[1:3]) >= 2 * _SMALLEST:
        height, width = (size // 2 * 2 for size in images.shape[1:3])
        images = images[:, :height, :width]
        blocks = images.reshape(len(images), height // 2, 2, width // 2, 2, 3)
        coarse = blocks.mean(axis=(2, 4))
        levels.append(images - coarse.repeat(2, axis=1).repeat(2, axis=2))
        images = coarse
    return [*levels, images]


def _patches(images: np.ndarray, seed: int) -> np.ndarray:
    """Random neighbourhoods `[n, patches, 7, 7, 3]`."""
    generator = np.random.default_rng(seed)
    count, height, width, _ = images.shape
    edge = min(_NEIGHBOURHOOD, height, width)
    rows = generator.integers(0, height - edge + 1, (count, _PATCHES))
    columns = generator.integers(0, width - edge + 1, (count, _PATCHES))
    windows = np.lib.stride_tricks.sliding_window_view(images, (edge, edge), axis=(1, 2))
    chosen = windows[np.arange(count)[:, None], rows, columns]
    return np.moveaxis(chosen.reshape(count, _PATCHES, 3, edge, edge), 2, -1)


def _distance(left: np.ndarray, right: np.ndarray, seed: int) -> float:
    left, right = (side.reshape(-1, *side.shape[2:]) for side in (left, right))
    both = np.concatenate([left, right])
    mean, deviation = both.mean(axis=(0, 1, 2)), both.std(axis=(0, 1, 2)) + 1e-8
    flat = [((side - mean) / deviation).reshape(len(side), -1) for side in (left, right)]
    directions = np.random.default_rng(seed + 1).normal(size=(flat[0].shape[1], _DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    # Quantiles, so that sets of different sizes compare.
    levels = (np.arange(min(map(len, flat))) + 0.5) / min(map(len, flat))
    projections = [
        _quantiles(np.sort(side @ directions.astype(side.dtype), axis=0), levels) for side in flat
    ]
    return float(np.abs(projections[0] - projections[1]).mean())


def _quantiles(ordered: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """The values of sorted columns at levels in (0, 1)."""
    return ordered[np.minimum((levels * len(ordered)).astype(int), len(ordered) - 1)]
