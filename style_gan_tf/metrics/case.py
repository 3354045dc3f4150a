"""One set of stylized pictures before the judge: what several figures share is computed once."""

import functools
from typing import TYPE_CHECKING

import numpy as np

from style_gan_tf.metrics.crops import Crops, Pictures, cut_crops
from style_gan_tf.metrics.embedding import embed, standardized
from style_gan_tf.metrics.half_sets import half_masks
from style_gan_tf.metrics.kernel_distance import Estimate
from style_gan_tf.metrics.skin import Faces, compare_faces
from style_gan_tf.metrics.style_distance import half_mean_gram_matrices

if TYPE_CHECKING:
    from style_gan_tf.metrics.judge import Judge

HALVES = 20  # for the errors of all figures but KID; such an error is known to a sixth of itself


class Case:
    """Stylized pictures, what they were made of, and the judge who compares them.

    Attributes:
        known: The figures that were measured already, by their names in METRICS.
        has: What there is to compare with: `content`, `reference`, `styles` (two style images or
            more), `one_style` (a single one).
    """

    def __init__(
        self,
        judge: "Judge",
        stylized: Pictures,
        content: Pictures | None,
        reference: Pictures | None,
    ) -> None:
        self.judge, self.stylized = judge, stylized
        self.content, self.reference = content, reference
        given = {
            "content": content is not None,
            "reference": reference is not None,
            "styles": len(judge.style) > 1 and len(stylized) > 1,
            "one_style": len(judge.style) == 1,
        }
        self.known: dict[str, Estimate] = {}
        self.has = frozenset(name for name, there in given.items() if there)

    @functools.cached_property
    def crops(self) -> Crops:
        """What is compared as a set: squares of one size."""
        return cut_crops(self.stylized, self.judge.crop)

    @functools.cached_property
    def groups(self) -> tuple[np.ndarray, np.ndarray]:
        """Which picture each crop is cut from, of the style images and of the stylized ones."""
        return self.judge.style_crops.groups, self.crops.groups

    @functools.cached_property
    def raw_embeddings(self) -> tuple[np.ndarray, np.ndarray]:
        """Of the style images and of the stylized pictures, as the extractor gives them."""
        return self.judge.style_embeddings, embed(self.judge.extractor, self.crops.pictures)

    @functools.cached_property
    def embeddings(self) -> tuple[np.ndarray, np.ndarray]:
        """The same, standardized where that is due."""
        both = self.raw_embeddings
        return standardized(*both) if self.judge.extractor.standardize else both

    def some_embeddings(self, real: np.ndarray, fake: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of some crops, standardized by these alone: the units are a guess as well.

        Args:
            real: bool, one a crop of the style images.
            fake: bool, one a crop of the stylized pictures.
        """
        some = self.raw_embeddings[0][real], self.raw_embeddings[1][fake]
        return standardized(*some) if self.judge.extractor.standardize else some

    @functools.cached_property
    def grams(self) -> tuple[list[np.ndarray], list[list[np.ndarray]]]:
        """Mean Gram matrices of all crops, and of their halves."""
        # Seeds apart, or sets of equally many pictures would be halved alike.
        masks = half_masks(self.crops.groups, HALVES, seed=1)
        return half_mean_gram_matrices(self.judge.extractor, self.crops.pictures, masks)

    @functools.cached_property
    def faces(self) -> Faces:
        """How the faces in the photos fare."""
        assert self.content is not None
        boxes = self.judge.faces_in(self.content)
        return compare_faces(self.content, self.stylized, boxes, self.judge.detector)
