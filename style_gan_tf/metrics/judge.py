"""The figures of a set of stylized pictures, by name; a new metric is one entry of METRICS."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from style_gan_tf.metrics.edge_agreement import edge_agreement
from style_gan_tf.metrics.embedding import embed, standardized
from style_gan_tf.metrics.fidelity import psnr, ssim
from style_gan_tf.metrics.frechet_distance import frechet_distance
from style_gan_tf.metrics.kernel_distance import Estimate, kernel_distance
from style_gan_tf.metrics.perceptual_distance import PerceptualDistance
from style_gan_tf.metrics.sliced_wasserstein import sliced_wasserstein
from style_gan_tf.metrics.style_distance import mean_gram_matrices, style_distance
from style_gan_tf.networks.extractors import Extractor

_NAN = float("nan")


class Judge:
    """Compares sets of pictures with one set of style images, and with their photos.

    Args:
        style: float32 `[n, size, size, 3]` in [-1, 1]: what the stylized pictures shall look like.
        extractor: Whose features.
        perceptual: Perceptual distance; None: the unweighted one over `extractor`.
    """

    def __init__(
        self,
        style: np.ndarray,
        extractor: Extractor,
        perceptual: PerceptualDistance | None = None,
    ) -> None:
        self.style = style
        self.extractor = extractor
        self.perceptual = perceptual or PerceptualDistance(extractor)

    @functools.cached_property
    def style_embeddings(self) -> np.ndarray:
        return embed(self.extractor, self.style)

    @functools.cached_property
    def style_grams(self) -> list[np.ndarray]:
        return mean_gram_matrices(self.extractor, self.style)

    def measure(
        self,
        stylized: np.ndarray,
        content: np.ndarray | None = None,
        reference: np.ndarray | None = None,
    ) -> list["Figure"]:
        """All figures that can be had, in the order of METRICS.

        Args:
            stylized: float32 `[m, size, size, 3]` in [-1, 1].
            content: The photos that they were made of; None: nothing is said of content kept.
            reference: What they should have become, where that is known.
        """
        case = Case(self, stylized, content, reference)
        figures = []
        for name, metric in METRICS.items():
            if metric.needs <= case.has:
                estimate = metric.measure(case)
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
    """

    metric: str
    features: str
    value: float
    error: float

    @property
    def label(self) -> str:
        """Its name in tables and files: figures of two extractors are two names."""
        return f"{self.metric}_{self.features}" if self.features else self.metric


class Case:
    """One set of stylized pictures before the judge; embeddings are computed once.

    Attributes:
        has: What there is to compare with: `content`, `reference`.
    """

    def __init__(
        self,
        judge: Judge,
        stylized: np.ndarray,
        content: np.ndarray | None,
        reference: np.ndarray | None,
    ) -> None:
        self.judge, self.stylized = judge, stylized
        self.content, self.reference = content, reference
        given = {"content": content, "reference": reference}
        self.has = frozenset(name for name, pictures in given.items() if pictures is not None)

    @functools.cached_property
    def embeddings(self) -> tuple[np.ndarray, np.ndarray]:
        """Of the style images and of the stylized pictures, standardized where that is due."""
        both = self.judge.style_embeddings, embed(self.judge.extractor, self.stylized)
        return standardized(*both) if self.judge.extractor.standardize else both


@dataclasses.dataclass(frozen=True)
class Metric:
    """How a figure is had and read.

    Attributes:
        measure: The figure of a case.
        text: What it is, for people.
        lower_is_better: Otherwise higher is.
        features: What of the judge it rests on: `extractor`, `perceptual` or nothing.
        needs: What the case must have.
    """

    measure: Callable[[Case], Estimate]
    text: str
    lower_is_better: bool = True
    features: str = ""
    needs: frozenset[str] = frozenset()


def _mean(values: Sequence[Any]) -> Estimate:
    """Mean over the pictures and its standard error."""
    array = np.asarray(values, np.float64)
    known = len(array) > 1 and np.isfinite(array).all()
    error = array.std(ddof=1) / np.sqrt(len(array)) if known else _NAN
    return Estimate(float(array.mean()), float(error))


def _pairs(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Estimate:
    return _mean([float(function(a[None], b[None])[0]) for a, b in zip(left, right, strict=True)])


def _edges(case: Case) -> Estimate:
    pairs = zip(case.stylized, case.content, strict=True)  # type: ignore[arg-type]
    return _mean([edge_agreement(stylized, photo) for stylized, photo in pairs])


_CONTENT, _REFERENCE = frozenset({"content"}), frozenset({"reference"})

METRICS: dict[str, Metric] = {
    "kid": Metric(
        lambda case: kernel_distance(*case.embeddings),
        "kernel distance to the style images, times 1000",
        features="extractor",
    ),
    "fid": Metric(
        lambda case: Estimate(frechet_distance(*case.embeddings), _NAN),
        "Frechet distance to the style images; biased by the number of pictures",
        features="extractor",
    ),
    "style_distance": Metric(
        lambda case: Estimate(
            style_distance(
                mean_gram_matrices(case.judge.extractor, case.stylized), case.judge.style_grams
            ),
            _NAN,
        ),
        "distance of the mean Gram matrices to those of the style images",
        features="extractor",
    ),
    "sliced_wasserstein": Metric(
        lambda case: Estimate(sliced_wasserstein(case.stylized, case.judge.style), _NAN),
        "sliced Wasserstein distance of patches to the style images', times 1000",
    ),
    "content_distance": Metric(
        lambda case: _pairs(case.judge.perceptual, case.stylized, case.content),
        "perceptual distance to the photo: how much of the content is lost",
        features="perceptual",
        needs=_CONTENT,
    ),
    "content_edges": Metric(
        _edges,
        "correlation of the edges with the photo's: how much of the content is kept",
        lower_is_better=False,
        needs=_CONTENT,
    ),
    "reference_distance": Metric(
        lambda case: _pairs(case.judge.perceptual, case.stylized, case.reference),
        "perceptual distance to the reference",
        features="perceptual",
        needs=_REFERENCE,
    ),
    "reference_ssim": Metric(
        lambda case: _pairs(ssim, case.stylized, case.reference),
        "structural similarity to the reference",
        lower_is_better=False,
        needs=_REFERENCE,
    ),
    "reference_psnr": Metric(
        lambda case: _pairs(psnr, case.stylized, case.reference),
        "peak signal-to-noise ratio to the reference, dB",
        lower_is_better=False,
        needs=_REFERENCE,
    ),
}
