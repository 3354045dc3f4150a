"""Every figure by its name: how it is had and read. A new metric is one entry of METRICS."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from style_gan_tf.metrics.artfid import artfid
from style_gan_tf.metrics.case import HALVES, Case
from style_gan_tf.metrics.edge_agreement import edge_agreement
from style_gan_tf.metrics.fidelity import psnr, ssim
from style_gan_tf.metrics.flatness import flatness
from style_gan_tf.metrics.frechet_distance import frechet_distance
from style_gan_tf.metrics.half_sets import half_masks, half_spread, spread
from style_gan_tf.metrics.hue_shift import chroma_ratios, hue_shifts
from style_gan_tf.metrics.kernel_distance import Estimate, kernel_distance
from style_gan_tf.metrics.sharpness import detail_levels, sharpness
from style_gan_tf.metrics.sliced_wasserstein import all_patches, patches_distance
from style_gan_tf.metrics.structure_distance import structure_distance
from style_gan_tf.metrics.style_distance import half_mean_gram_matrices, style_distance

_NAN = float("nan")
_PATCH_HALVES = 8  # sorting patches takes long
_KERNEL_HALVES = 50


class Counted(NamedTuple):
    """An estimate that rests on less than all pictures.

    Attributes:
        value: The figure.
        error: Its standard error; NaN where there are too few to tell.
        rests_on: Of how many of what it is: "34 faces".
    """

    value: float
    error: float
    rests_on: str


@dataclasses.dataclass(frozen=True)
class Metric:
    """How a figure is had and read.

    Attributes:
        measure: The figure of a case; None where it has nothing to see, as no face.
        text: What it is, for people.
        lower_is_better: Otherwise higher is; says nothing where `goal` is "real".
        features: What of the judge it rests on: `extractor`, `perceptual`, `structure`, `both`, or
            nothing.
        needs: What the case must have.
        real: Whether the best is what is nearest to the real style images' own figure.
    """

    measure: Callable[[Case], Estimate | Counted | None]
    text: str
    lower_is_better: bool = True
    features: str = ""
    needs: frozenset[str] = frozenset()
    real: bool = False

    @property
    def goal(self) -> Literal["lower", "higher", "real"]:
        """Which of two figures is the better: `real`: that nearer to the real style images'."""
        if self.real:
            return "real"
        return "lower" if self.lower_is_better else "higher"

    @property
    def better(self) -> str:
        """The same in words."""
        if self.real:
            return "near the real style images' is better"
        return f"{self.goal} is better"


def _mean(values: Sequence[Any] | np.ndarray) -> Estimate | None:
    """Mean over the pictures and its standard error; None of nothing."""
    array = np.asarray(values, np.float64)
    if not len(array):
        return None
    known = len(array) > 1 and np.isfinite(array).all()
    error = array.std(ddof=1) / np.sqrt(len(array)) if known else _NAN
    return Estimate(float(array.mean()), float(error))


def _counted(values: np.ndarray, rests_on: str) -> Counted | None:
    found = _mean(values)
    return None if found is None else Counted(*found, rests_on)


