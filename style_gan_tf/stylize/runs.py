"""What `stylize` runs in each of its modes; `modes` says which. All give the exit status."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from style_gan_tf import command_line, data
from style_gan_tf.errors import UsageError
from style_gan_tf.images.optical_flow import open_cv
from style_gan_tf.inference import (
    Model,
    ModelFile,
    find_model,
    load_model,
    load_noise_model,
    plan_samples,
    sample_reader,
)
from style_gan_tf.inference.paint_size import SmallPainter
from style_gan_tf.inference.pictures import Stylizes
from style_gan_tf.inference.references import REFERENCE
from style_gan_tf.inference.saved_styles import save_style
from style_gan_tf.inference.style_choice import style_weights
from style_gan_tf.inference.style_sheet import sheet_reader
from style_gan_tf.inference.video import open_av, plan_video, stylize_video
from style_gan_tf.precision import choose_precision
from style_gan_tf.serving.remote_model import RemoteModel, connect
from style_gan_tf.stylize.pictures import Pass, color_control, plan, write
from style_gan_tf.stylize.progress import Progress, passing_bars
from style_gan_tf.stylize.settings import StylizeSettings


def paint(settings: StylizeSettings) -> int:
    """Pictures by a model; 1 when one failed."""
    found = find_model(settings.model)
    color = color_control(settings)
    (jobs,) = plan(settings)
    if not jobs:
        return 0
    load = _loader(settings, found)
    model = load(settings.precision)
    _keep_style(settings, model)
    return write(settings, [Pass(model, jobs, _in_float32(load, found))], color)


def paint_samples(settings: StylizeSettings) -> int:
    """Several renderings of each picture, by noise; 1 when a picture failed."""
    found = find_model(settings.model)
    color = color_control(settings)
    planned = plan(settings)
    if not any(planned):
        return 0
    load = _loader(settings, found)
    model = load(settings.precision)
    rows = _rendered_styles(settings, model)
    _keep_style(settings, model)
    passes = [
        Pass(model.driven_by(row), jobs, _in_float32(load, found, row))
        for row, jobs in zip(rows, planned, strict=True)
        if jobs
    ]
    return write(settings, passes, color)


def draw_sheets(settings: StylizeSettings) -> int:
    """A grid of all looks of each picture; 1 when a picture failed."""
    found = find_model(settings.model)
    (jobs,) = plan(settings)
    if not jobs:
        return 0
    model = _loader(settings, found)(settings.precision)
    _keep_style(settings, model)
    return write(settings, [Pass(None, jobs)], read=sheet_reader(model), done="drawn")


def paint_video(settings: StylizeSettings) -> int:
    """A video by a model."""
    found = find_model(settings.model)
    color = color_control(settings)
    open_av()
    if settings.temporal == "flow":
        open_cv()
    may_exist = settings.overwrite or settings.skip_existing
    job = plan_video(settings.input, settings.output, overwrite=may_exist)
    if settings.skip_existing and job.target.exists():
        print(f"{job.target} is there already")
        return 0
    model = _loader(settings, found)(settings.precision)
    _keep_style(settings, model)
    with Progress("frame") as progress:
        report = stylize_video(
            model,
            job.source,
            job.target,
            strength=settings.strength,
            quality=settings.quality,
            color=color,
            flow=settings.temporal == "flow",
            shared=settings.temporal != "none",
            on_clip=lambda clip: progress.expect(clip.count),
            on_frame=lambda frame: progress.advance_at_a_rate(),
            on_warning=lambda text: progress.warn(f"warning: {text}"),
        )
    seconds = progress.seconds
    repeated = f", {report.repeated} broken ones repeated" if report.repeated else ""
    print(
        f"{report.frames} frames stylized in {seconds:.1f} s "
        f"({report.frames / seconds:.1f} frames/s){repeated}"
    )
    return 0


def paint_at_server(settings: StylizeSettings) -> int:
    """Pictures by a server; 1 when one failed."""
    color = color_control(settings)
    (jobs,) = plan(settings)
    if not jobs:
        return 0
    with connect(settings.server, **settings.wanted_style) as model:
        _keep_style(settings, model)
        return write(settings, [Pass(model, jobs)], color)


def optimize_pixels(settings: StylizeSettings) -> int:
    """Pixels optimized towards paintings; 1 when a picture failed."""
    # Read before TensorFlow is loaded.
    source = data.spread(data.open_source(settings.optimize), 16)
    short_side = min(1024, *(min(source.size(index)) for index in range(len(source))))
    paintings = data.whole_pictures(source, len(source), short_side)
    color = color_control(settings)
    (jobs,) = plan(settings)
    if not jobs:
        return 0
    command_line.load_tensorflow()
    painter = _pixel_optimizer(settings, paintings)
    if settings.paint_size:
        painter = SmallPainter(painter, settings.paint_size)
    return write(settings, [Pass(painter, jobs)], color)


def generate(settings: StylizeSettings) -> int:
    """Pictures out of noise, stylized where --model is given; 1 when a picture failed."""
    noise_found = find_model(settings.noise_model)
    found = find_model(settings.model) if settings.model else None
    color = color_control(settings)
    jobs = plan_samples(settings.generate, settings.output, overwrite=settings.overwrite)
    command_line.load_tensorflow()
    noise_model = load_noise_model(noise_found, settings.precision)
    model = _loader(settings, found)(settings.precision) if found else None
    read = sample_reader(noise_model, jobs, settings.seed)
    done = "generated and stylized" if model else "generated"
    return write(settings, [Pass(model, jobs)], color, read, done)


def keep_style_of_model(settings: StylizeSettings) -> int:
    """The style that a model finds in a picture, or mixes, under a name."""
    model = _loader(settings, find_model(settings.model))(settings.precision)
    _keep_style(settings, model)
    return 0


def keep_style_of_server(settings: StylizeSettings) -> int:
    """The same by a server."""
    with connect(settings.server, **settings.wanted_style) as model:
        _keep_style(settings, model)
    return 0


def _loader(settings: StylizeSettings, found: ModelFile) -> Callable[[str], Model]:
    """Gives the model in a precision, loaded once in each."""

    @cache
    def load(precision: str) -> Model:
        command_line.load_tensorflow()
        model = load_model(found, precision, settings.tiling, **settings.wanted_style)
        model.on_tile = passing_bars("tile")
        return model

    return load


def _in_float32(
    load: Callable[[str], Model], found: ModelFile, row: np.ndarray | None = None
) -> Callable[[], Stylizes] | None:
    """What gives the model for 16 bits: bfloat16 has one value where they have hundreds.

    Args:
        load: Gives it in a precision.
        found: Its file; one that is no `.keras` file has a precision of its own.
        row: What drives it; None: the style that is wanted.
    """
    if found.kind != "keras":
        return None
    return cache(lambda: load("float32") if row is None else load("float32").driven_by(row))


def _keep_style(settings: StylizeSettings, model: Model | RemoteModel) -> None:
    """Keep the model's style where --save_style asks for it, and say where.

    At --strength, so that --style by that name paints what the command does now.

    Raises:
        UsageError: For a model without a style encoder, or a name that it has itself.
        UserError: When it cannot be written.
    """
    name = settings.save_style
    if not name:
        return
    if model.table is None or model.table.encode is None or model.style is None:
        raise UsageError(
            f"--save_style={name}: the model has no style encoder; its styles are named already"
        )
    if name in model.table.own:
        raise UsageError(
            f"--save_style={name}: the model has a style of that name, which --style would take; "
            "take another name"
        )
    code = model.style * np.float32(settings.strength)
    path = save_style(settings.saved_styles, name, code, model.table.encode)
    print(f"style {name}: {path}", flush=True)


def _rendered_styles(settings: StylizeSettings, model: Model) -> np.ndarray:
    """What the model takes for each of the renderings, a row each.

    Raises:
        UsageError: For a model, or a style, of one rendering.
    """
    table = model.table
    if table is None or table.render is None:
        raise UsageError(
            f"--samples={settings.samples}: the model has no mapping network: take "
            "--model=any_style, or train one with --set=generator.latent_dim=16"
        )
    style = settings.style or (REFERENCE if settings.style_image else "")
    weights = style_weights(style, table.names)
    if not weights[: len(table.own)].any():
        raise UsageError(
            f"--samples={settings.samples}: noise belongs to the model's named styles "
            f"({', '.join(table.own)}), and {style} is none of them: leave --samples out, or mix "
            "one of them in by --style"
        )
    return table.renderings(weights, settings.samples, settings.seed)


def _pixel_optimizer(settings: StylizeSettings, paintings: list[np.ndarray]) -> Stylizes:
    """What optimizes pictures, with a bar of its steps.

    Raises:
        UserError: Without VGG19's weights.
    """
    from style_gan_tf.networks.extractors import download, normalised_vgg19
    from style_gan_tf.objectives.feature_losses import FeatureLosses
    from style_gan_tf.objectives.pixel_optimization import PixelOptimizer

    for name in settings.download:
        download(name)
    extractor = normalised_vgg19(
        Path(settings.feature_weights) if settings.feature_weights else None,
        choose_precision(settings.precision),
        flag="--feature_weights",
    )
    show = passing_bars("step")
    return PixelOptimizer(
        paintings,
        FeatureLosses(extractor),
        steps=settings.optimize_steps,
        style_weight=settings.optimize_style,
        style_size=settings.optimize_style_size,
        on_step=lambda step, loss: show(step, settings.optimize_steps, loss=f"{loss:.3f}"),
    )
