"""A cel renderer: photographs become cartoons of flat regions and dark outlines.

After Winnemoeller, Olsen and Gooch, "Real-time video abstraction", SIGGRAPH 2006: smooth along
edges, quantize the light softly, draw lines by a difference of Gaussians (as sharpened in
Winnemoeller, Kyprianidis and Olsen, "XDoG", 2012). In place of smoothing alone, regions are made
flat by mean shift (Comaniciu and Meer 2002), and lines too short to be any are left out.

It is a teacher: a generator learns it from pairs in minutes, paints in a fraction of its time, and
rounds off where it is hard (bands in the sky, broken lines).
"""

import numpy as np

from style_gan_tf.images.optical_flow import open_cv

_DESIGNED_AT = 512  # pixels of the short side that the widths below are meant for
_LIFT = 0.88  # exponent of lightness: print is lighter in the shadows than photographs
_PASSES, _SMOOTH_COLOR, _SMOOTH_REACH = 3, 10.0, 4.0  # CIELAB, pixels
_SHIFT_REACH, _SHIFT_COLOR = 12, 18  # pixels, of 255
_STEP = 11.0  # of lightness, between two tones of a region
_SOFT, _WITHIN = 8.0, 0.4  # how steep a tone's border is, and how much of the slope is left within
_CHROMA = 1.25
_LINE, _WIDER, _DARKER = 1.1, 1.64, 0.98  # sigma in pixels, ratio, weight of the wider Gaussian
_THRESHOLD, _STEEP = 0.006, 70.0
_SHORTEST = 24  # pixels of a line
_INK = (0.1, 0.35)  # what is left of lightness and of chroma under a line


def render_cel(rgb: np.ndarray) -> np.ndarray:
    """Draw a photograph as a cartoon; the same photograph always gives the same one.

    Widths follow the picture's short side, so that it looks alike at any size.

    Args:
        rgb: uint8 [height, width, 3].

    Returns:
        uint8 [height, width, 3].
    """
    cv2 = open_cv()
    scale = min(rgb.shape[:2]) / _DESIGNED_AT
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab[..., 0] = 100 * (lab[..., 0] / 100) ** _LIFT
    for _ in range(_PASSES):
        lab = cv2.bilateralFilter(lab, -1, _SMOOTH_COLOR, max(_SMOOTH_REACH * scale / 1.4, 0.5))
    flat = _flat_regions(lab, scale)
    ink = _lines(lab[..., 0] / 100, scale)[..., np.newaxis]
    left = np.array([_INK[0], _INK[1], _INK[1]], np.float32)
    drawn = flat * (left + (1 - left) * ink)
    out = cv2.cvtColor(drawn.astype(np.float32), cv2.COLOR_LAB2RGB)
    return np.clip(255 * out + 0.5, 0, 255).astype(np.uint8)


def _flat_regions(lab: np.ndarray, scale: float) -> np.ndarray:
    """Regions of one colour each, in tones of lightness: CIELAB of a smoothed picture."""
    cv2 = open_cv()
    eight = np.clip(255 * cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) + 0.5, 0, 255).astype(np.uint8)
    eight = cv2.pyrMeanShiftFiltering(eight, max(_SHIFT_REACH * scale, 2), _SHIFT_COLOR, maxLevel=1)
    flat = cv2.cvtColor(eight.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    tone = np.round(flat[..., 0] / _STEP) * _STEP
    within = np.tanh((flat[..., 0] - tone) / _STEP * _SOFT)
    flat[..., 0] = tone + 0.5 * _STEP * _WITHIN * within
    flat = cv2.bilateralFilter(flat, -1, _SMOOTH_COLOR, max(_SMOOTH_REACH * scale / 1.4, 0.5))
    return flat * np.array([1, _CHROMA, _CHROMA], np.float32)


def _lines(light: np.ndarray, scale: float) -> np.ndarray:
    """1 where there is paper, 0 where there is ink, float32 `[height, width]`."""
    cv2 = open_cv()
    sigma = max(_LINE * scale, 0.4)
    narrow, wide = (cv2.GaussianBlur(light, (0, 0), s) for s in (sigma, _WIDER * sigma))
    difference = narrow - _DARKER * wide - _THRESHOLD
    line = np.where(difference > 0, 1.0, 1 + np.tanh(_STEEP * difference))
    _, labels, facts, _ = cv2.connectedComponentsWithStats((line < 0.6).astype(np.uint8))
    short = facts[:, cv2.CC_STAT_AREA] < _SHORTEST * scale * scale
    line = np.where(short[labels], 1.0, line).astype(np.float32)
    return cv2.GaussianBlur(line, (0, 0), 0.65 * sigma)
