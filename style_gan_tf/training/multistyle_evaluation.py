"""The in-loop metric of several styles: each one's, and their geometric mean."""

import numpy as np

from style_gan_tf.networks import Extractor, Network
from style_gan_tf.training.evaluation import Evaluation
from style_gan_tf.training.face_evaluation import FaceEvaluation

_LEAST = 1.0  # a figure times 1000: below it there is noise, and unbiased ones can be negative


class MultistyleEvaluation:
    """Measures each style of a generator against held-out pictures of that style.

    The mean is geometric: cartoons lie some fifty times as far from photographs as paintings do,
    and a sum would choose the best checkpoint by the cartoons alone.

    Args:
        content: float32 `[n, size, size, 3]` in [-1, 1].
        styles: The same for each style by name, in the order of the generator's style weights.
        extractor: See `Evaluation`.
        faces: See `Evaluation`.

    Attributes:
        name: The figure's, with its extractor's.
        untouched: The geometric mean over the styles of what the photos themselves score.
        details: Each style's figures of the last `score`, by `NAME/STYLE`; those of `Evaluation`
            among them.
    """

    def __init__(
        self,
        content: np.ndarray,
        styles: dict[str, np.ndarray],
        extractor: Extractor | None,
        faces: FaceEvaluation | None = None,
    ) -> None:
        weights = np.eye(len(styles), dtype=np.float32)
        self._each = {
            style: Evaluation(content, pictures, extractor, weights[index], faces)
            for index, (style, pictures) in enumerate(styles.items())
        }
        first = next(iter(self._each.values()))
        self.name = first.name
        untouched = [each.untouched for each in self._each.values()]
        self.untouched = _mean([figure for figure in untouched if figure is not None])
        self.details: dict[str, float] = {}

    def score(self, generator: Network) -> float:
        """The geometric mean of the figures, times 1000; smaller is better."""
        scores = {style: each.score(generator) for style, each in self._each.items()}
        self.details = {f"{self.name}/{style}": score for style, score in scores.items()}
        for style, each in self._each.items():
            self.details |= {f"{name}/{style}": value for name, value in each.details.items()}
        return _mean(list(scores.values()))


def _mean(figures: list[float]) -> float:
    return float(np.exp(np.mean(np.log(np.maximum(figures, _LEAST)))))
