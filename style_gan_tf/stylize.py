"""Stylize a picture, a folder of pictures or all that a glob matches; or generate pictures.

    python -m style_gan_tf.stylize --model=runs/monet --input=photos --output=monets
    python -m style_gan_tf.stylize --generate=16 --noise_model=runs/faces --model=runs/monet \\
        --output=painted_faces
    python -m style_gan_tf.stylize --optimize=wave.jpg --input=photo.jpg --output=photo_wave.jpg
    python -m style_gan_tf.stylize --server=http://localhost:8501/v1/models/monet --input=photos \\
        --output=monets

MODEL is a run folder, a `.keras` file, a SavedModel, a folder of its versions, or the name of a
shipped model. Each picture keeps its size, its alpha channel, its name and its place in the
folders. A picture that cannot be read is named and left out; the exit status is then 1.

`--optimize` needs no model: it paints each picture's pixels themselves in the look of one painting
or several, by gradient descent over VGG19's features. It takes minutes a picture.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from absl import flags
from tqdm import tqdm

from style_gan_tf import command_line, data
from style_gan_tf.errors import UsageError
from style_gan_tf.images import Picture
from style_gan_tf.inference import (
    Failure,
    Job,
    find_model,
    load_model,
    load_noise_model,
    plan_jobs,
    plan_samples,
    sample_reader,
    stylize_files,
)
from style_gan_tf.inference.pictures import Stylizes, check_strength
from style_gan_tf.precision import PRECISIONS, choose_precision
from style_gan_tf.serving.client import Client
from style_gan_tf.serving.remote_batch import connect, stylize_at_server


def define_flags(values: flags.FlagValues) -> None:
    """Define the command's flags."""
    flags.DEFINE_string(
        "model",
        "",
        "A run folder, a .keras file, a SavedModel, a folder of versions or a shipped model's "
        "name. Loading runs what is inside: use models that you trust.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "server",
        "",
        "Instead of --model: http://HOST:PORT/v1/models/NAME of TF Serving or style_gan_tf.serve.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "server_requests", 4, "Requests to --server on their way at once.", 1, flag_values=values
    )
    flags.DEFINE_string(
        "input",
        "",
        "A picture, a folder or a quoted glob such as 'a/**/*.jpg'.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "output", "", "For one picture a file or a folder, else a folder.", flag_values=values
    )
    flags.DEFINE_integer(
        "generate",
        0,
        "Instead of --input: make so many pictures by --noise_model; --model, where it is given, "
        "stylizes them.",
        lower_bound=0,
        flag_values=values,
    )
    flags.DEFINE_string(
        "noise_model", "", "The model that --generate takes, named as --model.", flag_values=values
    )
    flags.DEFINE_integer(
        "seed", 0, "Of --generate: the same gives the same pictures.", 0, flag_values=values
    )
    flags.DEFINE_string(
        "optimize",
        "",
        "Instead of --model: optimize the pixels towards these paintings, named as --style_data of "
        "the train command; at most 16 are looked at.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "optimize_steps", 300, "Steps of --optimize for each picture.", 1, flag_values=values
    )
    flags.DEFINE_float(
        "optimize_style", 50.0, "Style against content for --optimize.", 0.0, flag_values=values
    )
    flags.DEFINE_integer(
        "optimize_style_size",
        0,
        "Short side that --optimize resizes the paintings to: the larger, the broader the strokes; "
        "0: the picture's.",
        0,
        flag_values=values,
    )
    flags.DEFINE_string(
        "feature_weights",
        "",
        "VGG19's weights for --optimize: a file, or imagenet for what Keras downloads; default: "
        "the one in the cache (docs/evaluation.md).",
        flag_values=values,
    )
    flags.DEFINE_float(
        "strength", 1.0, "From 0 (the photo) to 1 (fully stylized).", flag_values=values
    )
    flags.DEFINE_bool("overwrite", False, "Replace files that exist.", flag_values=values)
    flags.DEFINE_integer(
        "quality", 95, "Of JPEG and WebP, from 1 to 100.", 1, 100, flag_values=values
    )
    flags.DEFINE_enum(
        "precision",
        "auto",
        PRECISIONS,
        "What a .keras model computes in; auto looks at the machine.",
        flag_values=values,
    )


