"""The flags of `stylize` for optimizing pixels, and the optimizer that they mean."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from absl import flags
from tqdm import tqdm

from style_gan_tf import command_line, data
from style_gan_tf.errors import UsageError
from style_gan_tf.inference.pictures import Stylizes
from style_gan_tf.precision import choose_precision


def define_flags(values: flags.FlagValues) -> None:
    """Define them."""
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
        "optimize_style", 10.0, "Style against content for --optimize.", 0.0, flag_values=values
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
        "VGG19's weights for --optimize: a file, or imagenet for what --download=vgg19 fetched; "
        "default: the package's own, to relu3_1.",
        flag_values=values,
    )
    command_line.define_download(values)


def styles(values: flags.FlagValues) -> list[np.ndarray]:
    """The paintings; read before TensorFlow is loaded.

    Raises:
        UsageError: When there are none, or the weights' file is not there.
    """
    weights = values.feature_weights
    if weights not in ("", "imagenet") and not Path(weights).is_file():
        raise UsageError(f"--feature_weights={weights}: no such file; name one, or imagenet")
    paintings = data.spread(data.open_source(values.optimize), 16)
    short_side = min(1024, *(min(paintings.size(index)) for index in range(len(paintings))))
    return data.whole_pictures(paintings, len(paintings), short_side)


@contextlib.contextmanager
def optimizer(values: flags.FlagValues, styles: list[np.ndarray]) -> Iterator[Stylizes]:
    """What optimizes pictures, with a bar of its steps.

    Raises:
        UserError: Without VGG19's weights.
    """
    command_line.fetch_weights(values)
    from style_gan_tf.networks.extractors import normalised_vgg19
    from style_gan_tf.objectives.feature_losses import FeatureLosses
    from style_gan_tf.objectives.pixel_optimization import PixelOptimizer

    weights = values.feature_weights
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
        yield PixelOptimizer(
            styles,
            FeatureLosses(extractor),
            steps=values.optimize_steps,
            style_weight=values.optimize_style,
            style_size=values.optimize_style_size,
            on_step=on_step,
        )
