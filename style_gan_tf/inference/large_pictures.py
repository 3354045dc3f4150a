"""Pictures that the memory does not hold: read, stylized in tiles and written by rows."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from style_gan_tf.errors import UserError
from style_gan_tf.images import DEFAULT_MAX_PIXELS, read_size
from style_gan_tf.images.row_reader import RowReader
from style_gan_tf.images.row_writer import row_writer
from style_gan_tf.images.vips import has_vips
from style_gan_tf.inference.color import ColorControl, preserve_color
from style_gan_tf.inference.models import Model
from style_gan_tf.inference.paint_size import Enlarging, shrink
from style_gan_tf.inference.pictures import Stylizes, at_strength, finish, prepare
from style_gan_tf.inference.tiles import stylize_tiles

# What a pixel takes while a picture is decoded, prepared, stylized and encoded as a whole.
_WHOLE = 50  # bytes
# What it takes of a strip: float32 in and out, a copy of each, and what is read.
_STRIP = 60  # bytes
_FINISHED = 128  # rows at once


def is_large(path: Path, memory: int) -> bool:
    """Whether a file's picture is better stylized by rows.

    Args:
        path: A picture; its header alone is read.
        memory: Bytes that may be taken.
    """
    try:
        with open(path, "rb") as file:
            width, height = read_size(file, str(path))
    except (UserError, OSError):  # For who decodes it to tell.
        return False
    pixels = width * height
    # Without libvips what the decoder takes at all is tried.
    return pixels > DEFAULT_MAX_PIXELS or (pixels * _WHOLE > memory and has_vips())


def stylize_large(
    model: Model,
    source: Path,
    target: Path,
    *,
    strength: float = 1.0,
    quality: int = 95,
    color: ColorControl | None = None,
    precise: Callable[[], Stylizes] | None = None,
) -> None:
    """Stylize a picture by rows; see `stylize_picture` for what becomes of it.

    Args:
        model: What `load_model` gives; its tiling says the statistics and the memory.
        source: A JPEG, PNG, WebP or TIFF.
        target: The file to write.
        strength: 0 (the photo) to 1 (fully stylized).
        quality: Of JPEG and WebP, 1 to 100.
        color: None or `preserve_color`: others look at the whole picture.
        precise: Gives the model for pictures of 16 bits, in float32; default: `model`.

    Raises:
        UserError: When it cannot be read or written, or something is asked for that needs the
            whole picture at once.
    """
    if model.tiling.seamless:
        raise UserError(f"{source}: too large for --seamless with this memory (--memory)")
    if color not in (None, preserve_color):
        raise UserError(f"{source}: too large for --match_color with this memory (--memory)")
    reader = RowReader(source)
    deep = reader.dtype == np.uint16
    if deep and precise is not None and isinstance(chosen := precise(), Model):
        model = chosen
    at, blended = at_strength(model, strength)
    assert isinstance(at, Model)
    model = at
    row = 0
    size = (reader.height, reader.width)
    with row_writer(
        target,
        size,
        deep=deep,
        alpha=reader.has_alpha,
        quality=quality,
        profile=reader.profile,
        exif=reader.exif,
        resolution=reader.resolution,
    ) as write:

        def write_strip(stylized: np.ndarray) -> None:
            nonlocal row
            for first in range(0, len(stylized), _FINISHED):
                part = stylized[first : first + _FINISHED]
                photo = reader.held(row, row + len(part))
                write(finish(photo, part, strength, color, blended=blended))
                row += len(part)

        def read(first: int, stop: int) -> np.ndarray:
            return prepare(reader.rows(first, stop))[0]

        longest = model.tiling.paint_size
        if longest and max(size) > longest:
            copy = shrink(read, size, longest)
            painted = model.stylize(copy[np.newaxis])[0]
            enlarging = Enlarging(copy, painted, size, model.kept)
            for first in range(0, size[0], _FINISHED):
                photo = read(first, min(first + _FINISHED, size[0]))
                write_strip(enlarging.rows(photo, first))
            return
        tile = model.tile()
        overlap = 2 * model.tiles.facts.overlap
        stylize_tiles(
            model.tiles,
            read,
            size,
            write_strip,
            tile=tile,
            rows=min(tile, model.memory // 2 // (_STRIP * reader.width) - overlap),
            statistics=model.tiling.statistics,
            on_tile=lambda done, total: model.on_tile(done, total),
        )