def main(values: flags.FlagValues) -> int:
    """Stylize what the flags name; 1 when a picture failed."""
    if values.generate or values.noise_model:
        return _generate(values)
    if values.optimize:
        return _optimize(values)
    if values.server:
        return _at_server(values)
    for flag in ("model", "input", "output"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    check_strength(values.strength)
    found = find_model(values.model)
    jobs = plan_jobs(values.input, values.output, overwrite=values.overwrite)
    command_line.load_tensorflow()
    model = load_model(found, values.precision)

    return _write(values, model, jobs, None)


def _generate(values: flags.FlagValues) -> int:
    """Pictures out of noise, stylized where --model is given; 1 when a picture failed."""
    if not values.generate:
        raise UsageError("--generate is missing: say how many pictures --noise_model shall make")
    for flag in ("noise_model", "output"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    if values.input:
        raise UsageError("--input and --generate: give one of them")
    check_strength(values.strength)
    noise_found = find_model(values.noise_model)
    found = find_model(values.model) if values.model else None
    jobs = plan_samples(values.generate, values.output, overwrite=values.overwrite)
    command_line.load_tensorflow()
    noise_model = load_noise_model(noise_found, values.precision)
    model = load_model(found, values.precision) if found else None
    return _write(values, model, jobs, sample_reader(noise_model, jobs, values.seed))


def _at_server(values: flags.FlagValues) -> int:
    """Pictures stylized by a server; 1 when a picture failed."""
    if values.model:
        raise UsageError("--model and --server: give one of them")
    for flag in ("input", "output"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    check_strength(values.strength)
    jobs = plan_jobs(values.input, values.output, overwrite=values.overwrite)
    with connect(values.server) as client:
        return _write(values, client, jobs, None)


def _optimize(values: flags.FlagValues) -> int:
    """Pixels optimized towards paintings; 1 when a picture failed."""
    if values.model:
        raise UsageError("--model and --optimize: give one of them")
    for flag in ("input", "output"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    check_strength(values.strength)
    weights = values.feature_weights
    if weights not in ("", "imagenet") and not Path(weights).is_file():
        raise UsageError(f"--feature_weights={weights}: no such file; name one, or imagenet")
    paintings = data.spread(data.open_source(values.optimize), 16)
    short_side = min(1024, *(min(paintings.size(index)) for index in range(len(paintings))))
    styles = data.whole_pictures(paintings, len(paintings), short_side)
    jobs = plan_jobs(values.input, values.output, overwrite=values.overwrite)

    command_line.load_tensorflow()
    from style_gan_tf.networks.extractors import normalised_vgg19
    from style_gan_tf.objectives.feature_losses import FeatureLosses
    from style_gan_tf.objectives.pixel_optimization import PixelOptimizer

    extractor = normalised_vgg19(
        Path(weights) if weights else None,
        choose_precision(values.precision),
        flag="--feature_weights",
    )
    steps = tqdm(total=values.optimize_steps, unit="step", disable=not sys.stderr.isatty())

    def on_step(step: int, loss: float) -> None:
        steps.set_postfix(loss=f"{loss:.3f}", refresh=False)
        steps.update(step - steps.n)
        if step == steps.total:
            steps.reset()

    with steps:
        optimizer = PixelOptimizer(
            styles,
            FeatureLosses(extractor),
            steps=values.optimize_steps,
            style_weight=values.optimize_style,
            style_size=values.optimize_style_size,
            on_step=on_step,
        )
        return _write(values, optimizer, jobs, None)


def _write(
    values: flags.FlagValues,
    model: Stylizes | None,
    jobs: list[Job],
    read: Callable[[Path], Picture] | None,
) -> int:
    """Write the jobs' pictures, showing how it goes; 1 when one failed."""
    progress = _Progress(len(jobs))
    with progress.bar:
        remote = isinstance(model, Client)
        stylize = partial(stylize_at_server, at_once=values.server_requests) if remote else None
        report = (stylize or stylize_files)(
            model,
            jobs,
            read=read,
            strength=values.strength,
            quality=values.quality,
            on_written=progress.written,
            on_failure=progress.failed,
        )
    failed = f", {len(report.failures)} failed" if report.failures else ""
    count = "1 picture" if len(report.written) == 1 else f"{len(report.written)} pictures"
    done = " and ".join(["generated"] * bool(read) + ["stylized"] * bool(model))
    print(f"{count} {done} in {time.monotonic() - progress.began:.1f} s{failed}")
    return 1 if report.failures else 0


class _Progress:
    """A bar on a terminal, plain lines elsewhere."""

    def __init__(self, total: int) -> None:
        self.began = time.monotonic()
        self.total = total
        self.count = 0
        self.is_terminal = sys.stderr.isatty()
        self.bar = tqdm(total=total, unit="picture", disable=not self.is_terminal)

    def written(self, job: Job) -> None:
        self.count += 1
        self.bar.update()
        if not self.is_terminal:
            print(f"[{self.count}/{self.total}] {job.target}", flush=True)

    def failed(self, failure: Failure) -> None:
        self.count += 1
        self.bar.update()
        self.bar.write(f"error: {failure.source}: {failure.reason}", file=sys.stderr)


def console() -> None:
    """Run the command with the process's arguments and exit."""
    sys.exit(command_line.run("python -m style_gan_tf.stylize", __doc__ or "", define_flags, main))


if __name__ == "__main__":
    console()
