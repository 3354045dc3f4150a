"""Reference pictures: a file to what a style encoder sees."""

from pathlib import Path

import numpy as np

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import Picture, decode, resize_short_side

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
    """The picture on white, at most about a thousand pixels a short side.

    Raises:
        UserError: When it has one colour alone: a look is in how colours lie side by side.
    """
    rgb = picture.on_white()
    if np.ptp(rgb.reshape(-1, 3), axis=0).max() == 0:
        height, width = rgb.shape[:2]
        raise UserError(
            f"{name}: all of its {width}x{height} pixels have one colour, which is no style: give "
            "a picture"
        )
    return Picture(resize_short_side(rgb, min(_LARGEST, *rgb.shape[:2])))
