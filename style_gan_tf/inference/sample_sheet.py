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
        pictures: What it stylizes; the middle square of each is taken.
        side: Pixels a side of each in the sheet.

    Returns:
        uint8 `[height, width, 3]`.
    """
    shown = [Picture(_square(picture.on_white(), side)) for picture in pictures]
    looks = [model]
    if len(model.styles) > 1:
        looks = [model.in_style(weights) for weights in np.eye(len(model.styles))]
    rows = [[picture.rgb for picture in shown]]
    rows += [[stylize_picture(look, picture).rgb for picture in shown] for look in looks]
    if model.table is not None and model.table.encode is not None:
        blank = np.full_like(rows[0][0], 255)
        rows = [[blank, *row] for row in rows]
        for reference in shown:
            look = model.driven_by(model.table.encode(reference))
            rows.append([reference.rgb, *(stylize_picture(look, p).rgb for p in shown)])
    return sheet(rows)


def _square(rgb: np.ndarray, side: int) -> np.ndarray:
    smaller = resize_short_side(rgb, side)
    top, left = ((length - side) // 2 for length in smaller.shape[:2])
    return smaller[top : top + side, left : left + side]
