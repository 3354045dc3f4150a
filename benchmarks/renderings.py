"""Do the renderings of one photo by noise differ, and do they stay in their style?

    python -m benchmarks.renderings --model=any_style --plain=painting \\
        --content_data=photos/ --style_data=painting=paintings/ --output=renderings.png

For each style, the mean perceptual distance between renderings of a photo, and between different
real pictures of the style; their ratio says how much of the style's own variety the noise gives.
KID of the renderings, one a photo, against held-out pictures of the style; beside it that of the
style without noise, and of --plain, a model of the same styles or of one that knows no noise, over
the same photos. --output draws, a row for each photo and style: the photo, the style without noise,
renderings.
"""

import sys
from typing import Any

import numpy as np
from absl import flags

from style_gan_tf import command_line
from style_gan_tf.data import name_styles
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference import Model, Tiling, find_model, load_model
from style_gan_tf.precision import PRECISIONS

_COMPARED = 16  # photos whose renderings are compared pair by pair
_DRAWN = 4  # photos on the sheet
_APART = 1000  # between the seeds of two photos, or two draws of all: each has its own noise
_DRAWS = 4  # of one rendering a photo, for KID: one alone swings by a fifth


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    for name, default, text in (
        ("model", "", "A model that was trained with --set=generator.latent_dim=N."),
        ("plain", "", "A model without noise, of the same styles or of one, for its KID."),
        ("content_data", "", "Dataset spec of the photos; held-out ones are taken."),
        ("extractor", "squeezenet", "Network whose features measure."),
        ("extractor_weights", "", "Its weights file; default: the package's own."),
        ("output", "", "A picture of renderings."),
    ):
        flags.DEFINE_string(name, default, text, flag_values=values)
    flags.DEFINE_multi_string("style_data", [], "NAME=SPEC of each style.", flag_values=values)
    flags.DEFINE_integer("size", 227, "Pixels a side.", lower_bound=32, flag_values=values)
    flags.DEFINE_integer("images", 128, "Held-out pictures of each.", 4, flag_values=values)
    flags.DEFINE_integer("samples", 6, "Renderings of a photo.", 2, flag_values=values)
    flags.DEFINE_integer("seed", 1, "Of the noise.", 0, flag_values=values)
    flags.DEFINE_enum(
        "precision", "auto", PRECISIONS, "What a .keras model computes in.", flag_values=values
    )


def main(values: flags.FlagValues) -> None:
    """Measure and print."""
    for flag in ("model", "content_data"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    specs = name_styles(values.style_data, fewest=1)
    found = {"model": find_model(values.model)}
    if values.plain:
        found["plain"] = find_model(values.plain)
    command_line.load_tensorflow()
    from style_gan_tf import data
    from style_gan_tf.metrics import PerceptualDistance, diversity, pairwise_distances
    from style_gan_tf.networks import load_extractor

    models = {
        flag: load_model(path, values.precision, Tiling(paint_size=0))
        for flag, path in found.items()
    }
    for flag, model in models.items():
        if model.styles and (unknown := set(specs) - set(model.styles)):
            raise UserError(f"--{flag}: knows no style {', '.join(sorted(unknown))}")
    if models["model"].table is None or models["model"].table.render is None:
        raise UserError(f"--model={values.model}: a style has one rendering in it")
    extractor = load_extractor(values.extractor, values.extractor_weights)
    distance = PerceptualDistance(extractor)
    size, count = values.size, values.images
    photos = data.held_out_pictures(data.open_source(values.content_data), count, size)
    print(f"{len(photos)} photos, {size} pixels, {extractor.name}")
    rows = []
    for name, spec in specs.items():
        real = data.held_out_pictures(data.open_source(spec), count, size)
        painter = _Painter(models["model"], name, values.seed)
        compared = [
            painter.renderings(photo, values.samples, _APART * number)
            for number, photo in enumerate(photos[:_COMPARED])
        ]
        within = [_mean_of_pairs(pairwise_distances(distance, few)) for few in compared]
        between = diversity(distance, real)
        mean, error = np.mean(within), np.std(within) / np.sqrt(len(within))
        print(
            f"{name}: {distance.name} between renderings of a photo {mean:.3f} +- {error:.3f}, "
            f"between real pictures {between.value:.3f}: ratio {mean / between.value:.2f}"
        )
        several = [
            np.stack([painter.renderings(p, 1, _APART * draw + i)[0] for i, p in enumerate(photos)])
            for draw in range(1, 1 + _DRAWS)
        ]
        sets = {f"renderings ({_DRAWS} draws)": several, "without noise": [painter.plain(photos)]}
        if "plain" in models:
            sets["--plain"] = [_Painter(models["plain"], name, 0).plain(photos)]
        _print_kid(name, extractor, real, sets)
        rows += [
            [photo, painter.plain(photo[np.newaxis])[0], *few]
            for photo, few in zip(photos[:_DRAWN], compared, strict=False)
        ]
    if values.output:
        _draw(rows, values.output)


class _Painter:
    """A model in one style, with noise and without; of one style alone without a name."""

    def __init__(self, model: Model, style: str, seed: int) -> None:
        self.model, self.table, self.seed = model, model.table, seed
        if self.table is not None:
            index = model.styles.index(style)
            self.weights = np.eye(len(model.styles), dtype=np.float32)[index]

    def renderings(self, photo: np.ndarray, count: int, photo_number: int = 0) -> np.ndarray:
        """So many of a photo; another number, other noise."""
        assert self.table is not None
        rows = self.table.renderings(self.weights, count, self.seed + photo_number)
        return np.stack([self._paint(row, photo) for row in rows])

    def plain(self, photos: np.ndarray) -> np.ndarray:
        """What the style makes of photos without noise."""
        if self.table is None:
            return np.concatenate([self.model.stylize(photo[np.newaxis]) for photo in photos])
        row = self.table.mixed(self.weights)
        return np.stack([self._paint(row, photo) for photo in photos])

    def _paint(self, row: np.ndarray, photo: np.ndarray) -> np.ndarray:
        return self.model.driven_by(row).stylize(photo[np.newaxis])[0]


def _mean_of_pairs(distances: np.ndarray) -> float:
    count = len(distances)
    return float(distances.sum() / (count * (count - 1)))


def _print_kid(
    name: str, extractor: Any, real: np.ndarray, sets: dict[str, list[np.ndarray]]
) -> None:
    from style_gan_tf.metrics import embed, kernel_distance, standardized

    wanted, told = embed(extractor, real), []
    for kind, draws in sets.items():
        found = [kernel_distance(*standardized(wanted, embed(extractor, x))) for x in draws]
        value, error = np.mean([(kid.value, kid.error) for kid in found], axis=0)
        told.append(f"{kind} {value:.1f} ({error:.1f})")
    print(f"{name}: KID x1000 (error): {', '.join(told)}", flush=True)


def _draw(rows: list[list[np.ndarray]], output: str) -> None:
    from style_gan_tf.images import eight_bits, encode, format_of, sheet, write_file

    drawn = sheet([[eight_bits(picture) for picture in row] for row in rows])
    write_file(output, encode(drawn, format=format_of(output)))


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.renderings", __doc__ or "", define_flags, main))
