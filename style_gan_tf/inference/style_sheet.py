"""A picture in all that a model can make of it: every style at every strength, and mixtures."""

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from style_gan_tf.images import Picture, captioned_sheet, decode, resize_short_side
from style_gan_tf.inference.models import Model
from style_gan_tf.inference.pictures import stylize_picture

_STRENGTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_PAIRS = 6  # rows of mixtures at most: a sheet is to be looked at

# A row of looks: a caption, style weights (none: the model's own), a strength.
_Row = list[tuple[str, np.ndarray | None, float]]


def style_sheet(model: Model, picture: Picture, side: int = 256) -> np.ndarray:
    """A labelled grid: a row of strengths for each style, then a row of mixtures for each pair.

    Args:
        model: A model of one style or several.
        picture: What it stylizes.
        side: Pixels of the short side of each picture in the grid; larger ones are shrunk before
            they are stylized.

    Returns:
        uint8 `[height, width, 3]`.
    """
    rgb = picture.on_white()
    shown = Picture(resize_short_side(rgb, min(side, *rgb.shape[:2])))
    rows, captions = [], []
    for row in _rows(model.styles):
        looks = [
            stylize_picture(model if weights is None else model.in_style(weights), shown, strength)
            for _, weights, strength in row
        ]
        rows.append([look.rgb for look in looks])
        captions.append([caption for caption, _, _ in row])
    return captioned_sheet(rows, captions)


def sheet_reader(model: Model) -> Callable[[Path], Picture]:
    """What reads a file as its sheet, for `stylize_files` without a model of its own."""
    return lambda path: Picture(style_sheet(model, decode(path.read_bytes(), name=str(path))))


def _rows(styles: Sequence[str]) -> list[_Row]:
    if len(styles) < 2:
        return [[(f"strength {s:g}", None, s) for s in _STRENGTHS]]
    full = np.eye(len(styles), dtype=np.float32)
    rows: list[_Row] = [
        [(f"{name} {s:g}", weights, s) for s in _STRENGTHS]
        for name, weights in zip(styles, full, strict=True)
    ]
    pairs = itertools.combinations(range(len(styles)), 2)
    for one, other in itertools.islice(pairs, _PAIRS):
        rows.append(
            [
                (
                    f"{styles[one]} {1 - s:g}, {styles[other]} {s:g}",
                    np.float32(1 - s) * full[one] + np.float32(s) * full[other],
                    1.0,
                )
                for s in _STRENGTHS
            ]
        )
    return rows
