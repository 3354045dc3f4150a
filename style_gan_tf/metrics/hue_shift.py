"""How far a painting turns the colours of sky, leaves and skin: red rivers, green faces.

Regions go by the colours of the photo's cells of 8x8 pixels, in Oklab (Ottosson 2020), whose hue is
even to the eye. Hue is an angle: 35 degrees lead from red to orange, 110 from leaf green to sky
blue, 180 to the opposite. What has no colour has no hue, so that cells count by the colour that
they have on both sides.
"""

from collections.abc import Callable

import numpy as np

from style_gan_tf.images import oklab
from style_gan_tf.images.skin_color import cell_means, cells_lab, is_skin
from style_gan_tf.metrics.crops import Pictures

_COLORED = 0.03  # Oklab's chroma from which on a cell has a hue
_LEAST_SHARE = 0.02  # of a photo's cells: less is a speck and no region
# Degrees of Oklab's hue, and lightness.
_SKY_HUES, _SKY_LIGHTNESS = (215.0, 275.0), 0.45
_LEAF_HUES = (105.0, 160.0)


def _sky(photo: np.ndarray, colors: np.ndarray) -> np.ndarray:
    return _between(colors, *_SKY_HUES) & (colors[..., 0] >= _SKY_LIGHTNESS)


def _leaves(photo: np.ndarray, colors: np.ndarray) -> np.ndarray:
    return _between(colors, *_LEAF_HUES)


def _skin(photo: np.ndarray, colors: np.ndarray) -> np.ndarray:
    return np.asarray(is_skin(cells_lab(photo)))


# From a photo and its cells' Oklab to the cells that belong to the region.
REGIONS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "sky": _sky,
    "leaves": _leaves,
    "skin": _skin,
}


def hue_shifts(photos: Pictures, paintings: Pictures, region: str) -> np.ndarray:
    """The mean turn of hue in a region, of each photo that has it.

    Args:
        photos: float32 `[height, width, 3]` in [-1, 1].
        paintings: What was made of them, of the same sizes.
        region: A name in REGIONS. `sky` is whatever is light and blue, water too; `skin` whatever
            has skin's colours, wood and sand too.

    Returns:
        float64 `[photos with that region]`: degrees from 0 to 180, cells weighed by the root of
        the product of both chromas. A photo whose region has lost all colour is left out.
    """
    found = []
    for photo, painting in zip(photos, paintings, strict=True):
        before, after = oklab(cell_means(photo)), oklab(cell_means(painting))
        cells = REGIONS[region](photo, before) & (_chroma(before) >= _COLORED)
        if cells.mean() < _LEAST_SHARE:
            continue
        weights = np.sqrt(_chroma(before) * _chroma(after))[cells]
        if weights.sum() > 0.1 * _COLORED * weights.size:
            found.append(np.average(_turned(before, after)[cells], weights=weights))
    return np.array(found, np.float64)


def chroma_ratios(photos: Pictures, paintings: Pictures) -> np.ndarray:
    """How colourful each painting is against its photo: mean Oklab chroma over mean chroma.

    Args:
        photos: float32 `[height, width, 3]` in [-1, 1].
        paintings: What was made of them, of the same sizes.

    Returns:
        float64 `[photos that have colours]`; 1: as colourful, 0: grey.
    """
    found = []
    for photo, painting in zip(photos, paintings, strict=True):
        before, after = (_chroma(oklab(cell_means(side))).mean() for side in (photo, painting))
        if before >= 0.1 * _COLORED:
            found.append(after / before)
    return np.array(found, np.float64)


def _chroma(lab: np.ndarray) -> np.ndarray:
    return np.hypot(lab[..., 1], lab[..., 2])


def _hue(lab: np.ndarray) -> np.ndarray:
    """Degrees from 0 to 360."""
    return np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360.0


def _between(lab: np.ndarray, low: float, high: float) -> np.ndarray:
    return (_hue(lab) >= low) & (_hue(lab) <= high)


def _turned(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Degrees between two hues, 0 to 180."""
    apart = np.abs(_hue(before) - _hue(after))
    return np.minimum(apart, 360.0 - apart)
