"""The in-loop metric of several styles: each one's, and their mean."""

import numpy as np

from style_gan_tf.networks import Extractor, Network
from style_gan_tf.training.evaluation import Evaluation


class MultistyleEvaluation:
    """Measures each style of a generator against held-out pictures of that style.

    Args:
        content: float32 `[n, size, size, 3]` in [-1, 1].
        styles: The same for each style by name, in the order of the generator's style weights.
        extractor: See `Evaluation`.

    Attributes:
        name: The figure's, with its extractor's.
        untouched: The mean over the styles of what the photos themselves score.
        details: Each style's figure of the last `score`, by `NAME/STYLE`.
    """

    def __init__(
        self, content: np.ndarray, styles: dict[str, np.ndarray], extractor: Extractor | None
    ) -> None:
        weights = np.eye(len(styles), dtype=np.float32)
        self._each = {
            style: Evaluation(content, pictures, extractor, style_weights=weights[index])
            for index, (style, pictures) in enumerate(styles.items())
        }
        first = next(iter(self._each.values()))
        self.name = first.name
        self.untouched = float(np.mean([each.untouched for each in self._each.values()]))
        self.details: dict[str, float] = {}

    def score(self, generator: Network) -> float:
        """The mean figure, times 1000; smaller is better."""
        self.details = {
            f"{self.name}/{style}": each.score(generator) for style, each in self._each.items()
        }
        return float(np.mean(list(self.details.values())))
