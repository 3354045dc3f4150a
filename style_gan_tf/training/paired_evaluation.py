"""The in-loop metric of paired runs: how far held-out outputs are from their own targets."""

import numpy as np
import tensorflow as tf

from style_gan_tf.metrics import PerceptualDistance
from style_gan_tf.networks import Extractor, Network, any_size


class PairedEvaluation:
    """Measures a generator on pairs that are never trained on.

    Args:
        content: float32 `[n, size, size, 3]` in [-1, 1].
        target: What should become of each, the same shape.
        extractor: Perceptual distance is taken over its features; None, or smaller pictures than
            it takes: root mean square error, which needs no weights.

    Attributes:
        name: The figure's, with its extractor's.
        untouched: The figure of the content images themselves.
    """

    def __init__(
        self, content: np.ndarray, target: np.ndarray, extractor: Extractor | None
    ) -> None:
        self.content, self.target = content, target
        size = extractor and extractor.size
        fits = extractor and (size is not None or content.shape[1] >= extractor.minimum)
        self._distance = PerceptualDistance(extractor) if extractor and fits else None
        self.name = self._distance.name if self._distance else "rmse"
        self.untouched = self.compare(content)

    def score(self, generator: Network) -> float:
        """The figure of what the generator makes of the content; smaller is better."""
        # One by one: measuring is no reason to need more memory than training does.
        run = tf.function(lambda images: any_size(generator, images), autograph=False)
        return self.compare([run(tf.constant(picture[np.newaxis]))[0] for picture in self.content])

    def compare(self, pictures: "np.ndarray | list[np.ndarray]") -> float:
        """The mean over pictures, in the order of the targets; smaller is better.

        Perceptual distance times 1000, or root mean square error in 8-bit grey levels.
        """
        pairs = zip(pictures, self.target, strict=True)
        return float(np.mean([self._measure(picture, target) for picture, target in pairs]))

    def _measure(self, picture: np.ndarray, target: np.ndarray) -> float:
        if self._distance is None:
            return 127.5 * float(np.sqrt(np.mean(np.square(picture - target))))
        both = (tf.constant(image[np.newaxis]) for image in (np.asarray(picture), target))
        return 1000.0 * float(self._distance(*both)[0])
