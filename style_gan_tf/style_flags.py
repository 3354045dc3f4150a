"""The flags of `stylize` that say in which style: by name, by a picture, by what was saved."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from absl import flags

from style_gan_tf.errors import UsageError
from style_gan_tf.inference import Model
from style_gan_tf.inference.saved_styles import check_name, save_style
from style_gan_tf.inference.video import is_video
from style_gan_tf.serving.remote_model import RemoteModel


def define_flags(values: flags.FlagValues) -> None:
    """Define them."""
    flags.DEFINE_float(
        "strength",
        1.0,
        "From 0 (the photo) to 1 (fully stylized); multiplies --style's weights where a model has "
        "several styles, and blends pixels elsewhere.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "style",
        "",
        "Of a model of several styles: NAME, or a mixture NAME:0.4,NAME:0.6; default the first. "
        "The picture of --style_image is called reference.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "style_image",
        "",
        "A picture whose style is wanted, for a model that --objective=reference trained.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "save_style",
        "",
        "Keep the style, of a picture or a mixture, at --strength, under this name for --style. "
        "Needs no --input.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "samples",
        0,
        "So many renderings of each picture in the style, by the noise of --seed, as NAME_1 and "
        "on; for a model with a mapping network.",
        lower_bound=0,
        flag_values=values,
    )
    flags.DEFINE_string("saved_styles", "styles", "The folder of saved styles.", flag_values=values)
    flags.DEFINE_bool(
        "sheet",
        False,
        "Instead of each picture a labelled grid: every style at every strength, and mixtures.",
        flag_values=values,
    )


def check(values: flags.FlagValues) -> None:
    """Refuse what cannot be, before anything is loaded.

    Raises:
        UsageError: For a name that `--style` could not read, a picture that is not there, or what
            has nothing to paint.
    """
    if values.save_style:
        check_name(values.save_style)
    for name in ("samples", "sheet"):
        if values[name].value and not values.input:
            raise UsageError(f"--{name}: there is nothing to paint; name it by --input")
    if values.style_image and not Path(values.style_image).expanduser().is_file():
        raise UsageError(f"--style_image={values.style_image}: no such file")


def check_sheet(values: flags.FlagValues) -> None:
    """Refuse what a sheet leaves no room for.

    Raises:
        UsageError: Names the two flags.
    """
    if not values.sheet:
        return
    for name in ("generate", "noise_model", "optimize", "server", "samples"):
        if values[name].value:
            raise UsageError(f"--sheet and --{name}: a sheet is drawn of --input by --model")
    for name in ("style", "preserve_color", "match_color"):
        if values[name].value:
            raise UsageError(f"--sheet and --{name}: a sheet shows all styles as they are")
    if is_video(values.input):
        raise UsageError("--sheet: takes pictures, not videos")


def options(values: flags.FlagValues) -> dict[str, Any]:
    """What `load_model` and `connect` take of them."""
    return {
        "style": values.style,
        "style_image": values.style_image or None,
        "saved_styles": values.saved_styles,
    }


def save(values: flags.FlagValues, model: Model | RemoteModel) -> None:
    """Keep the model's style where `--save_style` asks for it, and say where.

    At `--strength`, so that `--style` by that name paints what the command does now.

    Raises:
        UsageError: For a model without a style encoder, or a name that it has itself.
        UserError: When it cannot be written.
    """
    if not values.save_style:
        return
    if model.table is None or model.table.encode is None or model.style is None:
        raise UsageError(
            f"--save_style={values.save_style}: the model has no style encoder; its styles are "
            "named already"
        )
    if values.save_style in model.table.own:
        raise UsageError(
            f"--save_style={values.save_style}: the model has a style of that name, which --style "
            "would take; take another name"
        )
    code = model.style * np.float32(values.strength)
    path = save_style(values.saved_styles, values.save_style, code, model.table.encode)
    print(f"style {values.save_style}: {path}", flush=True)


def refuse(
    values: flags.FlagValues,
    flag: str,
    why: str,
    names: Sequence[str] = ("style", "style_image", "save_style", "samples"),
) -> None:
    """Refuse a choice of styles, or what is made of it, beside a flag that leaves none.

    Raises:
        UsageError: Names the flag to leave out.
    """
    for name in names:
        if values[name].value:
            raise UsageError(f"--{name} and {flag}: {why}; leave --{name} out")
