"""Faces stay faces: features keep their light and shade, and strokes do not crack a cheek.

PatchNCE asks that each place of the output be told from the others, which a cracked cheek is as
well; `skin_loss` holds colours. This one looks where YuNet finds a face in the photo, and charges
what goes beyond a painter's freedom there: the lightness of cells of 4x4 pixels, of which eyes and
mouths are made, and texture that the photo has not.
"""

from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.networks.face_detector import find_faces
from style_gan_tf.objectives.skin_loss import cells_lab

CELL = 8  # pixels a side
_FEATURE = 4
_FREE_LIGHTNESS = 8.0
_FREE_TEXTURE = 4.0  # deviation within a cell, in hundredths of the way from black to white
# Half of the axes of a face's ellipse, in sides of its box: to the hair line and the ears.
_REACH = 0.6
_LONG_SIDE = 320  # to find faces at: a crop of 256 takes 8 ms, the smallest faces are of no use
_FEWEST = 0.02  # Share of a picture that already counts in full.
_LUMA = (0.2126, 0.7152, 0.0722)


def face_loss(outputs: Any, inputs: Any, faces: Any) -> Any:
    """How far faces leave what is free to them, in units of 10 of CIELAB's lightness.

    Args:
        outputs: float32 `[n, height, width, 3]` in [-1, 1].
        inputs: The photos, the same shape.
        faces: Cells that lie in faces, of `face_cells`.

    Returns:
        `[n]`: of each picture the mean over its faces' cells; 0 for a picture without faces.
    """
    inputs = tf.stop_gradient(inputs)
    found, wanted = (cells_lab(images, _FEATURE)[..., :1] for images in (outputs, inputs))
    moved = tf.nn.relu(tf.abs(found - wanted) - _FREE_LIGHTNESS)
    ratio = CELL // _FEATURE
    moved = tf.nn.avg_pool2d(moved, ratio, ratio, "SAME")[..., 0]
    rougher = tf.nn.relu(_texture(outputs) - _texture(inputs) - _FREE_TEXTURE)
    counted = tf.maximum(
        tf.reduce_sum(faces, (1, 2)), _FEWEST * tf.reduce_sum(tf.ones_like(faces), (1, 2))
    )
    return 0.1 * tf.reduce_sum(faces * (moved + rougher), (1, 2)) / counted


def face_cells(images: Any) -> Any:
    """Which cells of 8x8 pixels lie in a face, as YuNet finds them.

    Args:
        images: float32 `[n, height, width, 3]` in [-1, 1], of known height and width.

    Returns:
        float32 `[n, rows, columns]`, 0 or 1; no gradient flows through it.
    """
    height, width = images.shape[1:3]
    rows, columns = -(-height // CELL), -(-width // CELL)

    def find(pictures: np.ndarray) -> np.ndarray:
        boxes = [find_faces(picture, _LONG_SIDE) for picture in pictures]
        return np.stack([_cells(of_picture, rows, columns) for of_picture in boxes])

    cells = tf.numpy_function(find, [tf.stop_gradient(images)], tf.float32)
    return tf.ensure_shape(cells, [images.shape[0], rows, columns])


def _cells(boxes: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Cells whose middle lies in the ellipse of one of the boxes, float32 `[rows, columns]`."""
    down = (np.arange(rows) + 0.5)[:, np.newaxis] * CELL
    across = (np.arange(columns) + 0.5)[np.newaxis, :] * CELL
    inside = np.zeros((rows, columns), bool)
    for left, top, width, height in boxes:
        x = (across - left - width / 2) / max(_REACH * width, 1.0)
        y = (down - top - height / 2) / max(_REACH * height, 1.0)
        inside |= np.square(x) + np.square(y) <= 1.0
    return inside.astype(np.float32)


def _texture(images: Any) -> Any:
    """Deviation of the light within cells of 8x8 pixels, in hundredths, `[n, rows, columns]`."""
    luma = 50.0 * tf.linalg.matvec(images, tf.constant(_LUMA, tf.float32))[..., tf.newaxis]
    mean = tf.nn.avg_pool2d(luma, CELL, CELL, "SAME")
    square = tf.nn.avg_pool2d(tf.square(luma), CELL, CELL, "SAME")
    # The constant keeps the root's derivative finite in flat cells.
    return tf.sqrt(tf.nn.relu(square - tf.square(mean)) + 0.01)[..., 0]
