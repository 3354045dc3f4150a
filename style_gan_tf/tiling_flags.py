"""The flags of `stylize` for large and for seamless pictures, and the bar of their tiles."""

import math
import sys

from absl import flags
from tqdm import tqdm

from style_gan_tf.errors import UsageError
from style_gan_tf.inference import Model, Tiling
from style_gan_tf.inference.paint_size import SmallPainter
from style_gan_tf.inference.pictures import Stylizes
from style_gan_tf.inference.tiles import STATISTICS


def define_flags(values: flags.FlagValues) -> None:
    """Define them."""
    flags.DEFINE_integer(
        "paint_size",
        None,
        "Pixels of the longer side at which larger pictures and videos are painted, for broader "
        "strokes in less time; edges stay as sharp as the photo's. 0: their own size. Default: "
        "what the model's card says, else 0. A --server paints as its model was exported.",
        0,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "tile",
        0,
        "Pixels a side of the tiles that large pictures are cut into; 0: what the memory holds, "
        "and pictures that it holds whole are not cut.",
        0,
        flag_values=values,
    )
    flags.DEFINE_enum(
        "tile_statistics",
        STATISTICS[0],
        STATISTICS,
        "What tiles are normalized by: exact, the whole picture's statistics (as one pass over it "
        "would, at several times the time); thumbnail, those of a small copy (another look, but "
        "no seam either).",
        flag_values=values,
    )
    flags.DEFINE_float(
        "memory",
        0.0,
        "GiB to work in, the program itself aside; 0: half of what is free.",
        0.0,
        flag_values=values,
    )
    flags.DEFINE_bool(
        "seamless",
        False,
        "Textures: what leaves the picture on one side comes in on the other, so that the result "
        "can be laid side by side.",
        flag_values=values,
    )


def tiling(values: flags.FlagValues) -> Tiling:
    """What the flags say.

    Raises:
        UsageError: For memory that is no number.
    """
    if not math.isfinite(values.memory):
        raise UsageError(f"--memory={values.memory}: expected GiB, such as 1.5")
    return Tiling(
        tile=values.tile,
        statistics=values.tile_statistics,
        memory=int(values.memory * 2**30),
        seamless=values.seamless,
        paint_size=values.paint_size,
    )


def sized(values: flags.FlagValues, model: Stylizes) -> Stylizes:
    """What paints at --paint_size, of something that has no `Tiling`."""
    return SmallPainter(model, values.paint_size) if values.paint_size else model


def refuse(values: flags.FlagValues, flag: str, *more: str) -> None:
    """Refuse the flags, and more of them, beside another one that has no use for them.

    Raises:
        UsageError: Names the first that is given.
    """
    for name in ("tile", "memory", "seamless", *more):
        if values[name].value != values[name].default:
            raise UsageError(f"--{name} and {flag}: give one of them")


def show_tiles(model: Model) -> None:
    """Show a bar while the model works on the tiles of a picture: on a terminal alone."""
    bar: tqdm | None = None

    def on_tile(done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            bar = tqdm(unit="tile", leave=False, disable=not sys.stderr.isatty())
        bar.total = total
        bar.update(done - bar.n)
        if done == total:
            bar.close()
            bar = None

    model.on_tile = on_tile
