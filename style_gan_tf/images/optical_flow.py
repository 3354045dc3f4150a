"""Where the pixels of a picture were in the one before: optical flow, and pictures warped by it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from style_gan_tf.errors import UserError

_LARGEST = 1280 * 720  # pixels that flow is computed on; larger pictures are shrunk for it
# Of the test for occlusions, Sundaram, Brox and Keutzer 2010, equation 5.
_RELATIVE, _ABSOLUTE = 0.01, 0.5


@dataclass(frozen=True)
class Flow:
    """What became of the picture before.

    Attributes:
        back: float32 `[height, width, 2]`: what a pixel shows was so many pixels to the right and
            so many below, in the picture before.
        visible: bool `[height, width]`: whether the picture before showed it at all.
    """

    back: np.ndarray
    visible: np.ndarray


def optical_flow(before: np.ndarray, after: np.ndarray) -> Flow:
    """Find where each pixel of `after` was, by dense inverse search (Kroeger et al. 2016).

    A pixel was hidden, or outside, where the way back and the way forth do not meet.

    Args:
        before: uint8 `[height, width, 3]`, RGB.
        after: The same shape.

    Raises:
        UserError: When OpenCV is missing.
    """
    cv2 = open_cv()
    height, width = after.shape[:2]
    share = min(1.0, (_LARGEST / (height * width)) ** 0.5)
    # The search wants a few pixels to look at.
    size = max(round(width * share), 16), max(round(height * share), 16)
    greys = [cv2.cvtColor(np.ascontiguousarray(p), cv2.COLOR_RGB2GRAY) for p in (before, after)]
    greys = [_resized(cv2, grey, size) for grey in greys]
    search = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    back = search.calc(greys[1], greys[0], None)
    forth = search.calc(greys[0], greys[1], None)
    visible = _visible(cv2, back, forth)
    if size != (width, height):
        scale = np.array([width / size[0], height / size[1]], np.float32)
        back = _resized(cv2, back, (width, height)) * scale
        visible = _resized(cv2, visible.astype(np.uint8), (width, height), cv2.INTER_NEAREST) > 0
    return Flow(back, visible)


def warp(before: np.ndarray, flow: Flow) -> np.ndarray:
    """The picture before, moved to where the one after it shows the same things.

    Bicubic: bilinear interpolation would blur more with each picture of a video.

    Args:
        before: float32 `[height, width, 3]`.
        flow: From `optical_flow`.

    Returns:
        The same shape; without meaning where `flow.visible` is false.
    """
    cv2 = open_cv()
    places = _places(*flow.back.shape[:2]) + flow.back
    moved: np.ndarray = cv2.remap(
        before,
        places[..., 0],
        places[..., 1],
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return moved


def open_cv() -> Any:
    """OpenCV's module.

    Raises:
        UserError: When it is missing.
    """
    try:
        import cv2
    except ImportError:
        raise UserError("optical flow needs OpenCV: pip install 'style_gan_tf[video]'") from None
    return cv2


def _visible(cv2: Any, back: np.ndarray, forth: np.ndarray) -> np.ndarray:
    height, width = back.shape[:2]
    places = _places(height, width) + back
    x, y = places[..., 0], places[..., 1]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    again = cv2.remap(forth, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    gap = np.square(back + again).sum(-1)
    way = np.square(back).sum(-1) + np.square(again).sum(-1)
    return inside & (gap < _RELATIVE * way + _ABSOLUTE)


def _places(height: int, width: int) -> np.ndarray:
    """Across and down, float32 `[height, width, 2]`."""
    down, across = np.mgrid[:height, :width].astype(np.float32)
    return np.stack([across, down], -1)


def _resized(
    cv2: Any, image: np.ndarray, size: tuple[int, int], interpolation: int | None = None
) -> np.ndarray:
    if image.shape[1::-1] == size:
        return image
    way = cv2.INTER_LINEAR if interpolation is None else interpolation
    resized: np.ndarray = cv2.resize(image, size, interpolation=way)
    return resized
