"""The in-loop metric: how far held-out stylized pictures are from held-out style images."""

import numpy as np
import tensorflow as tf

from style_gan_tf.metrics import sliced_wasserstein
from style_gan_tf.networks import Network, any_size


class Evaluation:
    """Measures a generator on pictures that are never trained on.

    Args:
        content: float32 `[n, size, size, 3]` in [-1, 1].
        style: float32 `[m, size, size, 3]` in [-1, 1].

    Attributes:
        untouched: The figure of the photos themselves: what a useless generator scores.
    """

    name = "sliced_wasserstein"

    def __init__(self, content: np.ndarray, style: np.ndarray) -> None:
        self.content, self.style = content, style
        self.untouched = sliced_wasserstein(content, style)

    def score(self, generator: Network) -> float:
        """Sliced Wasserstein distance times 1000; smaller is better."""
        # One by one: measuring is no reason to need more memory than training does.
        stylized = [any_size(generator, tf.constant(p[np.newaxis])).numpy() for p in self.content]
        return sliced_wasserstein(np.concatenate(stylized), self.style)
