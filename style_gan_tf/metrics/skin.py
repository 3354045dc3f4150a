"""Whether faces stay faces: skin that turns green or white, and faces that are found again.

Faces are looked for in the photo. Their skin is what has skin's colours inside the detector's
boxes, in cells of 8x8 pixels (`images.skin_color`). Measured on the 34 faces of 24 portraits at 227
pixels: 77 % of a box's cells have these colours, but a fifth of those that boxes enlarged by a
quarter add, and a quarter of a whole picture's, for wood, sand and walls have them too. So the
boxes stay as they are.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from style_gan_tf.images.skin_color import cell_middles, cells_lab, is_skin
from style_gan_tf.metrics.crops import Pictures
from style_gan_tf.metrics.faces import faces_found_again, within_boxes
from style_gan_tf.networks.face_detector import FaceDetector

_WHITE = 95.0  # CIELAB's lightness: paper
_BLUE = -10.0  # CIELAB's b: deep blue has the a of red


@dataclasses.dataclass(frozen=True)
class Faces:
    """The faces of a set of photos, and how their paintings treat them; one number a photo.

    Attributes:
        count: Faces in all photos.
        green: float64 `[photos with skin of faces]`: the share of that skin that is green or blue
            in the painting.
        blown: Likewise the share that is white.
        kept: float64 `[photos with faces]`: the share of faces that are found in the painting.
    """

    count: int
    green: np.ndarray
    blown: np.ndarray
    kept: np.ndarray


def find_in_all(detector: FaceDetector, photos: Pictures) -> list[np.ndarray]:
    """The boxes of the faces of each photo; see `FaceDetector`."""
    return [np.asarray(detector(photo)).reshape(-1, 4) for photo in photos]


def compare_faces(
    photos: Pictures,
    paintings: Pictures,
    boxes: Sequence[np.ndarray],
    detector: FaceDetector,
) -> Faces:
    """How the photos' faces fare.

    Args:
        photos: float32 `[height, width, 3]` in [-1, 1].
        paintings: What was made of them, of the same sizes.
        boxes: The faces in the photos, float `[faces, 4]` each: left, top, width, height.
        detector: Looks for faces in the paintings.
    """
    green, blown, kept = [], [], []
    for photo, painting, found in zip(photos, paintings, boxes, strict=True):
        if not len(found):
            continue
        shares = skin_shares(photo, painting, found)
        if shares is not None:
            green.append(shares[0])
            blown.append(shares[1])
        kept.append(faces_found_again(found, detector(painting)) / len(found))
    count = sum(len(found) for found in boxes)
    return Faces(count, np.array(green), np.array(blown), np.array(kept))


def skin_shares(
    photo: np.ndarray, painting: np.ndarray, boxes: np.ndarray
) -> tuple[float, float] | None:
    """The shares of a photo's skin that are green or blue, and white, in its painting.

    Args:
        photo: float32 `[height, width, 3]` in [-1, 1].
        painting: The same shape.
        boxes: float `[faces, 4]` in the photo: left, top, width, height.

    Returns:
        The share with `a < 0` or `b < -10` in CIELAB and that with `L > 95`; None where the photo's
        faces have no colours of skin, as in black and white.
    """
    before, after = cells_lab(photo), cells_lab(painting)
    rows, columns = (cell_middles(side) for side in photo.shape[:2])
    skin = is_skin(before) & within_boxes(boxes, rows, columns)
    if not skin.any():
        return None
    lightness, a, b = after[skin].T
    return float(np.mean((a < 0.0) | (b < _BLUE))), float(np.mean(lightness > _WHITE))
