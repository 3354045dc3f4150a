"""Does a model paint in the style of any one picture, and at what cost to the photo?

    python -m benchmarks.reference --model=runs/any_style --content_data=photos/ \\
        --references=paintings/ --output=sheet.png

Each photo is painted by each reference. A painted photo is told right if, of all references, its
own is the nearest in style difference (Gram matrices over the extractor); how often half of a
reference is nearest to its own other half says what that is worth. With --optimized=N the
pixel optimization (Gatys et al. 2016) paints N of the pairs at several weights of style; what it
keeps of the photo at our style distance is read off between them. --output draws, a row for each of
these pairs: the photo, the reference, ours, the pixel optimization. Last, how long the encoder
takes for a reference of 512x512; and for a .keras model or a run, how long the generator takes by a
code beside the same layers driven by the styles' weights.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from absl import flags

from style_gan_tf import command_line
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import Picture, eight_bits
from style_gan_tf.inference import Model, Tiling, find_model, load_model
from style_gan_tf.precision import PRECISIONS, choose_precision, fastest_precision

_STYLE_WEIGHTS = (0.5, 2.0, 10.0)  # of the pixel optimization: little style to much
_ROUNDS = 15


def define_flags(values: flags.FlagValues) -> None:
    """Define this benchmark's flags."""
    for name, default, text in (
        ("model", "", "A model with a style encoder: a run folder, a .keras file, a SavedModel."),
        ("content_data", "", "Dataset spec of the photos; held-out ones are taken."),
        ("references", "", "Dataset spec of the references; all are taken, or those held out."),
        ("extractor", "squeezenet", "Network whose features measure."),
        ("extractor_weights", "", "Its weights file; default: the package's own."),
        ("feature_weights", "", "VGG19's weights for the pixel optimization."),
        ("output", "", "A picture of the optimized pairs."),
    ):
        flags.DEFINE_string(name, default, text, flag_values=values)
    flags.DEFINE_bool("held_out", False, "Take held-out references alone.", flag_values=values)
    flags.DEFINE_integer("size", 256, "Pixels a side.", 32, flag_values=values)
    flags.DEFINE_integer("photos", 16, "How many, at most.", 1, flag_values=values)
    flags.DEFINE_integer("styles", 10, "References, at most.", 2, flag_values=values)
    flags.DEFINE_integer("optimized", 0, "Pairs for the pixel optimization.", 0, flag_values=values)
    flags.DEFINE_integer("steps", 200, "Of the pixel optimization.", 1, flag_values=values)
    flags.DEFINE_enum(
        "precision", "auto", PRECISIONS, "What a .keras model computes in.", flag_values=values
    )


def main(values: flags.FlagValues) -> None:
    """Measure and print."""
    for flag in ("model", "content_data", "references"):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    found = find_model(values.model)
    command_line.load_tensorflow()
    from style_gan_tf import data
    from style_gan_tf.metrics import (
        PerceptualDistance,
        mean_gram_matrices,
        style_difference,
        style_distance,
    )
    from style_gan_tf.networks import load_extractor

    extractor = load_extractor(values.extractor, values.extractor_weights)
    kept = PerceptualDistance(extractor)
    model = load_model(found, values.precision, Tiling(paint_size=0))
    if model.table is None or model.table.encode is None:
        raise UserError(f"--model={values.model}: has no style encoder")
    size = values.size
    photos = data.held_out_pictures(data.open_source(values.content_data), values.photos, size)
    source = data.open_source(values.references)
    source = data.split(source, "held_out") if values.held_out else source
    references, _ = data.read_squares(data.spread(source, values.styles), size)

    codes = [model.table.encode(_to_picture(reference)) for reference in references]
    grams = [mean_gram_matrices(extractor, [reference]) for reference in references]

    def far(picture: np.ndarray, index: int) -> float:
        return style_distance(mean_gram_matrices(extractor, [picture]), grams[index])

    def keeps(photo: np.ndarray, picture: np.ndarray) -> float:
        return float(kept(photo[np.newaxis], picture[np.newaxis])[0])

    right, own, content = 0, [], []
    painted: dict[tuple[int, int], np.ndarray] = {}
    for i, photo in enumerate(photos):
        for j, code in enumerate(codes):
            picture = painted[i, j] = model.driven_by(code).stylize(photo[np.newaxis])[0]
            gram = mean_gram_matrices(extractor, [picture])
            right += int(np.argmin([style_difference(gram, wanted) for wanted in grams]) == j)
            own.append(style_distance(gram, grams[j]))
            content.append(keeps(photo, picture))
    untouched = [far(photo, j) for photo in photos for j in range(len(codes))]
    print(f"{len(photos)} photos x {len(codes)} references, {size} pixels, {extractor.name}")
    print(
        f"nearest to the own reference: {right / len(own):.1%} (halves of references to their "
        f"other half: {_halves_found(extractor, references):.0%}; chance: {1 / len(codes):.0%})"
    )
    print(
        f"style distance to the own reference: {_mean(own)}; untouched photos: {_mean(untouched)}"
    )
    print(f"{kept.name} to the photo: {_mean(content)}", flush=True)
    if values.optimized:
        _compare(values, photos, references, painted, far, keeps)
    _time(model, codes[0], photos[0])


