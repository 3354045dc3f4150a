"""Contact sheets: a grid of pictures on white."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_LABEL_HEIGHT = 18  # pixels


def captioned_sheet(
    rows: Sequence[Sequence[np.ndarray]], captions: Sequence[Sequence[str]], *, gap: int = 4
) -> np.ndarray:
    """A sheet of rows with a text above each picture; arguments and errors as of `sheet`.

    Args:
        rows: Rows of pictures.
        captions: The texts, laid out as the pictures are; what is too long for its picture is cut.
        gap: White pixels around and between the pictures.

    Returns:
        uint8 [sheet height, sheet width, 3].
    """
    strips = [
        sheet([row], gap=gap, labels=texts) for row, texts in zip(rows, captions, strict=True)
    ]
    width = max(strip.shape[1] for strip in strips)
    sides = [((0, 0), (0, width - strip.shape[1]), (0, 0)) for strip in strips]
    padded = [np.pad(s, p, constant_values=255) for s, p in zip(strips, sides, strict=True)]
    return np.concatenate(padded)


def sheet(
    rows: Sequence[Sequence[np.ndarray]], *, gap: int = 4, labels: Sequence[str] | None = None
) -> np.ndarray:
    """Lay pictures out in a grid on white.

    Args:
        rows: Rows of pictures, uint8 [height, width, 3], all of one size; rows may differ in
            length.
        gap: White pixels around and between the pictures.
        labels: Texts above the columns, from the left.

    Returns:
        uint8 [sheet height, sheet width, 3].

    Raises:
        ValueError: When there is no picture, or the sizes differ.
    """
    shapes = {picture.shape for row in rows for picture in row}
    if len(shapes) != 1:
        raise ValueError(f"a sheet takes pictures of one size, got {sorted(shapes)}")
    height, width = shapes.pop()[:2]
    top = _LABEL_HEIGHT if labels else 0
    columns = max(len(row) for row in rows)
    canvas = np.full(
        (top + gap + len(rows) * (height + gap), gap + columns * (width + gap), 3), 255, np.uint8
    )
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            y, x = top + gap + r * (height + gap), gap + c * (width + gap)
            canvas[y : y + height, x : x + width] = picture
    return _with_labels(canvas, labels, gap, width) if labels else canvas


def _with_labels(canvas: np.ndarray, labels: Sequence[str], gap: int, width: int) -> np.ndarray:
    image = Image.fromarray(canvas)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=12)
    for column, label in enumerate(labels):
        while label and draw.textlength(label, font=font) > width:
            label = label[:-1]
        draw.text((gap + column * (width + gap), 3), label, fill="black", font=font)
    return np.array(image)
