"""Which parts of a picture have the colours of skin: CIELAB of cells of 8x8 pixels."""

from typing import Any

import numpy as np

from style_gan_tf.images.color_profile import linear_from_srgb

CELL = 8  # pixels a side
# CIELAB of skin of any tone: lightness, red against green, yellow against blue.
SKIN_LIGHTNESS = (35.0, 92.0)
SKIN_A = (5.0, 35.0)
SKIN_B = (-2.0, 40.0)
# sRGB's primaries in CIE XYZ over D65, each row in units of the white point (IEC 61966-2-1).
WHITE_UNITS = (
    (0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339 / 1.08883, 0.1191920 / 1.08883, 0.9503041 / 1.08883),
)


def cell_means(image: np.ndarray) -> np.ndarray:
    """Means of the cells of a picture, those at the border narrower where they do not fit.

    Args:
        image: float `[height, width, 3]`, sRGB in [-1, 1].

    Returns:
        float32 `[rows, columns, 3]` in [0, 1]; what lay beyond is clipped. What is left over is
        halved between both borders, as TensorFlow's pooling does.
    """
    height, width = image.shape[:2]
    pads = [(-side % CELL // 2, -side % CELL - -side % CELL // 2) for side in (height, width)]

    def sums(values: np.ndarray) -> np.ndarray:
        padded = np.pad(values, (*pads, (0, 0)))
        rows, columns = (side // CELL for side in padded.shape[:2])
        return padded.reshape(rows, CELL, columns, CELL, -1).sum(axis=(1, 3))

    counts = sums(np.ones((height, width, 1), np.float32))
    means = sums(np.asarray(image, np.float32)) / counts
    return np.clip(0.5 * means + 0.5, 0.0, 1.0).astype(np.float32)


def cell_middles(side: int) -> np.ndarray:
    """Where the middles of the cells along a side of so many pixels lie, in pixels."""
    return (np.arange(-(-side // CELL)) + 0.5) * CELL - -side % CELL // 2


def cells_lab(image: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of the means of cells of 8x8 pixels.

    Args:
        image: float `[height, width, 3]`, sRGB in [-1, 1].

    Returns:
        float32 `[rows, columns, 3]`: L in 0..100, a, b.
    """
    xyz = linear_from_srgb(cell_means(image)) @ np.array(WHITE_UNITS, np.float32).T
    edge = np.float32((6.0 / 29.0) ** 3)
    root = np.where(
        xyz > edge, np.cbrt(xyz), xyz * np.float32((29.0 / 6.0) ** 2 / 3.0) + np.float32(4 / 29)
    )
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)], axis=-1)


def is_skin(lab: Any, darkest: float = SKIN_LIGHTNESS[0]) -> Any:
    """Whether cells have the colours of skin: bool `[...]` of CIELAB `[..., 3]`.

    Arrays and tensors alike: the loss and the figure share it.

    Args:
        lab: CIELAB.
        darkest: The least lightness. Below 35 the cells of wood and brown earth are as many as
            those of very dark skin and of skin in the shade: a figure had better leave them out, a
            loss that keeps hues holds them all.
    """
    ranges = ((darkest, SKIN_LIGHTNESS[1]), SKIN_A, SKIN_B)
    within = [
        (lab[..., index] >= low) & (lab[..., index] <= high)
        for index, (low, high) in enumerate(ranges)
    ]
    return within[0] & within[1] & within[2]
