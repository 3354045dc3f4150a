"""How far does KID depend on which real pictures stand for the style, and on how many?

    python -m benchmarks.real_set --model=painting --content_data=photos/ --style_data=paintings/

KID of untouched held-out photos and of the model's pictures of them, against the held-out style
pictures, against all, and against random draws of as many as are held out. Features are in units of
the deviation of the real pictures (`standardized`), and in a small set that is itself a guess: the
second figure of each takes these units from all real pictures.
"""

import sys
from typing import Any

import numpy as np
from absl import flags

from style_gan_tf import command_line
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference import Tiling, find_model, load_model
from style_gan_tf.precision import PRECISIONS


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    for name, default, text in (
        ("model", "", "A trained model."),
        ("content_data", "", "Dataset spec of the photos; held-out ones are taken."),
        ("style_data", "", "Dataset spec of the style."),
        ("extractor", "squeezenet", "Network whose features measure."),
        ("extractor_weights", "", "Its weights file; default: the package's own."),
    ):
        flags.DEFINE_string(name, default, text, flag_values=values)
    flags.DEFINE_integer("size", 227, "Pixels a side.", lower_bound=32, flag_values=values)
    flags.DEFINE_integer("draws", 12, "Random sets.", lower_bound=1, flag_values=values)
    flags.DEFINE_integer("seed", 0, "Of the draws.", lower_bound=0, flag_values=values)
    flags.DEFINE_enum(
        "precision", "auto", PRECISIONS, "What a .keras model computes in.", flag_values=values
    )


def main(values: flags.FlagValues) -> None:
    """Measure and print."""
    for flag in ("model", "content_data", "style_data"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    found = find_model(values.model)
    command_line.load_tensorflow()
    from style_gan_tf import data
    from style_gan_tf.metrics import embed
    from style_gan_tf.networks import load_extractor

    model = load_model(found, values.precision, Tiling(paint_size=0))
    extractor = load_extractor(values.extractor, values.extractor_weights)
    photos = data.held_out_pictures(data.open_source(values.content_data), sys.maxsize, values.size)
    source = data.open_source(values.style_data)
    held_out = embed(extractor, data.held_out_pictures(source, sys.maxsize, values.size))
    trained, _ = data.read_squares(data.split(source, "train"), values.size)
    real = np.concatenate([held_out, embed(extractor, trained)])
    if not 2 <= len(held_out) < len(real):
        raise UserError(f"--style_data={values.style_data}: too few pictures to hold some out")
    painted = np.concatenate([model.stylize(photo[np.newaxis]) for photo in photos])
    judged = {"untouched": embed(extractor, photos), "painted": embed(extractor, painted)}

    print(f"KID x1000 of {len(photos)} photos, {extractor.name}, {values.size} pixels")
    print("in units of the same real pictures / in units of all real pictures")
    for name, few in ((f"{len(held_out)} held out", held_out), (f"all {len(real)}", real)):
        told = [
            f"{kind} {_kid(few, few, x):.0f} / {_kid(few, real, x):.0f}"
            for kind, x in judged.items()
        ]
        print(f"{name}: {', '.join(told)}", flush=True)
    rng = np.random.default_rng(values.seed)
    drawn = [real[rng.permutation(len(real))[: len(held_out)]] for _ in range(values.draws)]
    for kind, x in judged.items():
        own, of_all = (
            np.array([_kid(few, units, x) for few, units in zip(drawn, by, strict=True)])
            for by in (drawn, [real] * len(drawn))
        )
        print(
            f"{len(drawn)} draws of {len(held_out)}: {kind} {own.mean():.0f} +- {own.std():.0f} / "
            f"{of_all.mean():.0f} +- {of_all.std():.0f}"
        )


def _kid(real: Any, units: Any, fake: Any) -> float:
    """KID in units of another real set's mean and deviation."""
    from style_gan_tf.metrics import kernel_distance, standardized

    return kernel_distance(standardized(units, real)[1], standardized(units, fake)[1]).value


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.real_set", __doc__ or "", define_flags, main))