def _halves_found(extractor: Any, references: np.ndarray) -> float:
    """The share of the references' halves whose nearest half of a reference is their own other."""
    from style_gan_tf.metrics import mean_gram_matrices, style_difference

    halves = [
        [mean_gram_matrices(extractor, [half]) for half in np.array_split(picture, 2, axis=1)]
        for picture in references
    ]
    found = [
        int(np.argmin([style_difference(half[side], other[1 - side]) for other in halves])) == j
        for j, half in enumerate(halves)
        for side in (0, 1)
    ]
    return sum(found) / len(found)


def _compare(
    values: flags.FlagValues,
    photos: np.ndarray,
    references: np.ndarray,
    painted: dict[tuple[int, int], np.ndarray],
    far: Callable[[np.ndarray, int], float],
    keeps: Callable[[np.ndarray, np.ndarray], float],
) -> None:
    """What the pixel optimization keeps of the photo where it has come as near to the style."""
    from style_gan_tf.networks.extractors import normalised_vgg19
    from style_gan_tf.objectives.feature_losses import FeatureLosses
    from style_gan_tf.objectives.pixel_optimization import optimize_pixels

    weights = Path(values.feature_weights) if values.feature_weights else None
    dtype = choose_precision(values.precision)
    losses = FeatureLosses(normalised_vgg19(weights, dtype, flag="--feature_weights"))
    rows, ours, theirs = [], [], []
    for index in range(values.optimized):
        i, j = index % len(photos), index % len(references)
        photo, picture = photos[i], painted[i, j]
        curve = [(far(photo, j), 0.0, photo)]
        for weight in _STYLE_WEIGHTS:
            pixels = optimize_pixels(
                photo, [references[j]], losses, steps=values.steps, style_weight=weight
            )
            curve.append((far(pixels, j), keeps(photo, pixels), pixels))
        curve.sort(key=lambda point: point[0])
        distances, contents = (np.array([point[k] for point in curve]) for k in (0, 1))
        distance = far(picture, j)
        ours.append(keeps(photo, picture))
        theirs.append(float(np.interp(distance, distances, contents)))
        beyond = " (beyond its range)" if distance < distances[0] else ""
        print(
            f"pair {index}: style distance {distance:.3f}; of the photo, ours is {ours[-1]:.3f} "
            f"away, the pixel optimization {theirs[-1]:.3f}{beyond}",
            flush=True,
        )
        nearest = curve[int(np.argmin(abs(distances - distance)))][2]
        rows.append([photo, references[j], picture, nearest])
    print(f"at equal style distance: ours {_mean(ours)}, the pixel optimization {_mean(theirs)}")
    if values.output:
        from style_gan_tf.images import captioned_sheet, encode, format_of, write_file

        captions = [["photo", "reference", "ours", "pixel optimization"]] * len(rows)
        drawn = captioned_sheet([[eight_bits(x) for x in row] for row in rows], captions)
        write_file(values.output, encode(drawn, format=format_of(values.output)))


def _time(model: Model, code: np.ndarray, photo: np.ndarray) -> None:
    """In turns: the encoder, and the generator by a code and by the styles' weights."""
    from style_gan_tf.networks import any_size, load_network
    from style_gan_tf.networks.coded_styles import by_code

    assert model.table is not None and model.table.encode is not None
    encode = model.table.encode
    rng = np.random.default_rng(0)
    reference = Picture(rng.integers(0, 256, (512, 512, 3)).astype(np.uint8))
    jobs: dict[str, Callable[[], Any]] = {"encode": lambda: encode(reference)}
    if model.path.suffix == ".keras":
        weighted = load_network(model.path, fastest_precision())
        jobs["named"] = _paints(any_size, weighted, photo, np.eye(1, weighted.num_styles)[0])
        jobs["coded"] = _paints(any_size, by_code(weighted), photo, code)
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for round_ in range(_ROUNDS + 2):
        for name, job in jobs.items():
            began = time.perf_counter()
            job()
            if round_ >= 2:
                seconds[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    print(f"encoder, 512x512: {1000 * medians['encode']:.1f} ms")
    if "coded" in medians:
        ratio = medians["coded"] / medians["named"]
        print(f"generator by a code: {ratio:.3f} of by the styles' weights")


def _paints(
    any_size: Callable[..., Any], network: Any, photo: np.ndarray, style: np.ndarray
) -> Callable[[], Any]:
    import tensorflow as tf

    images = tf.constant(np.tile(photo[np.newaxis], (4, 1, 1, 1)))
    given = tf.constant(np.tile(style, (4, 1)), tf.float32)
    run = tf.function(lambda x, s: any_size(network, x, style_weights=s), autograph=False)
    return lambda: run(images, given).numpy()


def _mean(figures: list[float]) -> str:
    error = np.std(figures) / np.sqrt(len(figures))
    return f"{np.mean(figures):.3f} +- {error:.3f}"


def _to_picture(picture: np.ndarray) -> Picture:
    return Picture(eight_bits(picture))


if __name__ == "__main__":
    sys.exit(command_line.run("benchmarks.reference", __doc__ or "", define_flags, main))
