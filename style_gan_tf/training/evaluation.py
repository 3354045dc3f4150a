"""The in-loop evaluation: paint pictures that are never trained on, then take a distance."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.metrics import FaceDetector, compare_faces, find_faces, find_in_all
from style_gan_tf.networks import Extractor, Network, any_size, load_extractor
from style_gan_tf.networks.coded_styles import by_code, encode_style
from style_gan_tf.training.distances import (
    Distance,
    KernelDistance,
    PairedDistance,
    SlicedWasserstein,
    StyleDistance,
)
from style_gan_tf.training.settings import Settings

_LEAST = 1.0  # a figure times 1000: below it there is noise, and unbiased ones can be negative


class FaceEvaluation:
    """What becomes of the faces of held-out photos: KID liked a model that painted them green.

    They are looked for once; afterwards only photos that have some are looked at again.

    Args:
        content: The photos, float32 `[n, size, size, 3]` in [-1, 1].
        detector: Finds faces.
    """

    def __init__(self, content: np.ndarray, detector: FaceDetector = find_faces) -> None:
        boxes = find_in_all(detector, content)
        self._detector = detector
        self._places = [place for place, found in enumerate(boxes) if len(found)]
        self._photos = content[self._places]
        self._boxes = [boxes[place] for place in self._places]

    def details(self, stylized: np.ndarray) -> dict[str, float]:
        """`skin_green` and `faces_kept` (`metrics.METRICS`), shares; empty where nobody is there.

        Args:
            stylized: What was painted of all the photos, in their order.
        """
        if not self._places:
            return {}
        painted = np.clip(stylized[self._places], -1.0, 1.0)
        faces = compare_faces(self._photos, painted, self._boxes, self._detector)
        told = {"skin_green": faces.green, "faces_kept": faces.kept}
        return {name: float(values.mean()) for name, values in told.items() if len(values)}


class Evaluation:
    """Measures a generator: it paints, and a distance says how far that is from real pictures.

    Of several styles each has its distance, and the figure is their geometric mean: cartoons lie
    some fifty times as far from photographs as paintings do, and a sum would choose the best
    checkpoint by the cartoons alone.

    Args:
        content: What is painted: float32 `[n, size, size, 3]` in [-1, 1], or noise, float32
            `[n, latent]`.
        distances: Of each style by its name, in the order of the generator's style weights; all
            of one kind. A name alone does not matter.
        faces: Those in the content, where they are watched.

    Attributes:
        name: The figure's, the distances' own.
        untouched: The figure of the content images themselves: what a useless generator scores;
            None for noise.
        details: What else the last `score` saw: `skin_green` and `faces_kept` of photos with
            faces. Of several styles each one's figures, by `NAME/STYLE`.
    """

    def __init__(
        self,
        content: np.ndarray,
        distances: Mapping[str, Distance],
        faces: FaceEvaluation | None = None,
    ) -> None:
        self.content, self.distances, self.faces = content, dict(distances), faces
        self.name = next(iter(self.distances.values())).name
        self.untouched = self.compare(content) if content.ndim == 4 else None
        self.details: dict[str, float] = {}
        self._last: tuple[Network, Callable[[Any, Any], Any]] | None = None

    def score(self, generator: Network) -> float:
        """The figure of what the generator paints; smaller is better.

        A generator with a style encoder paints each picture by one of the style's pictures.
        """
        paint = self._painter(generator)
        scores: dict[str, float] = {}
        seen: dict[str, dict[str, float]] = {}
        for place, (style, distance) in enumerate(self.distances.items()):
            painted = self._paint(paint, self._drives(generator, place, distance))
            scores[style] = distance(painted)
            seen[style] = self.faces.details(painted) if self.faces else {}
        if len(scores) == 1:
            (self.details,) = seen.values()
        else:
            self.details = {f"{self.name}/{style}": score for style, score in scores.items()}
            for style, values in seen.items():
                self.details |= {f"{name}/{style}": value for name, value in values.items()}
        return _mean(list(scores.values()))

    def compare(self, pictures: np.ndarray) -> float:
        """The figure of pictures `[n, size, size, 3]` in [-1, 1], as of each style's painting."""
        return _mean([distance(pictures) for distance in self.distances.values()])

    def _paint(self, paint: Callable[[Any, Any], Any], drives: list[Any]) -> np.ndarray:
        """All of the content, by the drives in turns."""
        # One by one: measuring is no reason to need more memory than training does.
        painted = [
            paint(tf.constant(given[np.newaxis]), drives[place % len(drives)]).numpy()
            for place, given in enumerate(self.content)
        ]
        return np.concatenate(painted)

    def _drives(self, generator: Network, place: int, distance: Distance) -> list[Any]:
        """What the generator is told of a style: codes of its pictures, its weights, or None."""
        if generator.style_encoder is not None:
            return [encode_style(generator, picture[np.newaxis]) for picture in distance.pictures]
        if len(self.distances) == 1:
            return [None]
        weights = np.eye(len(self.distances), dtype=np.float32)[place]
        return [tf.constant(weights[np.newaxis])]

    def _painter(self, generator: Network) -> Callable[[Any, Any], Any]:
        """What paints a picture or noise `[1, ...]`, given what says its style, or None."""
        if generator.style_encoder is not None:
            # A copy with today's weights, so traced anew.
            return _traced(by_code(generator))
        if self._last is None or self._last[0] is not generator:
            self._last = (generator, _traced(generator))
        return self._last[1]


