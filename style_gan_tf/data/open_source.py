"""Data sets by spec: `photos/`, `photos/*.jpg`, `tfds:NAME:SPLIT`, `demo:NAME`, `cel:SPEC`, ...

A new kind is one file and one line here.
"""

import os
import re
from collections.abc import Callable

from style_gan_tf.data.cel_source import open_cel
from style_gan_tf.data.demo import open_demo
from style_gan_tf.data.folders import open_folder, open_glob
from style_gan_tf.data.source import Source
from style_gan_tf.data.tfds_source import open_tfds
from style_gan_tf.data.tfrecords import open_tfrecords
from style_gan_tf.errors import UserError
from style_gan_tf.images import DEFAULT_MAX_PIXELS

_KINDS: dict[str, Callable[..., Source]] = {
    "cel": lambda *args, **options: open_cel(*args, **options, open_source=open_source),
    "demo": open_demo,
    "tfds": open_tfds,
    "tfrecord": open_tfrecords,
}


def open_source(spec: str, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> Source:
    """Open the data set that a spec names.

    Args:
        spec: A folder (searched recursively), a glob of files (`**` is recursive), or
            `tfds:NAME[/CONFIG][:VERSION][:SPLIT]`, `tfrecord:PATTERN`, `demo:photos`,
            `demo:van_gogh` or another of `open_demo`, `cel:SPEC` (that one's pictures, drawn as
            cartoons).
        max_pixels: Pictures with more pixels are skipped.

    Returns:
        A source with at least one picture.

    Raises:
        UserError: When the spec is of no known kind, or names nothing, or nothing usable.
    """
    if not spec:
        raise UserError("the data spec is empty: name a folder of pictures")
    prefix, separator, rest = spec.partition(":")
    # A file or folder may have a colon in its name; a drive letter is no prefix.
    if separator and re.fullmatch(r"[A-Za-z_]\w+", prefix) and not os.path.exists(spec):
        if prefix not in _KINDS:
            kinds = ", ".join(f"{kind}:" for kind in _KINDS)
            raise UserError(
                f"{spec}: unknown kind of data {prefix + ':'!r};"
                f" use a folder, a glob or one of {kinds}"
            )
        return _KINDS[prefix](spec, rest, max_pixels=max_pixels)
    if not os.path.exists(spec) and any(character in spec for character in "*?["):
        return open_glob(spec, max_pixels=max_pixels)
    return open_folder(spec, max_pixels=max_pixels)
