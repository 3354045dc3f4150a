"""Has a GAN collapsed? How much its pictures differ among themselves, beside real ones.

    python -m benchmarks.diversity --noise_model=runs/faces --style_data=faces/

The mean perceptual distance over all pairs of generated pictures, and over as many real ones of
the same size, with their errors. The last line is the ratio: near 1 for a generator that knows the
whole variety, near 0 for one that makes a single picture. Beside it, how near the generated
pictures lie to a real one: far below the distance of real ones to their own nearest, the training
pictures were learnt by heart.
"""

import sys

import numpy as np
from absl import flags

from style_gan_tf import command_line
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference import find_model, load_noise_model
from style_gan_tf.precision import PRECISIONS

_REFERENCES = 512  # real pictures among which the nearest is looked for, at most
_SAME = 1e-6  # distance of a picture to itself, to rounding


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    for name, default, text in (
        ("noise_model", "", "The generator: a run folder, a .keras file or a SavedModel."),
        ("style_data", "", "Dataset spec of the pictures that it was trained on."),
        ("extractor", "squeezenet", "Network whose features measure: squeezenet or vgg19."),
        ("extractor_weights", "", "Its weights file; default: the package's own."),
        ("lpips_weights", "", "BACKBONE,LINEAR: two .npz files; then LPIPS measures."),
    ):
        flags.DEFINE_string(name, default, text, flag_values=values)
    flags.DEFINE_integer("samples", 64, "Pictures of each kind.", lower_bound=3, flag_values=values)
    flags.DEFINE_integer("seed", 0, "Of the noise.", lower_bound=0, flag_values=values)
    flags.DEFINE_enum(
        "precision", "auto", PRECISIONS, "What a .keras model computes in.", flag_values=values
    )


def main(values: flags.FlagValues) -> None:
    """Measure both sets and print the ratio."""
    for flag in ("noise_model", "style_data"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    lpips = values.lpips_weights.split(",") if values.lpips_weights else []
    if len(lpips) not in (0, 2):
        raise UsageError("--lpips_weights: name two files, BACKBONE.npz,LINEAR.npz")
    found = find_model(values.noise_model)
    command_line.load_tensorflow()
    from style_gan_tf import data
    from style_gan_tf.metrics import (
        PerceptualDistance,
        diversity,
        load_lpips,
        pairwise_distances,
    )
    from style_gan_tf.networks import load_extractor

    source = data.open_source(values.style_data)
    if lpips:
        distance = load_lpips(*lpips)
    else:
        distance = PerceptualDistance(load_extractor(values.extractor, values.extractor_weights))
    model = load_noise_model(found, values.precision)
    generated = np.concatenate(
        [model.generate(z[np.newaxis]) for z in model.draw(values.samples, values.seed)]
    )
    size = generated.shape[1]
    if size < distance.extractor.minimum:
        raise UserError(
            f"--extractor={values.extractor}: takes pictures from {distance.extractor.minimum} "
            f"pixels a side, these have {size}"
        )
    real, _ = data.read_squares(data.spread(source, values.samples), size)
    references, _ = data.read_squares(data.spread(source, _REFERENCES), size)
    if len(real) < 3:
        raise UserError(f"--style_data={values.style_data}: three pictures or more are needed")
    figures = {}
    for name, pictures in (("generated", generated), ("real", real)):
        value, error = figures[name] = diversity(distance, pictures)
        print(
            f"{name}: {len(pictures)} pictures of {size}x{size}, mean pairwise {distance.name} "
            f"{value:.4f} +- {error:.4f}"
        )
    near = pairwise_distances(distance, generated, references).min(axis=1).mean()
    others = pairwise_distances(distance, real, references)
    others[others < _SAME] = np.inf  # The picture itself.
    own = others.min(axis=1).mean()
    print(
        f"to the nearest of {len(references)} real ones: generated {near:.4f}, "
        f"real ones to another {own:.4f}"
    )
    ratio = figures["generated"].value / figures["real"].value
    print(f"ratio: generated pictures differ {ratio:.2f} times as much as real ones")


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.diversity", __doc__ or "", define_flags, main))
