"""Tiles against whole pictures, seamless textures, and pictures beyond the memory.

    python -m benchmarks.tiles --model=runs/painting --size=2048
    python -m benchmarks.tiles --model=runs/painting --gigapixel=tif --width=20000 --height=15000

The first stylizes one picture as a whole and in tiles and prints how much the two differ (PSNR) and
whether tile borders show: the mean difference of neighbouring pixels across borders over that
elsewhere, divided by the same of a picture with the same statistics but no border there; 1 is no
seam. Then two textures of
scikit-image, made periodic: the difference across the border where they meet themselves, over that
inside, and over that at the same place once the texture is moved so that it lies inside; 1 is no
seam there, whatever the texture is like at that place. The second writes a picture of that size,
runs the stylize command on it and prints its time and its peak memory. docs/inference.md has
figures.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from absl import flags

from style_gan_tf import command_line
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import Picture
from style_gan_tf.inference import Tiling, find_model, load_model

_TEXTURES = ("brick", "grass")
_ROWS = 256  # of the large picture, drawn at once


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    flags.DEFINE_string("model", "", "As for the stylize command.", flag_values=values)
    flags.DEFINE_integer("size", 2048, "Height and width of the picture.", 64, flag_values=values)
    flags.DEFINE_integer("tile", 512, "Pixels a side of the tiles.", 16, flag_values=values)
    flags.DEFINE_enum(
        "precision", "float32", ["float32", "mixed_bfloat16"], "Of the model.", flag_values=values
    )
    flags.DEFINE_enum(
        "gigapixel",
        None,
        ["png", "tif"],
        "Instead: a large picture of this format through the command.",
        flag_values=values,
    )
    flags.DEFINE_integer("width", 20000, "Of --gigapixel.", 1, flag_values=values)
    flags.DEFINE_integer("height", 15000, "Of --gigapixel.", 1, flag_values=values)
    flags.DEFINE_float("memory", 1.0, "GiB, for the command.", 0.0, flag_values=values)
    flags.DEFINE_enum(
        "tile_statistics",
        "exact",
        ["exact", "thumbnail"],
        "For the command.",
        flag_values=values,
    )
    flags.DEFINE_string("json", "", "Write the figures to this file too.", flag_values=values)


def main(values: flags.FlagValues) -> None:
    """Measure and print."""
    if not values.model:
        raise UsageError("--model is missing: name a trained model")
    find_model(values.model)
    figures = _gigapixel(values) if values.gigapixel else _compare(values)
    if values.json:
        try:
            Path(values.json).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            raise UserError(f"--json={values.json}: cannot be written ({error.strerror})") from None


def picture_rows(first: int, stop: int, height: int, width: int) -> np.ndarray:
    """Rows of a picture of any size, uint8 `[rows, width, 3]`.

    A photograph laid side by side by reflection, whose brightness and colours drift from one end
    of the picture to the other, so that no part has the statistics of the whole.
    """
    import skimage.data

    photo = skimage.data.astronaut()
    rows = _reflected(np.arange(first, stop), len(photo))
    columns = _reflected(np.arange(width), photo.shape[1])
    down = (np.arange(first, stop) / height)[:, None, None]
    across = (np.arange(width) / width)[None, :, None]
    drift = 0.5 + 0.5 * np.concatenate(
        np.broadcast_arrays(down, across, 1.0 - down * across), axis=-1
    )
    return (photo[rows[:, None], columns] * drift).astype(np.uint8)


def seam(stylized: np.ndarray, rows: list[int], columns: list[int]) -> float:
    """Mean difference of neighbours across the borders over that elsewhere.

    Args:
        stylized: float `[height, width, 3]`.
        rows: Where tiles begin, down.
        columns: Where they begin, across.
    """
    down, across = (
        np.abs(np.diff(stylized, axis=axis)).mean(axis=(1 - axis, 2)) for axis in (0, 1)
    )
    borders = [down[[row - 1 for row in rows]], across[[column - 1 for column in columns]]]
    elsewhere = [np.delete(down, [row - 1 for row in rows])]
    elsewhere.append(np.delete(across, [column - 1 for column in columns]))
    return float(np.concatenate(borders).mean() / np.concatenate(elsewhere).mean())


def wrap_ratio(texture: np.ndarray) -> float:
    """Mean difference of the first and last row and column over that of inner neighbours."""
    ratios = []
    for axis in (0, 1):
        inner = np.abs(np.diff(texture, axis=axis)).mean()
        ends = np.take(texture, 0, axis) - np.take(texture, -1, axis)
        ratios.append(np.abs(ends).mean() / inner)
    return float(np.mean(ratios))


def periodic(texture: np.ndarray) -> np.ndarray:
    """A texture that goes on at its other side: faded over into itself, moved by half its size.

    The shares' squares add up to 1, so that there is as much contrast in the middle as at the
    border; and the border is laid where the texture is as anywhere, not on a joint between bricks.

    Args:
        texture: float `[height, width]`, sides even.
    """
    mean = texture.mean()
    texture = texture - mean
    for axis in (0, 1):
        size = texture.shape[axis]
        share = 1.0 - np.abs((np.arange(size) + 0.5) * 2.0 / size - 1.0)
        share = np.expand_dims(share, 1 - axis)
        moved = np.roll(texture, size // 2, axis)
        texture = np.sqrt(share) * texture + np.sqrt(1.0 - share) * moved
    for axis in (0, 1):
        steps = np.abs(texture - np.roll(texture, -1, axis)).mean(axis=1 - axis)
        around = np.mean([np.roll(steps, near) for near in range(-4, 5)], axis=0)
        place = int(np.abs(around - steps.mean()).argmin())
        texture = np.roll(texture, -1 - place, axis)
    return np.clip(mean + texture, -1.0, 1.0)


def border_ratio(stylize: Callable[[np.ndarray], np.ndarray], texture: np.ndarray) -> float:
    """The difference across the border over that at the same place when it lies inside.

    Args:
        stylize: What is asked for seams, `[1, height, width, 3]` to the same.
        texture: A periodic one, `[height, width, 3]`.
    """
    half = texture.shape[0] // 2, texture.shape[1] // 2
    moved = stylize(np.roll(texture, half, (0, 1))[np.newaxis])[0]
    back = np.roll(moved, (-half[0], -half[1]), (0, 1))
    at_border, inside = (
        sum(np.abs(np.take(x, 0, axis) - np.take(x, -1, axis)).mean() for axis in (0, 1))
        for x in (stylize(texture[np.newaxis])[0], back)
    )
    return float(at_border / inside)


def _reflected(index: np.ndarray, size: int) -> np.ndarray:
    index = index % (2 * size)
    return np.minimum(index, 2 * size - 1 - index)


def _cut(**how: Any) -> Tiling:
    """At their own size whatever the model's card says: tiles of large pictures are measured."""
    return Tiling(paint_size=0, **how)


