"""Faces of a photo and of its painting: which are found again, and which cells lie in them."""

import numpy as np

_SAME_FACE = 0.3  # overlap, intersection over union: painters move noses, not heads


def faces_found_again(before: np.ndarray, after: np.ndarray) -> int:
    """How many faces of a photo have one in its painting that overlaps.

    Each face of the painting counts for one of the photo, the best overlaps first.

    Args:
        before: Boxes in the photo, float `[n, 4]`: left, top, width, height.
        after: Boxes in the painting of the same size, float `[m, 4]`.

    Returns:
        From 0 to n; an overlap counts from 0.3 on (intersection over union).
    """
    overlaps = _overlaps(before, after)
    found = 0
    while overlaps.size and overlaps.max() >= _SAME_FACE:
        row, column = np.unravel_index(np.argmax(overlaps), overlaps.shape)
        overlaps[row, :] = overlaps[:, column] = -1.0
        found += 1
    return found


def _overlaps(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Intersection over union of all pairs, `[n, m]`."""
    starts = np.maximum(left[:, None, :2], right[None, :, :2])
    ends = np.minimum(
        left[:, None, :2] + left[:, None, 2:], right[None, :, :2] + right[None, :, 2:]
    )
    shared = np.prod(np.maximum(ends - starts, 0.0), axis=-1)
    areas = [np.prod(boxes[:, 2:], axis=-1) for boxes in (left, right)]
    return shared / np.maximum(areas[0][:, None] + areas[1][None, :] - shared, 1e-12)


def within_boxes(boxes: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Which points of a grid lie in one of the boxes.

    Args:
        boxes: float `[faces, 4]`: left, top, width, height in pixels.
        rows: Where the grid's rows are, in pixels, `[rows]`.
        columns: Where its columns are, `[columns]`.

    Returns:
        bool `[rows, columns]`.
    """
    inside = np.zeros((len(rows), len(columns)), bool)
    for left, top, width, height in np.asarray(boxes, np.float64).reshape(-1, 4):
        across = (columns >= left) & (columns <= left + width)
        down = (rows >= top) & (rows <= top + height)
        inside |= down[:, None] & across[None, :]
    return inside
