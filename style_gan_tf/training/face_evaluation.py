"""What becomes of faces while a run trains: KID liked a model that painted them green."""

import numpy as np

from style_gan_tf.metrics import FaceDetector, compare_faces, find_faces, find_in_all


class FaceEvaluation:
    """Watches the faces of held-out photos.

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
