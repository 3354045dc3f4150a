"""Stylize a picture, a folder of pictures, all that a glob matches, or a video; or generate.

    python -m style_gan_tf.stylize --model=runs/monet --input=photos --output=monets
    python -m style_gan_tf.stylize --generate=16 --noise_model=runs/faces --model=runs/monet \\
        --output=painted_faces
    python -m style_gan_tf.stylize --optimize=wave.jpg --input=photo.jpg --output=photo_wave.jpg
    python -m style_gan_tf.stylize --model=runs/any_style --style_image=wave.jpg --input=photos \\
        --output=waves
    python -m style_gan_tf.stylize --server=http://localhost:8501/v1/models/monet --input=photos \\
        --output=monets

MODEL is a run folder, a `.keras` file, a SavedModel, a folder of its versions, or the name of a
shipped model. Each picture keeps its size, its alpha channel, its name and its place in the
folders; and its colour profile, EXIF and 16 bits a colour, where it has them. A picture that cannot
be read is named and left out, also in OUTPUT/failures.txt; the exit status is then 1.

`--optimize` needs no model: it paints each picture's pixels themselves in the look of one painting
or several, by gradient descent over VGG19's features. It takes a minute or more a picture.
"""

import sys
from functools import cache

from absl import flags

from style_gan_tf import (
    color_flags,
    command_line,
    job_flags,
    optimize_flags,
    style_flags,
    stylize_renderings,
    tiling_flags,
    video_flags,
)
from style_gan_tf.errors import UsageError
from style_gan_tf.inference import (
    Model,
    find_model,
    load_model,
    load_noise_model,
    plan_samples,
    sample_reader,
)
from style_gan_tf.inference.pictures import check_strength
from style_gan_tf.inference.style_sheet import sheet_reader
from style_gan_tf.inference.video import is_video
from style_gan_tf.precision import PRECISIONS
from style_gan_tf.serving.remote_model import connect
from style_gan_tf.stylize_passes import Pass, write


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
        "A picture, a folder, a quoted glob such as 'a/**/*.jpg', or a video.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "output",
        "",
        "For one picture or a video a file or a folder, else a folder.",
        flag_values=values,
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
        "seed",
        0,
        "Of --generate and --samples: the same gives the same pictures.",
        0,
        flag_values=values,
    )
    optimize_flags.define_flags(values)
    style_flags.define_flags(values)
    job_flags.define_flags(values)
    flags.DEFINE_integer(
        "quality", 95, "Of JPEG, WebP and videos, from 1 to 100.", 1, 100, flag_values=values
    )
    color_flags.define_flags(values)
    video_flags.define_flags(values)
    tiling_flags.define_flags(values)
    flags.DEFINE_enum(
        "precision",
        "auto",
        PRECISIONS,
        "What a .keras model computes in; auto looks at the machine.",
        flag_values=values,
    )


def main(values: flags.FlagValues) -> int:
    """Stylize what the flags name; 1 when a picture failed."""
    style_flags.check_sheet(values)
    if values.generate or values.noise_model:
        return _generate(values)
    if values.optimize:
        return _optimize(values)
    if values.server:
        return _at_server(values)
    alone = bool(values.save_style and not values.input)
    _require(values, "model", *([] if alone else ["input", "output"]))
    check_strength(values.strength)
    style_flags.check(values)
    found = find_model(values.model)
    color = color_flags.control(values)
    tiling = tiling_flags.tiling(values)

    def load(precision: str) -> Model:
        command_line.load_tensorflow()
        model = load_model(found, precision, tiling, **style_flags.options(values))
        tiling_flags.show_tiles(model)
        return model

    if alone:
        style_flags.save(values, load(values.precision))
        return 0
    if values.samples:
        return stylize_renderings.render(values, load, color, found.kind)
    if is_video(values.input):
        video = video_flags.plan(values)
        if not video:
            return 0
        model = load(values.precision)
        style_flags.save(values, model)
        return video_flags.stylize(values, video, model, color)
    jobs = job_flags.plan(values)
    if not jobs:
        return 0
    model = load(values.precision)
    style_flags.save(values, model)
    if values.sheet:
        return write(values, [Pass(None, jobs)], sheet_reader(model), None, done="drawn")
    # bfloat16 has one value where 16 bits have hundreds.
    precise = cache(lambda: load("float32")) if found.kind == "keras" else None
    return write(values, [Pass(model, jobs, precise)], None, color)


def _generate(values: flags.FlagValues) -> int:
    """Pictures out of noise, stylized where --model is given; 1 when a picture failed."""
    if not values.generate:
        raise UsageError("--generate is missing: say how many pictures --noise_model shall make")
    _require(values, "noise_model", "output")
    if values.input:
        raise UsageError("--input and --generate: give one of them")
    check_strength(values.strength)
    if not values.model:
        style_flags.refuse(values, "--generate", "nothing is stylized without --model")
    what = ("save_style", "samples")
    style_flags.refuse(values, "--generate", "its pictures are painted once, as they come", what)
    noise_found = find_model(values.noise_model)
    found = find_model(values.model) if values.model else None
    color = color_flags.control(values)
    tiling = tiling_flags.tiling(values)
    jobs = plan_samples(values.generate, values.output, overwrite=values.overwrite)
    command_line.load_tensorflow()
    noise_model = load_noise_model(noise_found, values.precision)
    model = None
    if found:
        model = load_model(found, values.precision, tiling, **style_flags.options(values))
    read = sample_reader(noise_model, jobs, values.seed)
    return write(values, [Pass(model, jobs)], read, color)


def _at_server(values: flags.FlagValues) -> int:
    """Pictures stylized by a server; 1 when a picture failed."""
    if values.model:
        raise UsageError("--model and --server: give one of them")
    if values.samples:
        raise UsageError("--samples and --server: renderings are drawn by --model; leave one out")
    tiling_flags.refuse(values, "--server", "paint_size")
    alone = bool(values.save_style and not values.input)
    _require(values, *([] if alone else ["input", "output"]))
    check_strength(values.strength)
    style_flags.check(values)
    color = color_flags.control(values)
    jobs = [] if alone else job_flags.plan(values)
    if not (jobs or alone):
        return 0
    options = style_flags.options(values)
    with connect(values.server, **options) as model:
        style_flags.save(values, model)
        return 0 if alone else write(values, [Pass(model, jobs)], None, color)


def _optimize(values: flags.FlagValues) -> int:
    """Pixels optimized towards paintings; 1 when a picture failed."""
    if values.model:
        raise UsageError("--model and --optimize: give one of them")
    style_flags.refuse(values, "--optimize", "its paintings are the style")
    tiling_flags.refuse(values, "--optimize")
    _require(values, "input", "output")
    check_strength(values.strength)
    styles = optimize_flags.styles(values)
    color = color_flags.control(values)
    jobs = job_flags.plan(values)
    if not jobs:
        return 0
    command_line.load_tensorflow()
    with optimize_flags.optimizer(values, styles) as optimizer:
        return write(values, [Pass(tiling_flags.sized(values, optimizer), jobs)], None, color)


def _require(values: flags.FlagValues, *names: str) -> None:
    for name in names:
        if not values[name].value:
            raise UsageError(f"--{name} is missing (--help lists the flags)")


def console() -> None:
    """Run the command with the process's arguments and exit."""
    sys.exit(command_line.run("python -m style_gan_tf.stylize", __doc__ or "", define_flags, main))


if __name__ == "__main__":
    console()
