"""Pictures a second of the whole stylize command on a folder, beside the bare generator's.

    python -m benchmarks.stylize --rounds=3

In turns: the generator on a float32 tensor that lies in memory, for as many pictures; and the
command, from loading the model to the last file, that decodes JPEGs, stylizes, encodes and writes
them. TensorFlow is loaded before. Without --model an untrained `fast` works, whose time is that of
a trained one. docs/benchmarks.md says how to read the figures.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from absl import flags

from benchmarks import alternating
from benchmarks.video import bare, command, define_paint_size, large_photo, report, untrained
from style_gan_tf import command_line
from style_gan_tf.images import encode


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    flags.DEFINE_string("model", "", "The model; default: an untrained fast.", flag_values=values)
    flags.DEFINE_string(
        "content_data", "demo:photos", "Where the photo is from.", flag_values=values
    )
    for name, default in (("width", 1280), ("height", 720)):
        flags.DEFINE_integer(name, default, f"The pictures' {name}.", 32, flag_values=values)
    define_paint_size(values)
    flags.DEFINE_integer("pictures", 60, "How many.", 2, flag_values=values)
    alternating.define_flags(values, rounds=3)


def main(values: flags.FlagValues) -> None:
    """Time both in turns and print the ratio."""
    alternating.prepare(values)
    facts = alternating.machine()
    print(alternating.describe(facts))
    with tempfile.TemporaryDirectory(prefix="benchmark_stylize_") as name:
        folder = Path(name)
        write_pictures(folder / "photos", values)
        command_line.load_tensorflow()
        model = values.model or untrained(folder / "generator.keras")
        argv = [f"--model={model}", f"--input={folder / 'photos'}", f"--output={folder / 'out'}"]
        argv += ["--overwrite", f"--paint_size={values.paint_size}"]
        shape = (1, values.height, values.width)
        contenders = [
            alternating.Contender("bare generator", bare(model, shape, values.pictures)),
            alternating.Contender("stylize command", command(argv), ours=True),
        ]
        timings = alternating.take_turns(contenders, values.rounds, warm_up=0)
    facts |= {name: values[name].value for name in ("pictures", "width", "height")}
    report(facts, timings, values.pictures, "picture", values.json)


def write_pictures(folder: Path, values: flags.FlagValues) -> None:
    """JPEGs of one photo, cut out at different places."""
    folder.mkdir()
    sides = values.height + values.pictures, values.width + values.pictures
    pixels = large_photo(values.content_data, *sides)
    for index in range(values.pictures):
        window = pixels[index : index + values.height, index : index + values.width]
        picture = np.ascontiguousarray(window)
        (folder / f"{index:04d}.jpg").write_bytes(encode(picture, format="jpeg", quality=90))


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.stylize", __doc__ or "", define_flags, main))
