"""The in-loop metric where there are too few style images for KID: their textures."""

import numpy as np
import tensorflow as tf

from style_gan_tf.metrics import mean_gram_matrices, style_distance
from style_gan_tf.networks import Extractor, Network, any_size
from style_gan_tf.training.face_evaluation import FaceEvaluation


class StyleEvaluation:
    """Measures a generator by Gram matrices: one style picture has them as well as a hundred.

    Args:
        content: float32 `[n, size, size, 3]` in [-1, 1], never trained on.
        style: float32 `[m, size, size, 3]` in [-1, 1].
        extractor: Whose features.
        faces: Those in the content, where they are watched.

    Attributes:
        details: See `Evaluation`.
        name: The figure's, with its extractor's.
        untouched: The figure of the photos themselves.
    """

    def __init__(
        self,
        content: np.ndarray,
        style: np.ndarray,
        extractor: Extractor,
        faces: FaceEvaluation | None = None,
    ) -> None:
        self.faces, self.details = faces, dict[str, float]()
        self.content, self.extractor = content, extractor
        self.name = f"style_distance_{extractor.name}"
        self._real = mean_gram_matrices(extractor, style)
        self.untouched = self.compare(content)

    def score(self, generator: Network) -> float:
        """The figure of what the generator makes of the content, times 1000."""
        # One by one: measuring is no reason to need more memory than training does.
        run = tf.function(lambda images: any_size(generator, images), autograph=False)
        pictures = [run(tf.constant(picture[np.newaxis])).numpy()[0] for picture in self.content]
        painted = np.stack(pictures)
        self.details = self.faces.details(painted) if self.faces else {}
        return self.compare(painted)

    def compare(self, pictures: np.ndarray) -> float:
        """The figure of pictures `[n, size, size, 3]` in [-1, 1], times 1000; smaller is better."""
        return 1000 * style_distance(mean_gram_matrices(self.extractor, pictures), self._real)
