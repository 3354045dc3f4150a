"""Frames a second of the whole stylize command on a video, beside the bare generator's.

    python -m benchmarks.video --rounds=3

In turns: the generator on a float32 tensor that lies in memory, for as many frames; and the
command, from loading the model to the closed file, that decodes H.264 with sound, stylizes,
encodes and writes. TensorFlow is loaded before. Without --input a photograph is panned; without
--model an untrained `fast` works, whose time is that of a trained one. docs/benchmarks.md says how
to read the figures.
"""

import contextlib
import io
import itertools
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from absl import flags

from benchmarks import alternating
from style_gan_tf import command_line, data, stylize
from style_gan_tf.errors import UsageError
from style_gan_tf.inference import Tiling, find_model, load_model
from style_gan_tf.inference.video import Clip, Frame, VideoReader, is_video, writing_video

_RATE = 25


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    flags.DEFINE_string("model", "", "The model; default: an untrained fast.", flag_values=values)
    flags.DEFINE_string("input", "", "A video; default: a panned photo.", flag_values=values)
    flags.DEFINE_string(
        "content_data", "demo:photos", "Where that photo is from.", flag_values=values
    )
    for name, default in (("width", 1280), ("height", 720)):
        flags.DEFINE_integer(name, default, f"The panned video's {name}.", 32, flag_values=values)
    flags.DEFINE_integer("frames", 200, "Of the panned video.", 2, flag_values=values)
    define_paint_size(values)
    flags.DEFINE_string("temporal", "statistics", "As of the command.", flag_values=values)
    alternating.define_flags(values, rounds=3)


def define_paint_size(values: flags.FlagValues) -> None:
    """Define the command's flag; the bare generator paints at the full size in any case."""
    flags.DEFINE_integer(
        "paint_size", 0, "As of the command; 0: the full size.", 0, flag_values=values
    )


def main(values: flags.FlagValues) -> None:
    """Time both in turns and print the ratio."""
    if values.input and not is_video(values.input):
        raise UsageError(f"--input={values.input}: not a video")
    alternating.prepare(values)
    facts = alternating.machine()
    print(alternating.describe(facts))
    with tempfile.TemporaryDirectory(prefix="benchmark_video_") as name:
        folder = Path(name)
        clip = Path(values.input) if values.input else panned_video(folder / "clip.mp4", values)
        with VideoReader(clip) as reader:
            frames = sum(isinstance(item, Frame) for item in reader)
            height, width = reader.clip.size
        command_line.load_tensorflow()
        model = values.model or untrained(folder / "generator.keras")
        argv = [f"--model={model}", f"--input={clip}", f"--output={folder / 'out.mp4'}"]
        argv += [
            "--overwrite",
            f"--temporal={values.temporal}",
            f"--paint_size={values.paint_size}",
        ]
        contenders = [
            alternating.Contender("bare generator", bare(model, (1, height, width), frames)),
            alternating.Contender("stylize command", command(argv), ours=True),
        ]
        timings = alternating.take_turns(contenders, values.rounds, warm_up=0)
    facts |= {"frames": frames, "width": width, "height": height}
    report(facts, timings, frames, "frame", values.json)


def bare(model: str, shape: tuple[int, int, int], count: int) -> Callable[[], object]:
    """The generator alone, `count` times on one tensor `[batch, height, width, 3]`."""
    import tensorflow as tf

    from style_gan_tf.networks import any_size, load_network
    from style_gan_tf.precision import fastest_precision

    found = find_model(model)
    images = tf.random.Generator.from_seed(0).uniform([*shape, 3], -1.0, 1.0)
    if found.kind == "keras":
        network = load_network(found.path, fastest_precision())
        generator = tf.function(
            lambda x: any_size(network, x),
            input_signature=[tf.TensorSpec([None, None, None, 3])],
            autograph=False,
        )
    else:
        saved = load_model(found, tiling=Tiling(paint_size=0))
        generator = lambda x: saved.stylize(x.numpy())  # noqa: E731
    generator(images)

    def run() -> None:
        for _ in range(count):
            generator(images)

    return run


def command(argv: list[str]) -> Callable[[], object]:
    """The stylize command with these flags, quiet."""

    def run() -> None:
        told = io.StringIO()
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            status = command_line.run("stylize", "", stylize.define_flags, stylize.main, argv)
        if status:
            raise UsageError(f"stylize {' '.join(argv)}: {told.getvalue().strip()}")

    return run


def report(
    facts: dict[str, Any], timings: list[alternating.Timing], count: int, thing: str, path: str
) -> None:
    """Print seconds for one frame or picture, things a second, and the ratio."""
    one = [replace(timing, seconds=tuple(s / count for s in timing.seconds)) for timing in timings]
    print(f"{count} {thing}s a round; seconds for one:")
    for timing in one:
        print(f"{timing.name}: {1 / timing.median:.2f} {thing}s/s")
    alternating.report(facts, one, path)


def untrained(path: Path) -> str:
    """A generator with the default options, saved."""
    from style_gan_tf.networks import build_generator

    build_generator("fast").save(path)
    return str(path)


def panned_video(path: Path, values: flags.FlagValues) -> Path:
    """A video of a photo that moves to and fro, two pixels a frame, as the command encodes it."""
    height, width = values.height, values.width
    pixels = large_photo(values.content_data, height, width * 5 // 4)
    way = pixels.shape[1] - width
    places = itertools.cycle([*range(0, way, 2), *range(way, 0, -2)])
    clip = Clip((height, width), 0, Fraction(1, _RATE), Fraction(_RATE), 0, None, 2, 2, 2, (), {})
    with writing_video(path, clip) as writer:
        for time, left in zip(range(values.frames), places, strict=False):
            writer.write(Frame(pixels[:, left : left + width], time, 1))
    return path


def large_photo(spec: str, height: int, width: int) -> np.ndarray:
    """The first photo of a dataset, uint8 `[height, width, 3]`: laid out with its mirror images,
    since an enlarged one would have less detail to encode than a photo has.
    """
    (photo,) = data.whole_pictures(data.open_source(spec), 1, 256)
    pixels = np.rint(photo * 127.5 + 127.5).astype(np.uint8)
    rest = [
        (0, max(0, side - have)) for side, have in zip((height, width), pixels.shape, strict=False)
    ]
    return np.pad(pixels, [*rest, (0, 0)], mode="symmetric")[:height, :width]


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.video", __doc__ or "", define_flags, main))
