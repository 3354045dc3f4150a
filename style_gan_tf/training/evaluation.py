"""The in-loop metric: how far generated pictures are from held-out style images."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from style_gan_tf.metrics import (
    FaceDetector,
    embed,
    find_faces,
    kernel_distance,
    sliced_wasserstein,
    standardized,
)
from style_gan_tf.networks import Extractor, Network, any_size, load_extractor
from style_gan_tf.networks.coded_styles import by_code, encode_style
from style_gan_tf.training.face_evaluation import FaceEvaluation
from style_gan_tf.training.paired_evaluation import PairedEvaluation
from style_gan_tf.training.settings import Settings

if TYPE_CHECKING:
    from style_gan_tf.training.multistyle_evaluation import MultistyleEvaluation
from style_gan_tf.training.style_evaluation import StyleEvaluation

_ENLARGED = 224  # pixels a side, as the extractors' own training had


class Evaluation:
    """Measures a generator on pictures that are never trained on.

    Args:
        content: float32 `[n, size, size, 3]` in [-1, 1], or noise, float32 `[n, latent]`.
        style: float32 `[m, size, size, 3]` in [-1, 1].
        extractor: KID is taken over its features; None: sliced Wasserstein distance, which needs
            no weights.
        style_weights: float32 `[styles]`, for a generator of several; default the first style.
        faces: Those in the content, where they are watched.

    Attributes:
        details: What else the last `score` saw: `skin_green` and `faces_kept` of photos with faces.
        name: The figure's, with its extractor's.
        untouched: The figure of the photos themselves: what a useless generator scores; None
            for noise.
    """

    def __init__(
        self,
        content: np.ndarray,
        style: np.ndarray,
        extractor: Extractor | None,
        style_weights: np.ndarray | None = None,
        faces: FaceEvaluation | None = None,
    ) -> None:
        self.faces, self.details = faces, dict[str, float]()
        self.content, self.style, self.extractor = content, style, extractor
        self._last: tuple[Network, Callable[[Any, Any], Any]] | None = None
        self.style_weights = None if style_weights is None else tf.constant(style_weights[None])
        self.name = f"kid_{extractor.name}" if extractor else "sliced_wasserstein"
        # The real pictures' side of the comparison stays the same: it is computed once.
        self._real = self._embed(style) if extractor else style
        self.untouched = self.compare(content) if content.ndim == 4 else None

    def score(self, generator: Network) -> float:
        """The figure, times 1000; smaller is better.

        A generator with a style encoder paints each photo by one of the style pictures.
        """
        stylize, drives = self._stylizer(generator)
        # One by one: measuring is no reason to need more memory than training does.
        stylized = [
            stylize(tf.constant(picture[np.newaxis]), drives[place % len(drives)]).numpy()
            for place, picture in enumerate(self.content)
        ]
        painted = np.concatenate(stylized)
        self.details = self.faces.details(painted) if self.faces else {}
        return self.compare(painted)

    def _stylizer(self, generator: Network) -> tuple[Callable[[Any, Any], Any], list[Any]]:
        """What paints a picture, and the styles that it is given in turns."""
        if generator.style_encoder is not None:
            # A copy with today's weights, so traced anew.
            codes = [encode_style(generator, picture[np.newaxis]) for picture in self.style]
            return _traced(by_code(generator)), codes
        if self._last is None or self._last[0] is not generator:
            self._last = (generator, _traced(generator))
        return self._last[1], [self.style_weights]

    def compare(self, pictures: np.ndarray) -> float:
        """The figure of pictures `[n, size, size, 3]` in [-1, 1], times 1000; smaller is better."""
        if self.extractor is None:
            return sliced_wasserstein(pictures, self._real)
        fake = self._embed(pictures)
        if not self.extractor.standardize:
            return kernel_distance(self._real, fake).value
        return kernel_distance(*standardized(self._real, fake)).value

    def _embed(self, pictures: np.ndarray) -> np.ndarray:
        """Embeddings; small pictures are enlarged where they are generated out of noise.

        As FID has it. At 64 pixels most of the features never move.
        """
        assert self.extractor is not None
        if self.content.ndim == 4 or pictures.shape[1] >= _ENLARGED:
            return embed(self.extractor, pictures)
        size = [_ENLARGED, _ENLARGED]
        return embed(self.extractor, (tf.image.resize(p, size).numpy() for p in pictures))


def _traced(generator: Network) -> Callable[[Any, Any], Any]:
    """The generator on a picture or noise `[1, ...]`, given what says its style, or None."""

    def run(given: Any, style: Any) -> Any:
        if generator.latent is not None:
            return generator(given, training=False)
        return any_size(generator, given, style_weights=style)

    return tf.function(run, autograph=False)


def open_evaluation(
    judged: dict[str, np.ndarray] | None,
    settings: Settings,
    noise: np.ndarray | None = None,
    detector: FaceDetector = find_faces,
) -> "Evaluation | PairedEvaluation | StyleEvaluation | MultistyleEvaluation | None":
    """The run's evaluation; None where there is nothing to measure.

    For fewer than two pictures it is the distance of Gram matrices in KID's place; for pictures too
    small for the extractor, sliced Wasserstein distance. Pairs are measured by perceptual distance.

    Args:
        judged: Held-out images by name.
        settings: The run's settings.
        noise: float32 `[n, latent]` for a generator that takes it instead of content images.
        detector: Finds the faces in the content images that are watched.

    Raises:
        UserError: When the extractor's weights cannot be loaded.
    """
    if judged is None:
        return None
    extractor: Extractor | None = load_extractor(settings.extractor, settings.extractor_weights)
    if "target" in judged:
        return PairedEvaluation(judged["content"], judged["target"], extractor)
    styles = {n.removeprefix("style/"): p for n, p in judged.items() if n.startswith("style")}
    first = next(iter(styles.values()))
    fewest, side = min(map(len, judged.values())), first.shape[1]
    alone = noise is None and len(styles) == 1
    if extractor and fewest < 2 and side >= extractor.minimum and alone:
        print(
            f"measuring by style distance: KID over {extractor.name} takes two held-out pictures "
            "or more of each set",
            flush=True,
        )
        return StyleEvaluation(
            judged["content"], first, extractor, FaceEvaluation(judged["content"], detector)
        )
    if extractor and (fewest < 2 or (side < extractor.minimum and extractor.size is None)):
        print(
            f"measuring by sliced Wasserstein distance: KID over {extractor.name} takes two "
            f"held-out pictures or more of each set, from {extractor.minimum} pixels a side",
            flush=True,
        )
        extractor = None
    if len(styles) > 1:
        # Late: it is made of evaluations.
        from style_gan_tf.training.multistyle_evaluation import MultistyleEvaluation

        faces = FaceEvaluation(judged["content"], detector)
        return MultistyleEvaluation(judged["content"], styles, extractor, faces)
    if noise is not None:
        return Evaluation(noise, first, extractor)
    faces = FaceEvaluation(judged["content"], detector)
    return Evaluation(judged["content"], first, extractor, faces=faces)
