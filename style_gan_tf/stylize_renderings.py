"""Several renderings of each picture, by noise: what `stylize --samples` does."""

from collections.abc import Callable
from functools import cache, partial

import numpy as np
from absl import flags

from style_gan_tf import job_flags, style_flags
from style_gan_tf.errors import UsageError
from style_gan_tf.inference import Model
from style_gan_tf.inference.color import ColorControl
from style_gan_tf.inference.references import REFERENCE
from style_gan_tf.inference.style_choice import style_weights
from style_gan_tf.inference.video import is_video
from style_gan_tf.stylize_passes import Pass, write


def render(
    values: flags.FlagValues,
    load: Callable[[str], Model],
    color: ColorControl | None,
    kind: str,
) -> int:
    """Several renderings of each picture; 1 when a picture failed.

    Args:
        values: The flags.
        load: Gives the model in a precision.
        color: Changes the colours of what the network gives.
        kind: Of the model's file: see `ModelFile`.

    Raises:
        UsageError: For a video, or a style that has one rendering.
    """
    if is_video(values.input):
        raise UsageError("--samples: takes pictures, not videos")
    jobs = job_flags.plan_renderings(values, values.samples)
    if not any(jobs):
        return 0
    model = load(values.precision)
    rows = _rows(values, model)
    style_flags.save(values, model)
    # 16 bits are computed in float32, as without --samples; loaded once for all renderings.
    in_float32 = cache(lambda: load("float32"))

    def precisely(row: np.ndarray) -> Model:
        return in_float32().driven_by(row)

    passes = [
        Pass(
            model.driven_by(row),
            of_it,
            cache(partial(precisely, row)) if kind == "keras" else None,
        )
        for row, of_it in zip(rows, jobs, strict=True)
        if of_it
    ]
    return write(values, passes, None, color)


def _rows(values: flags.FlagValues, model: Model) -> np.ndarray:
    """What the model takes for each of the renderings.

    Raises:
        UsageError: For a model, or a style, of one rendering.
    """
    table = model.table
    if table is None or table.render is None:
        raise UsageError(
            f"--samples={values.samples}: the model has no mapping network: take "
            "--model=any_style, or train one with --set=generator.latent_dim=16"
        )
    style = values.style or (REFERENCE if values.style_image else "")
    weights = style_weights(style, table.names)
    own = len(table.own)
    if not weights[:own].any():
        raise UsageError(
            f"--samples={values.samples}: noise belongs to the model's named styles "
            f"({', '.join(table.own)}), and {style} is none of them: leave --samples out, or mix "
            "one of them in by --style"
        )
    return table.renderings(weights, values.samples, values.seed)