def _compare(values: flags.FlagValues) -> dict[str, Any]:
    command_line.load_tensorflow()
    size = values.size
    images = picture_rows(0, size, size, size).astype(np.float32)[np.newaxis] / 127.5 - 1.0
    whole = load_model(values.model, values.precision, _cut(tile=size)).stylize(images)
    figures: dict[str, Any] = {"size": size, "tile": values.tile, "precision": values.precision}
    for statistics in ("exact", "thumbnail"):
        model = load_model(
            values.model, values.precision, _cut(tile=values.tile, statistics=statistics)
        )
        borders = _borders(model, size, values.tile)
        began = time.monotonic()
        tiled = model.stylize(images)
        seconds = time.monotonic() - began
        error = float(np.mean((tiled - whole) ** 2))
        plain = whole
        if statistics == "thumbnail":
            # The whole picture's statistics are others, and so are its contrasts.
            other = _cut(tile=_other_tile(size, values.tile), statistics=statistics)
            plain = load_model(values.model, values.precision, other).stylize(images)
        found = {
            "psnr": 10.0 * float(np.log10(4.0 / error)) if error else float("inf"),
            "seam": seam(tiled[0], borders, borders) / seam(plain[0], borders, borders),
            "seconds": seconds,
        }
        figures[statistics] = found
        print(
            f"{statistics}: PSNR to the whole {found['psnr']:.1f} dB, "
            f"seam {found['seam']:.4f}, {seconds:.1f} s"
        )
    figures["overlap"] = model.tiles.facts.overlap
    figures["textures"] = _textures(values)
    return figures


