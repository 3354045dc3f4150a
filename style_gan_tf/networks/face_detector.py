"""Where faces are in a picture: YuNet (Wu, Peng and Yu 2023), which comes with the package."""

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from style_gan_tf.images import eight_bits
from style_gan_tf.networks.extractors import PACKAGED

_FILE = "face_detection_yunet_2026may.onnx"
_THRESHOLD = 0.7
# YuNet was trained on faces of 10 to 300 pixels in pictures of 640: smaller pictures are enlarged.
LONG_SIDE = 640
_SUPPRESSED = 0.3  # overlap from which on two boxes are one face
_MOST = 5000  # candidates

# From a picture, float32 `[height, width, 3]` in [-1, 1], to the faces' boxes, float
# `[faces, 4]`: left, top, width, height in pixels.
FaceDetector = Callable[[np.ndarray], np.ndarray]

_one_at_a_time = threading.Lock()  # the detector keeps the size of the picture it is at


def find_faces(picture: np.ndarray, long_side: int = LONG_SIDE) -> np.ndarray:
    """Faces found by YuNet with a score of 0.7 or more.

    Args:
        picture: float32 `[height, width, 3]`, RGB in [-1, 1].
        long_side: Pictures whose longer side is shorter are enlarged to it. Less finds fewer of the
            small faces in a fraction of the time.

    Returns:
        float32 `[faces, 4]`: left, top, width and height in pixels; parts may lie outside.
    """
    import cv2

    height, width = picture.shape[:2]
    scale = max(1.0, long_side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = np.ascontiguousarray(eight_bits(picture)[..., ::-1])
    with _one_at_a_time:
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