def _traced(generator: Network) -> Callable[[Any, Any], Any]:
    def run(given: Any, style: Any) -> Any:
        if generator.latent is not None:
            return generator(given, training=False)
        return any_size(generator, given, style_weights=style)

    return tf.function(run, autograph=False)


def _mean(figures: list[float]) -> float:
    """The geometric mean of several figures; one alone as it is."""
    if len(figures) == 1:
        return figures[0]
    return float(np.exp(np.mean(np.log(np.maximum(figures, _LEAST)))))


def open_evaluation(
    judged: dict[str, np.ndarray] | None,
    settings: Settings,
    noise: np.ndarray | None = None,
    detector: FaceDetector = find_faces,
) -> Evaluation | None:
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
    extractor = load_extractor(settings.extractor, settings.extractor_weights)
    if "target" in judged:
        target = PairedDistance(judged["target"], extractor)
        return Evaluation(judged["content"], {"target": target})
    styles = {n.removeprefix("style/"): p for n, p in judged.items() if n.startswith("style")}
    fewest = min(map(len, judged.values()))
    distances = _open_distances(styles, fewest, extractor, noise is not None)
    if noise is not None:
        return Evaluation(noise, distances)
    return Evaluation(judged["content"], distances, FaceEvaluation(judged["content"], detector))


def _open_distances(
    styles: dict[str, np.ndarray], fewest: int, extractor: Extractor, from_noise: bool
) -> dict[str, Distance]:
    """Of each style the distance that its pictures allow, and a word where it is not KID.

    Args:
        styles: Held-out style pictures by the style's name.
        fewest: Pictures of the smallest set, content included.
        extractor: Whose features are wanted.
        from_noise: Whether pictures are made out of noise.
    """
    side = next(iter(styles.values())).shape[1]
    if fewest < 2 and side >= extractor.minimum and len(styles) == 1 and not from_noise:
        print(
            f"measuring by style distance: KID over {extractor.name} takes two held-out pictures "
            "or more of each set",
            flush=True,
        )
        return {style: StyleDistance(pictures, extractor) for style, pictures in styles.items()}
    if fewest < 2 or (side < extractor.minimum and extractor.size is None):
        print(
            f"measuring by sliced Wasserstein distance: KID over {extractor.name} takes two "
            f"held-out pictures or more of each set, from {extractor.minimum} pixels a side",
            flush=True,
        )
        return {style: SlicedWasserstein(pictures) for style, pictures in styles.items()}
    return {
        style: KernelDistance(pictures, extractor, enlarge=from_noise)
        for style, pictures in styles.items()
    }