def _other_tile(size: int, tile: int) -> int:
    """A side whose tiles begin elsewhere but whose thumbnail is shrunk by as much."""
    sides = (tile * share // 16 for share in range(20, 16, -1))
    return next((side for side in sides if -(-size // side) == -(-size // tile)), size)


def _borders(model: Any, size: int, tile: int) -> list[int]:
    """Where tiles begin inside a side of the picture."""
    from style_gan_tf.inference.canvas import spans

    facts = model.tiles.facts
    before, after = model.tiles.surround(size, size)[0]
    sides = spans(before + size + after, tile, facts.overlap, facts.stride)
    return [span.start - before for span in sides if 0 < span.start - before < size]


def _textures(values: flags.FlagValues) -> dict[str, Any]:
    import skimage.data

    plain, torus = (
        load_model(values.model, values.precision, _cut(seamless=seamless))
        for seamless in (False, True)
    )
    figures = {}
    for name in _TEXTURES:
        texture = periodic(getattr(skimage.data, name)().astype(np.float64) / 127.5 - 1.0)
        images = np.repeat(texture[np.newaxis, ..., np.newaxis], 3, axis=-1)
        found = {
            "input": wrap_ratio(images[0]),
            "plain": wrap_ratio(plain.stylize(images)[0]),
            "seamless": wrap_ratio(torus.stylize(images)[0]),
            "plain_same_place": border_ratio(plain.stylize, images[0]),
            "seamless_same_place": border_ratio(torus.stylize, images[0]),
        }
        figures[name] = found
        told = {key: f"{value:.3f}" for key, value in found.items()}
        print(
            f"{name}: across the border over inside: input {told['input']}, plain "
            f"{told['plain']}, --seamless {told['seamless']}; over the same place inside: plain "
            f"{told['plain_same_place']}, --seamless {told['seamless_same_place']}"
        )
    return figures


def _gigapixel(values: flags.FlagValues) -> dict[str, Any]:
    import resource

    from style_gan_tf.images.row_writer import row_writer

    size = (values.height, values.width)
    with tempfile.TemporaryDirectory() as folder:
        photo, painted = (Path(folder) / f"{n}.{values.gigapixel}" for n in ("photo", "painted"))
        with row_writer(photo, size) as write:
            for first in range(0, size[0], _ROWS):
                write(Picture(picture_rows(first, min(first + _ROWS, size[0]), *size)))
        command = [
            *(sys.executable, "-m", "style_gan_tf.stylize", f"--model={values.model}"),
            *(f"--input={photo}", f"--output={painted}", f"--memory={values.memory}"),
            "--paint_size=0",
            *(f"--tile_statistics={values.tile_statistics}", f"--precision={values.precision}"),
        ]
        print(" ".join(command), flush=True)
        began = time.monotonic()
        done = subprocess.run(command, env=os.environ)
        seconds = time.monotonic() - began
        if done.returncode:
            raise UserError(f"the command ended with {done.returncode}")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        written = painted.stat().st_size
    pixels = values.width * values.height
    print(
        f"{values.width}x{values.height} {values.gigapixel}: {seconds:.0f} s "
        f"({pixels / seconds / 1e6:.2f} megapixels a second), peak memory {peak / 1e9:.2f} GB, "
        f"{written / 1e6:.0f} MB written"
    )
    return {
        **{name: values[name].value for name in ("width", "height", "gigapixel", "memory")},
        "precision": values.precision,
        "tile_statistics": values.tile_statistics,
        "seconds": seconds,
        "peak_bytes": peak,
        "written_bytes": written,
    }


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.tiles", __doc__ or "", define_flags, main))
