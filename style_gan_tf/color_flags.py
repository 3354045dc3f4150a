"""The flags of `stylize` for colours."""

from pathlib import Path

import numpy as np
from absl import flags

from style_gan_tf.errors import UsageError
from style_gan_tf.images import decode
from style_gan_tf.inference.color import ColorControl, MatchColor, preserve_color
from style_gan_tf.inference.pictures import prepare


def define_flags(values: flags.FlagValues) -> None:
    """Define them."""
    flags.DEFINE_bool(
        "preserve_color",
        False,
        "Take only the lightness from what the model paints, and the colours from the photo.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "match_color",
        "",
        "A picture whose colours the results shall have: their mean and how they vary.",
        flag_values=values,
    )


def control(values: flags.FlagValues) -> ColorControl | None:
    """What the flags say.

    Raises:
        UsageError: For both at once, or a picture that is not there.
        ImageError: For one that cannot be read.
    """
    if values.preserve_color and values.match_color:
        raise UsageError("--preserve_color and --match_color: give one of them")
    if values.preserve_color:
        return preserve_color
    if not values.match_color:
        return None
    path = Path(values.match_color).expanduser()
    if not path.is_file():
        raise UsageError(f"--match_color={path}: no such file")
    picture = decode(path.read_bytes(), name=f"--match_color={path}", faithful=True)
    return MatchColor(prepare(picture)[0] * np.float32(0.5) + np.float32(0.5), picture.alpha)
