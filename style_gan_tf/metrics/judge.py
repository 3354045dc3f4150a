"""Stylized pictures before the judge: all their figures at once."""

import dataclasses
import functools
from typing import Any

import numpy as np

from style_gan_tf.metrics.case import HALVES, Case
from style_gan_tf.metrics.crops import Crops, Pictures, cut_crops
from style_gan_tf.metrics.embedding import embed
from style_gan_tf.metrics.half_sets import half_masks
from style_gan_tf.metrics.kernel_distance import Estimate
from style_gan_tf.metrics.perceptual_distance import PerceptualDistance
from style_gan_tf.metrics.registry import METRICS
from style_gan_tf.metrics.sharpness import detail_levels
from style_gan_tf.metrics.skin import find_in_all
from style_gan_tf.metrics.sliced_wasserstein import all_patches
from style_gan_tf.metrics.style_distance import half_mean_gram_matrices, mean_gram_matrices
from style_gan_tf.networks.extractors import VGG19, Extractor, load_extractor
from style_gan_tf.networks.face_detector import FaceDetector, find_faces


class Judge:
    """Compares sets of pictures with one set of style images, and with their photos.

    Args:
        style: float32 `[height, width, 3]` in [-1, 1] each: what the stylized pictures shall look
            like.
        extractor: Whose features.
        perceptual: Perceptual distance; None: the unweighted one over `extractor`.
        crop: Sets are compared by squares of so many pixels that are cut out of whole pictures;
            0: the pictures are squares of one size, and compared as they are.
        detector: Finds faces.
        structure: Network of the figures of structure and of one painting's textures; None: VGG19
            as it comes with the package.
    """

    def __init__(
        self,
        style: Pictures,
        extractor: Extractor,
        perceptual: PerceptualDistance | None = None,
        *,
        crop: int = 0,
        detector: FaceDetector = find_faces,
        structure: Extractor | None = None,
    ) -> None:
        self.style = style
        self.extractor = extractor
        self.perceptual: PerceptualDistance = perceptual or PerceptualDistance(extractor)
        self.crop, self.detector = crop, detector
        self._structure = structure
        self._photos: Pictures | None = None
        self._boxes: list[np.ndarray] = []

    @functools.cached_property
    def structure(self) -> Extractor:
        return self._structure or load_extractor(VGG19)

    @functools.cached_property
    def both(self) -> Any:
        """What a figure of the extractor and of the perceptual distance is named by."""
        plain = self.perceptual.name == f"perceptual_{self.extractor.name}"
        return self.extractor if plain else self.perceptual

    @functools.cached_property
    def style_crops(self) -> Crops:
        return cut_crops(self.style, self.crop)

    @functools.cached_property
    def style_embeddings(self) -> np.ndarray:
        return embed(self.extractor, self.style_crops.pictures)

    @functools.cached_property
    def style_grams(self) -> tuple[list[np.ndarray], list[list[np.ndarray]]]:
        """Mean Gram matrices of all, and of halves."""
        masks = half_masks(self.style_crops.groups, HALVES)
        return half_mean_gram_matrices(self.extractor, self.style_crops.pictures, masks)

    @functools.cached_property
    def painting_grams(self) -> list[np.ndarray]:
        return mean_gram_matrices(self.structure, self.style)

    @functools.cached_property
    def style_patches(self) -> list[np.ndarray]:
        return all_patches(self.style_crops.pictures)

    @functools.cached_property
    def style_detail(self) -> np.ndarray:
        return detail_levels(self.style)

    def faces_in(self, photos: Pictures) -> list[np.ndarray]:
        """The faces' boxes; the same photos are searched once, however many models paint them."""
        if self._photos is not photos:
            self._photos, self._boxes = photos, find_in_all(self.detector, photos)
        return self._boxes

    def measure(
        self,
        stylized: Pictures,
        content: Pictures | None = None,
        reference: Pictures | None = None,
    ) -> list["Figure"]:
        """All figures that can be had, in the order of METRICS.

        Args:
            stylized: float32 `[height, width, 3]` in [-1, 1] each.
            content: The photos that they were made of; None: nothing is said of content kept.
            reference: What they should have become, where that is known.
        """
        case = Case(self, stylized, content, reference)
        figures = []
        for name, metric in METRICS.items():
            estimate = metric.measure(case) if metric.needs <= case.has else None
            if estimate is not None:
                case.known[name] = Estimate(*estimate[:2])
                source = metric.features and getattr(self, metric.features).name
                figures.append(Figure(name, source, *estimate))
        return figures


@dataclasses.dataclass(frozen=True)
class Figure:
    """One figure of one set of pictures.

    Attributes:
        metric: Its name in METRICS.
        features: The network that it rests on, or nothing.
        value: The figure.
        error: Its standard error; NaN where it is not known.
        rests_on: Of how many of what it is, where not of all pictures: "34 faces".
    """

    metric: str
    features: str
    value: float
    error: float
    rests_on: str = ""

    @property
    def label(self) -> str:
        """Its name in tables and files: figures of two extractors are two names."""
        return f"{self.metric}_{self.features}" if self.features else self.metric
