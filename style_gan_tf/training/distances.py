"""The distances that a run is evaluated by: each is made of real pictures and takes painted ones.

All of them are the smaller the better, and times 1000 unless they say otherwise.
"""

from typing import Protocol

import numpy as np
import tensorflow as tf

from style_gan_tf.metrics import (
    PerceptualDistance,
    embed,
    kernel_distance,
    mean_gram_matrices,
    sliced_wasserstein,
    standardized,
    style_distance,
)
from style_gan_tf.networks import Extractor

_ENLARGED = 224  # pixels a side, as the extractors' own training had


class Distance(Protocol):
    """How far painted pictures are from real ones.

    Attributes:
        name: The figure's, as `metrics.csv` has it.
        pictures: The real ones, float32 `[m, size, size, 3]` in [-1, 1].
    """

    name: str
    pictures: np.ndarray

    def __call__(self, painted: np.ndarray) -> float:
        """The distance of float32 `[n, size, size, 3]` in [-1, 1]."""


class KernelDistance:
    """KID over an extractor's features (Binkowski et al. 2018); of two pictures or more.

    Args:
        pictures: See `Distance`.
        extractor: Whose features.
        enlarge: Whether small pictures are enlarged first, as FID has it: at 64 pixels most of
            the features never move.
    """

    def __init__(self, pictures: np.ndarray, extractor: Extractor, enlarge: bool = False) -> None:
        self.name = f"kid_{extractor.name}"
        self.pictures, self._extractor, self._enlarge = pictures, extractor, enlarge
        # The real pictures' side of the comparison stays the same: it is computed once.
        self._real = self._embed(pictures)

    def __call__(self, painted: np.ndarray) -> float:
        """The distance of painted pictures, see `Distance`; at its end it may be negative."""
        fake = self._embed(painted)
        if not self._extractor.standardize:
            return kernel_distance(self._real, fake).value
        return kernel_distance(*standardized(self._real, fake)).value

    def _embed(self, pictures: np.ndarray) -> np.ndarray:
        if not self._enlarge or pictures.shape[1] >= _ENLARGED:
            return embed(self._extractor, pictures)
        size = [_ENLARGED, _ENLARGED]
        return embed(self._extractor, (tf.image.resize(p, size).numpy() for p in pictures))


class SlicedWasserstein:
    """Sliced Wasserstein distance: it needs no weights and takes pictures of any size.

    Args:
        pictures: See `Distance`.
    """

    name = "sliced_wasserstein"

    def __init__(self, pictures: np.ndarray) -> None:
        self.pictures = pictures

    def __call__(self, painted: np.ndarray) -> float:
        """The distance of painted pictures, see `Distance`."""
        return sliced_wasserstein(painted, self.pictures)


class StyleDistance:
    """Distance of Gram matrices: one style picture has them as well as a hundred.

    Args:
        pictures: See `Distance`.
        extractor: Whose features.
    """

    def __init__(self, pictures: np.ndarray, extractor: Extractor) -> None:
        self.name = f"style_distance_{extractor.name}"
        self.pictures, self._extractor = pictures, extractor
        self._real = mean_gram_matrices(extractor, pictures)

    def __call__(self, painted: np.ndarray) -> float:
        """The distance of painted pictures, see `Distance`."""
        return 1000 * style_distance(mean_gram_matrices(self._extractor, painted), self._real)


class PairedDistance:
    """The mean distance of each painted picture from its own target.

    Args:
        pictures: The targets, see `Distance`.
        extractor: Perceptual distance is taken over its features; None, or pictures smaller than
            it takes: root mean square error in 8-bit grey levels, which needs no weights.
    """

    def __init__(self, pictures: np.ndarray, extractor: Extractor | None) -> None:
        self.pictures = pictures
        fits = extractor and (extractor.size is not None or pictures.shape[1] >= extractor.minimum)
        self._perceptual = PerceptualDistance(extractor) if extractor and fits else None
        self.name = self._perceptual.name if self._perceptual else "rmse"

    def __call__(self, painted: np.ndarray) -> float:
        """The distance of painted pictures, in the order of the targets; see `Distance`."""
        pairs = zip(painted, self.pictures, strict=True)
        return float(np.mean([self._measure(picture, target) for picture, target in pairs]))

    def _measure(self, picture: np.ndarray, target: np.ndarray) -> float:
        if self._perceptual is None:
            return 127.5 * float(np.sqrt(np.mean(np.square(picture - target))))
        both = (tf.constant(image[np.newaxis]) for image in (picture, target))
        return 1000.0 * float(self._perceptual(*both)[0])
