"""A few pictures and what a model makes of them: the sheet that goes with an export."""

from collections.abc import Sequence

import numpy as np

from style_gan_tf.images import Picture, resize_short_side, sheet
from style_gan_tf.inference.models import Model
from style_gan_tf.inference.pictures import stylize_picture


def sample_sheet(model: Model, pictures: Sequence[Picture], side: int = 256) -> np.ndarray:
    """The pictures, and below them a row for each of the model's styles in full.

    A model with a style encoder has further rows: the pictures in the style of each of them, which
    stands at the left.

    Args:
        model: A model of one style or several.
        pictures: What it stylizes, whole and at their own size, where its strokes are as broad as
            in use; the middle square of each is shown.
        side: Pixels a side of each in the sheet.

    Returns:
        uint8 `[height, width, 3]`.
    """

    def row(look: Model) -> list[np.ndarray]:
        return [_square(stylize_picture(look, picture).rgb, side) for picture in whole]

    whole = [Picture(picture.on_white()) for picture in pictures]
    looks = [model]
    if len(model.styles) > 1:
        looks = [model.in_style(weights) for weights in np.eye(len(model.styles))]
    shown = [_square(picture.rgb, side) for picture in whole]
    rows = [shown, *(row(look) for look in looks)]
    if model.table is not None and model.table.encode is not None:
        blank = np.full_like(shown[0], 255)
        rows = [[blank, *pictures] for pictures in rows]
        for reference, small in zip(whole, shown, strict=True):
            rows.append([small, *row(model.driven_by(model.table.encode(reference)))])
    return sheet(rows)


def _square(rgb: np.ndarray, side: int) -> np.ndarray:
    smaller = resize_short_side(rgb, side)
    top, left = ((length - side) // 2 for length in smaller.shape[:2])
    return smaller[top : top + side, left : left + side]