def _pairs(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Estimate | None:
    return _mean([float(function(a[None], b[None])[0]) for a, b in zip(left, right, strict=True)])


def _each(case: Case, function: Callable[[np.ndarray, np.ndarray], float]) -> Estimate | None:
    """The mean of a function of the stylized picture and of its photo."""
    assert case.content is not None
    pairs = zip(case.stylized, case.content, strict=True)
    return _mean([function(stylized, photo) for stylized, photo in pairs])


def _kid(case: Case) -> Estimate | None:
    real, fake = case.groups
    if min(len(np.unique(groups)) for groups in case.groups) < 2:
        return None

    def of_some(left: np.ndarray, right: np.ndarray) -> float:
        some = case.some_embeddings(left, right)
        groups = {"real_groups": real[left], "fake_groups": fake[right]}
        return kernel_distance(*some, **groups, subsets=1).value

    value = kernel_distance(*case.embeddings, real_groups=real, fake_groups=fake).value
    return Estimate(value, half_spread(of_some, real, fake, _KERNEL_HALVES))


def _fid(case: Case) -> Estimate | None:
    real, fake = case.embeddings
    if min(len(real), len(fake)) < 2:
        return None

    def of_some(left: np.ndarray, right: np.ndarray) -> float:
        return frechet_distance(*case.some_embeddings(left, right))

    return Estimate(frechet_distance(real, fake), half_spread(of_some, *case.groups, HALVES))


def _artfid(case: Case) -> Estimate | None:
    content, fid = (case.known.get(name) for name in ("content_distance", "fid"))
    return artfid(content, fid) if content is not None and fid is not None else None


def _style_distance(case: Case) -> Estimate:
    (whole, halves), (wanted, wanted_halves) = case.grams, case.judge.style_grams
    pictures = min(len(np.unique(groups)) for groups in case.groups)
    if "one_style" in case.has:  # It is the style, not one of many that could have been drawn.
        pictures, wanted_halves = len(np.unique(case.crops.groups)), [wanted] * len(halves)
    pairs = zip(halves, wanted_halves, strict=True)
    values = [style_distance(*pair) for pair in pairs if all(pair)]
    return Estimate(style_distance(whole, wanted), spread(values, pictures))


def _sliced_wasserstein(case: Case) -> Estimate:
    fake, real = all_patches(case.crops.pictures), case.judge.style_patches

    def of_some(left: np.ndarray, right: np.ndarray) -> float:
        return patches_distance([level[right] for level in fake], [level[left] for level in real])

    error = half_spread(of_some, *case.groups, _PATCH_HALVES)
    return Estimate(patches_distance(fake, real), error)


def _painting_distance(case: Case) -> Estimate:
    pictures = case.stylized
    masks = half_masks(np.arange(len(pictures)), HALVES)
    whole, halves = half_mean_gram_matrices(case.judge.structure, pictures, masks)
    wanted = case.judge.painting_grams
    values = [100.0 * style_distance(half, wanted) for half in halves if half]
    return Estimate(100.0 * style_distance(whole, wanted), spread(values, len(pictures)))


def _sharpness(case: Case) -> Estimate:
    return Estimate(*sharpness(detail_levels(case.stylized), case.judge.style_detail))


def _faces(case: Case, of: str) -> Counted | None:
    values = getattr(case.faces, of)
    return _counted(values, f"{case.faces.count} faces in {len(case.faces.kept)} photos")


def _hue(region: str) -> Callable[[Case], Counted | None]:
    def measure(case: Case) -> Counted | None:
        assert case.content is not None
        values = hue_shifts(case.content, case.stylized, region)
        return _counted(values, f"{len(values)} photos")

    return measure


def _chroma(case: Case) -> Estimate | None:
    assert case.content is not None
    return _mean(chroma_ratios(case.content, case.stylized))


_CONTENT, _REFERENCE = frozenset({"content"}), frozenset({"reference"})
_STYLES = frozenset({"styles"})

METRICS: dict[str, Metric] = {
    "kid": Metric(
        _kid,
        "kernel distance to the style images, times 1000",
        features="extractor",
        needs=_STYLES,
    ),
    "fid": Metric(
        _fid,
        "Frechet distance to the style images; biased by the number of pictures",
        features="extractor",
        needs=_STYLES,
    ),
    "style_distance": Metric(
        _style_distance,
        "distance of the mean Gram matrices to those of the style images",
        features="extractor",
    ),
    "painting_distance": Metric(
        _painting_distance,
        "distance of the mean Gram matrices to those of the one painting, times 100",
        features="structure",
        needs=frozenset({"one_style"}),
    ),
    "sliced_wasserstein": Metric(
        _sliced_wasserstein,
        "sliced Wasserstein distance of patches to the style images', times 1000",
    ),
    "sharpness": Metric(
        _sharpness,
        "power of the finest two octaves against the style images', dB: below 0 soft, above sharp",
        real=True,
    ),
    "flatness": Metric(
        lambda case: _mean([flatness(picture) for picture in case.stylized]),
        "share of the gradients at the borders of regions: 1 for flat areas and contours",
        lower_is_better=False,
        real=True,
    ),
    "skin_green": Metric(
        functools.partial(_faces, of="green"),
        "share of the faces' skin that turns green or blue",
        needs=_CONTENT,
    ),
    "skin_blown": Metric(
        functools.partial(_faces, of="blown"),
        "share of the faces' skin that turns white",
        needs=_CONTENT,
    ),
    "faces_kept": Metric(
        functools.partial(_faces, of="kept"),
        "share of the photos' faces that a detector finds in the pictures",
        lower_is_better=False,
        needs=_CONTENT,
    ),
    "hue_shift_sky": Metric(
        _hue("sky"), "turn of the hue of what is light and blue, degrees", needs=_CONTENT
    ),
    "hue_shift_leaves": Metric(
        _hue("leaves"), "turn of the hue of what is green, degrees", needs=_CONTENT
    ),
    "hue_shift_skin": Metric(
        _hue("skin"), "turn of the hue of what has skin's colours, degrees", needs=_CONTENT
    ),
    "chroma": Metric(
        _chroma,
        "colourfulness against the photo's; 1: as colourful",
        lower_is_better=False,
        needs=_CONTENT,
        real=True,
    ),
    "content_distance": Metric(
        lambda case: _pairs(case.judge.perceptual, case.stylized, case.content),
        "perceptual distance to the photo: how much of the content is lost",
        features="perceptual",
        needs=_CONTENT,
    ),
    "content_edges": Metric(
        lambda case: _each(case, edge_agreement),
        "correlation of the edges with the photo's: how much of the content is kept",
        lower_is_better=False,
        needs=_CONTENT,
    ),
    "cfsd": Metric(
        lambda case: _each(
            case, lambda picture, photo: structure_distance(case.judge.structure, photo, picture)
        ),
        "content feature structure distance: parts that are no longer alike as in the photo",
        features="structure",
        needs=_CONTENT,
    ),
    "artfid": Metric(
        _artfid,
        "(1 + content distance) (1 + FID): content and style in one",
        features="both",
        needs=_STYLES | _CONTENT,
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
