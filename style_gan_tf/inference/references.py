"""Reference pictures: a file to what a style encoder sees."""

from pathlib import Path

import numpy as np

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import Picture, decode, resize_short_side

REFERENCE = "reference"  # what --style calls the picture of --style_image
LONGEST = 4  # times the short side: of longer pictures the encoder sees the middle alone
_LARGEST = 1024  # pixels, the short side: the encoder sees far fewer


def read_reference(path: str | Path, name: str = "--style_image") -> Picture:
    """Read a picture whose style is wanted.

    Args:
        path: A file of any kind that `stylize` reads.
        name: What errors call it.

    Raises:
        UsageError: When there is no such file.
        UserError: When it is no picture that can be read, or has one colour alone.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise UsageError(f"{name}={path}: no such file")
    picture = decode(file.read_bytes(), name=f"{name}={path}", at_least=_LARGEST)
    return check_reference(picture, f"{name}={path}")


def check_reference(picture: Picture, name: str) -> Picture:
    """What the encoder sees of the picture, on white, at most about 1000 pixels a short side.

    That is its middle where it is long: what an encoder never sees need not fit an export's limit
    of pixels, and cannot make a look.

    Raises:
        UserError: When it has one colour alone: a look is in how colours lie side by side.
    """
    rgb = picture.on_white()
    height, width = rgb.shape[:2]
    rows, columns = (min(length, LONGEST * min(height, width)) for length in (height, width))
    top, left = (height - rows) // 2, (width - columns) // 2
    seen = rgb[top : top + rows, left : left + columns]
    if np.ptp(seen.reshape(-1, 3), axis=0).max() == 0:
        middle = "" if seen.size == rgb.size else f"the middle {columns}x{rows} of "
        raise UserError(
            f"{name}: all of {middle}its {width}x{height} pixels have one colour, which is no "
            "style: give a picture"
        )
    return Picture(resize_short_side(np.ascontiguousarray(seen), min(_LARGEST, rows, columns)))
