"""Write a trained generator as a SavedModel for TF Serving, the command line and any TensorFlow.

    python -m style_gan_tf.export --run_dir=runs/monet

writes `runs/monet/export/<next version>/` from the run's newest checkpoint (float32 weights, their
moving average), and prints that folder. A `.keras` file is exported with

    python -m style_gan_tf.export --model=generator.keras --output=models/monet

and for other runtimes as one file:

    python -m style_gan_tf.export --run_dir=runs/monet --format=tflite --weights=float16
"""

import dataclasses
import sys
from pathlib import Path

from absl import flags

from style_gan_tf import command_line
from style_gan_tf.errors import UsageError
from style_gan_tf.exporting.portable import FORMATS, WEIGHTS, require
from style_gan_tf.exporting.warm_up import SIDE
from style_gan_tf.inference import find_model
from style_gan_tf.options import at_least
from style_gan_tf.training.run_record import run_record

_SAMPLES = 5


def define_flags(values: flags.FlagValues) -> None:
    """Define the command's flags."""
    flags.DEFINE_string(
        "run_dir", "", "The run folder whose generator is exported.", flag_values=values
    )
    flags.DEFINE_string(
        "model", "", "Instead of --run_dir: a .keras file to export.", flag_values=values
    )
    flags.DEFINE_enum(
        "format", "saved_model", ("saved_model", *FORMATS),
        "saved_model: a folder for TF Serving; tflite, onnx: a file.", flag_values=values,
    )  # fmt: skip
    flags.DEFINE_string(
        "output",
        "",
        "The folder in which the next numbered version is written, default RUN_DIR/export; or the "
        "file, default RUN_DIR/generator.FORMAT.",
        flag_values=values,
    )
    flags.DEFINE_bool("overwrite", False, "Replace a file that is there.", flag_values=values)
    flags.DEFINE_integer(
        "max_pixels",
        0,
        "The largest picture that a SavedModel's signatures take, in pixels; 0: what the network "
        "stylizes in 4 GB of memory.",
        lower_bound=0,
        flag_values=values,
    )
    flags.DEFINE_enum(
        "weights",
        "float32",
        WEIGHTS,
        "How tflite and onnx keep the weights: float16 halves the file; computed in float32.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "licence", "", "The model's licence, for its card; its data may bind you.",
        flag_values=values,
    )  # fmt: skip
    flags.DEFINE_integer(
        "paint_size",
        0,
        "Pixels of the longer side at which a SavedModel paints larger pictures, for broader "
        "strokes; edges stay as sharp as the photo's. Servers do so always, stylize unless it is "
        "told otherwise. 0: their own size.",
        lower_bound=0,
        flag_values=values,
    )
    flags.DEFINE_string(
        "samples",
        "",
        "Dataset spec (demo:photos, a folder, ...): the card goes with a sheet of five of its "
        "pictures and what the model makes of them.",
        flag_values=values,
    )


@dataclasses.dataclass(frozen=True)
class _Job:
    """The `.keras` file to export, and the folder of versions or the file to write."""

    source: Path
    output: Path


def main(values: flags.FlagValues) -> None:
    """Export the model that the flags name."""
    job = _check(values)
    facts = run_record(job.source)
    if values.licence:
        facts["licence"] = values.licence
    if values.format == "saved_model":
        command_line.load_tensorflow()
        from style_gan_tf.exporting import export_saved_model
        from style_gan_tf.networks import load_network

        limit = values.max_pixels or None
        network = load_network(job.source)
        samples = None
        if values.samples:
            samples = _samples(values.samples, job.source, values.paint_size)
        given = {"max_pixels": limit, "paint_size": values.paint_size}
        print(export_saved_model(network, job.output, **given, facts=facts, samples=samples))
        return
    print(_export_file(values.format, values.weights, job))


def _samples(spec: str, source: Path, paint_size: int) -> bytes:
    """The sheet as JPEG."""
    from style_gan_tf import data
    from style_gan_tf.images import Picture, encode
    from style_gan_tf.inference import Tiling, load_model
    from style_gan_tf.inference.sample_sheet import sample_sheet

    pictures = data.spread(data.open_source(spec), _SAMPLES)
    shown = [
        Picture(
            pictures.picture(
                index, max_pixels=pictures.max_pixels, at_least=max(pictures.size(index))
            )
        )
        for index in range(len(pictures))
    ]
    model = load_model(source, "float32", Tiling(paint_size=paint_size))
    return encode(sample_sheet(model, shown), format="jpeg", quality=75)


def _export_file(format: str, weights: str, job: _Job) -> Path:
    require(format)
    command_line.load_tensorflow()
    from style_gan_tf.networks import load_network

    network = load_network(job.source)
    if format == "tflite":
        from style_gan_tf.exporting.tflite import export_tflite

        return export_tflite(network, job.output, weights=weights)
    from style_gan_tf.exporting.onnx import export_onnx

    return export_onnx(network, job.output, weights=weights)


def _check(values: flags.FlagValues) -> _Job:
    if bool(values.run_dir) == bool(values.model):
        raise UsageError("give either --run_dir=RUN or --model=FILE.keras")
    if values.run_dir:
        run = Path(values.run_dir).expanduser()
        if not run.is_dir():
            raise UsageError(f"--run_dir={values.run_dir}: no such folder")
        found = find_model(run)
        if found.kind != "keras":
            raise UsageError(
                f"--run_dir={values.run_dir} is a SavedModel already, not a run folder"
            )
    else:
        found = find_model(values.model)
        if found.kind != "keras":
            raise UsageError(f"--model={values.model} is a SavedModel already: copy its folder")
    return _Job(found.path, _output(values, Path(values.run_dir).expanduser()))


def _output(values: flags.FlagValues, run: Path) -> Path:
    """The folder of versions, or the file."""
    given = Path(values.output).expanduser() if values.output else None
    if values.format == "saved_model":
        for flag in ("weights", "overwrite"):
            if values[flag].value != values[flag].default:
                raise UsageError(f"--{flag} is for --format=tflite and onnx; a SavedModel is a new "
                                 "version, in float32")  # fmt: skip
        if values.max_pixels:
            at_least("--max_pixels", values.max_pixels, SIDE**2)
        if given is None and not values.run_dir:
            raise UsageError("--output is missing: name the folder for the exported versions")
        folder = given or run / "export"
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"--output={folder} is a file: name a folder")
        return folder
    for flag in ("max_pixels", "licence", "paint_size", "samples"):
        if values[flag].value:
            raise UsageError(f"--{flag} is for SavedModels: a {values.format} file has no card")
    if given is None and not values.run_dir:
        raise UsageError("--output is missing: name the file to write")
    file = given or run / f"generator.{values.format}"
    if file.is_dir():
        raise UsageError(f"--output={file} is a folder: name a file")
    if file.exists() and not values.overwrite:
        raise UsageError(f"--output={file} exists: name another file, or add --overwrite")
    return file


def console() -> None:
    """Run the command with the process's arguments and exit."""
    sys.exit(command_line.run("python -m style_gan_tf.export", __doc__ or "", define_flags, main))


if __name__ == "__main__":
    console()
