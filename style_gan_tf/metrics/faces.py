"""Where faces are in a picture: YuNet (Wu, Peng and Yu 2023), which comes with the package."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from style_gan_tf.images import eight_bits
from style_gan_tf.networks.extractors import PACKAGED

_FILE = "face_detection_yunet_2026may.onnx"
_THRESHOLD = 0.7
# YuNet was trained on faces of 10 to 300 pixels in pictures of 640: smaller pictures are enlarged.
_LONG_SIDE = 640
_SUPPRESSED = 0.3  # overlap from which on two boxes are one face
_MOST = 5000  # candidates
_SAME_FACE = 0.3  # overlap, intersection over union: painters move noses, not heads

# From a picture, float32 `[height, width, 3]` in [-1, 1], to the faces' boxes, float
# `[faces, 4]`: left, top, width, height in pixels.
FaceDetector = Callable[[np.ndarray], np.ndarray]


def find_faces(picture: np.ndarray) -> np.ndarray:
    """Faces found by YuNet with a score of 0.7 or more.

    Args:
        picture: float32 `[height, width, 3]`, RGB in [-1, 1].

    Returns:
        float32 `[faces, 4]`: left, top, width and height in pixels; parts may lie outside.
    """
    import cv2

    height, width = picture.shape[:2]
    scale = max(1.0, _LONG_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = np.ascontiguousarray(eight_bits(picture)[..., ::-1])
    detector = _detector()
    detector.setInputSize(size)
    _, found = detector.detect(cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC))
    if found is None:
        return np.zeros((0, 4), np.float32)
    ratio = np.array([width / size[0], height / size[1]] * 2, np.float32)
    return np.asarray(found[:, :4], np.float32) * ratio


@functools.cache
def _detector() -> Any:
    import cv2

    # OpenCV 5 warns of a target that nobody chose.
    log = cv2.utils.logging
    level = log.setLogLevel(log.LOG_LEVEL_ERROR)
    try:
        path = str(PACKAGED / _FILE)
        return cv2.FaceDetectorYN.create(path, "", (320, 320), _THRESHOLD, _SUPPRESSED, _MOST)
    finally:
        log.setLogLevel(level)


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
