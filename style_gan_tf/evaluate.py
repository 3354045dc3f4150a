"""Measure models on a test set and write a report: report.json and index.html.

    python -m style_gan_tf.evaluate --model=runs/mine,runs/other --content_data=photos/ \\
        --style_data=paintings/ --output=report

KID and FID, skin and faces, hue, content kept, sheets of pictures and training curves; the
untouched photos and real style images stand beside the models as the two ends of the scale.
docs/evaluation.md says what each figure sees.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Literal

from absl import flags
from tqdm import tqdm

from style_gan_tf import command_line, evaluate_blind
from style_gan_tf.data import DIRECTIONS, parse_degradations
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference import ModelFile, Tiling, find_model, load_model
from style_gan_tf.precision import PRECISIONS

_PARTS = ("auto", "held_out", "all")


def define_flags(values: flags.FlagValues) -> None:
    """Define the command's flags."""
    for name, text in (
        ("model", "Models to compare, separated by commas: run folders, .keras files, SavedModels "
         "or shipped models; NAME=MODEL gives one a name of its own, NAME=RUN1+RUN2+RUN3 takes "
         "runs of one recipe together: their mean, with the error that seeds make."),
        ("content_data", "Dataset spec of the photos to stylize."),
        ("style_data", "Dataset spec of the style images."),
        ("reference_data", "Dataset spec of what the photos should become, by the same names."),
        ("paired_data", "Dataset spec of pairs, in place of those three: content images, and "
         "targets that are style and reference."),
        ("degrade", "Make those pairs by damaging photographs: docs/data.md."),
        ("output", "Folder for report.json and index.html."),
        ("extractor", "Network whose features measure: squeezenet, vgg19 or inception_v3."),
        ("extractor_weights", "Its weights file; default: the package's own."),
        ("lpips_weights", "BACKBONE,LINEAR: two .npz files; then content is measured by LPIPS."),
    ):  # fmt: skip
        default = "squeezenet" if name == "extractor" else ""
        flags.DEFINE_string(name, default, text, flag_values=values)
    flags.DEFINE_enum(
        "direction", DIRECTIONS[0], DIRECTIONS, "Of --paired_data.", flag_values=values
    )
    flags.DEFINE_enum(
        "part",
        "auto",
        _PARTS,
        "Which pictures: those that trainings hold out, or all; auto: held_out where a model was "
        "trained on these data.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "style_part",
        "auto",
        _PARTS,
        "The same of the style images alone: held-out photos against all of them is the least "
        "noisy figure of a small collection; auto: as --part.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "size",
        0,
        "Pixels a side of middle squares; 0: 256, or less where pictures have less. Above 320: "
        "whole pictures, their longer side shrunk to it, sets compared by squares of 227 pixels "
        "cut out of them; beside them squares of 227 pixels.",
        lower_bound=0,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "images",
        0,
        "The most of each set, evenly over it; 0: all.",
        lower_bound=0,
        flag_values=values,
    )
    flags.DEFINE_enum(
        "precision", "auto", PRECISIONS, "What .keras models compute in.", flag_values=values
    )
    flags.DEFINE_bool("overwrite", False, "Replace a report that exists.", flag_values=values)
    command_line.define_download(values)
    evaluate_blind.define_flags(values)


def main(values: flags.FlagValues) -> int:
    """Measure, write the report, print the figures; or write a blind test, or count its votes."""
    if values.votes:
        return evaluate_blind.count_votes(values)
    if values.blind:
        compared = evaluate_blind.contestants(values.blind)
        models = {name: c for name, c in compared.items() if isinstance(c, ModelFile)}
        part = values.part if values.part != "auto" else _part(values, models)
        return evaluate_blind.write_test(values, compared, part)
    _check_data(values)
    columns = _models(values.model)
    lpips = values.lpips_weights.split(",") if values.lpips_weights else []
    if len(lpips) not in (0, 2):
        raise UsageError("--lpips_weights: name two files, BACKBONE.npz,LINEAR.npz")
    output = _output(values)

    command_line.load_tensorflow()
    command_line.fetch_weights(values)
    from style_gan_tf import data, reports
    from style_gan_tf.metrics import Judge, load_lpips
    from style_gan_tf.networks import load_extractor

    extractor = load_extractor(values.extractor, values.extractor_weights)
    perceptual = load_lpips(*lpips) if lpips else None
    every = {f"{name}+{i}": run for name, runs in columns.items() for i, run in enumerate(runs)}
    part = values.part if values.part != "auto" else _part(values, every)
    chosen = {"part": part, "size": values.size, "images": values.images}
    if values.paired_data:
        pairs = data.open_pairs(
            values.paired_data, direction=values.direction, degrade=values.degrade
        )
        test_sets = [reports.read_paired_test_set(pairs, **chosen)]
    else:
        content, style = (
            data.open_source(str(values[n].value)) for n in ("content_data", "style_data")
        )
        reference = data.open_source(values.reference_data) if values.reference_data else None
        style_part = part if values.style_part == "auto" else values.style_part
        chosen["style_part"] = style_part
        if values.size > reports.LARGEST_SQUARE and reference is None:
            whole = reports.read_whole_test_set(content, style, **chosen)
            chosen["size"] = reports.CROP
            test_sets = [whole, reports.read_test_set(content, style, **chosen)]
        else:
            test_sets = [reports.read_test_set(content, style, reference, **chosen)]
    test_set = test_sets[-1]
    if len(test_set.content) < 2 or (len(test_set.style) < 2 and len(style) > 1):
        raise UserError(
            f"--part={part}: {len(test_set.content)} photos and {len(test_set.style)} style images "
            "are too few: two of each are the least; name more data, or give --part=all"
        )
    if test_set.size < extractor.minimum and extractor.size is None:
        raise UserError(
            f"{extractor.name} takes pictures from {extractor.minimum} pixels a side, these have "
            f"{test_set.size}: give --size={extractor.minimum} or larger pictures"
        )
    loaded = {
        name: [load_model(found, values.precision, Tiling(paint_size=0)).stylize for found in runs]
        for name, runs in columns.items()
    }
    total = sum(map(len, loaded.values())) * sum(len(test_set.content) for test_set in test_sets)
    with tqdm(total=total, unit="picture", disable=not sys.stderr.isatty()) as bar:
        found = [
            reports.measure_models(
                loaded,
                test_set,
                Judge(test_set.style, extractor, perceptual, crop=test_set.crop),
                bar.update,
            )
            for test_set in test_sets
        ]
    curves = {
        name: reports.read_metrics(folder / "metrics.csv")
        for name, runs in columns.items()
        if (folder := _run_folder(runs[0])) is not None
    }
    _write(found, curves, output, values)
    return 0


def _check_data(values: flags.FlagValues) -> None:
    """Check that what is needed was given, before anything is loaded."""
    sets = ("content_data", "style_data", "reference_data")
    for flag in ("model", "output", *(() if values.paired_data else sets[:2])):
        if not values[flag].value:
            raise UsageError(f"--{flag} is missing (--help lists the flags)")
    if values.paired_data and (given := [flag for flag in sets if values[flag].value]):
        raise UsageError(f"--{given[0]}: leave it, --paired_data is content, style and reference")
    if values.paired_data and values.style_part != "auto":
        raise UsageError(f"--style_part={values.style_part}: pairs are taken whole; leave it")
    if parse_degradations(values.degrade) and not values.paired_data:
        raise UsageError("--degrade: name the photographs by --paired_data")


def _models(given: str) -> dict[str, list[ModelFile]]:
    """The runs of each column by its name: mostly one."""
    models: dict[str, list[ModelFile]] = {}
    for item in given.split(","):
        name, separator, model = item.partition("=")
        if not separator or os.path.exists(item):
            name, model = "", item
        runs = [model] if os.path.exists(model) else model.split("+")
        found = [find_model(run) for run in runs]
        name = name or Path(runs[0].rstrip("/")).name.removesuffix(".keras")
        if name in models:
            raise UsageError(f"--model: two models are called {name}; name them: a={model},b=...")
        models[name] = found
    return models


def _output(values: flags.FlagValues) -> Path:
    output = Path(values.output)
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--output={output}: cannot be made ({error.strerror})") from None
    existing = [output / name for name in ("report.json", "index.html", "squares.html")]
    if any(path.exists() for path in existing) and not values.overwrite:
        raise UsageError(f"--output={output}: holds a report already; give --overwrite to replace")
    return output


def _run_folder(found: ModelFile) -> Path | None:
    """The run folder that a model lies in, at most three folders up."""
    parents = (found.path, *found.path.parents[:4])
    return next((folder for folder in parents if (folder / "flags.txt").is_file()), None)


def _part(values: Any, models: dict[str, ModelFile]) -> Literal["held_out", "all"]:
    """`held_out` where one of the models was trained on these data, by its run folder's flags."""
    for found in models.values():
        folder = _run_folder(found)
        lines = (folder / "flags.txt").read_text(encoding="utf-8").splitlines() if folder else []
        for name in ("content_data", "style_data", "paired_data"):
            trained = [x.partition("=")[2] for x in lines if x.startswith(f"--{name}=")]
            # Of several styles each is NAME=SPEC.
            specs = [*trained, *(x.partition("=")[2] for x in trained if name == "style_data")]
            if any(spec and _same(spec, str(values[name].value)) for spec in specs):
                return "held_out"
            # Two folders of pairs may be named as content and reference as well.
            folders = [folder for spec in specs for folder in spec.split(",")]
            if name == "paired_data" and values.content_data in folders:
                return "held_out"
    return "all"


def _same(left: str, right: str) -> bool:
    return left == right or os.path.realpath(left) == os.path.realpath(right)


def _write(found: list[Any], curves: dict[str, Any], output: Path, values: Any) -> None:
    """Write a page for each report, and all figures: those of squares beside those of wholes."""
    from style_gan_tf import reports
    from style_gan_tf.images import write_file

    named = ("paired_data", "degrade") if values.paired_data else ("content_data", "style_data")
    facts = {name: values[name].value for name in named if values[name].value}
    report, *beside = found
    told = {**facts, **report.as_json()}
    if beside:
        told["squares"] = beside[0].as_json()
    text = json.dumps(told, indent=2) + "\n"
    write_file(output / "report.json", text.encode())
    title = f"{values.content_data} in the style of {values.style_data}"
    if values.paired_data:
        title = " ".join(["pairs of", *facts.values()])
    squares = "squares.html" if beside else ""
    reports.write_page(report, curves, output / "index.html", title, squares)
    for also in beside:
        reports.write_page(also, {}, output / squares, title)
        print(f"squares of {also.test_set.size} pixels\n{reports.table(also)}\n")
    print(reports.table(report))
    print(f"report: {output / 'index.html'}")


def console() -> None:
    """Run the command with the process's arguments and exit."""
    sys.exit(command_line.run("python -m style_gan_tf.evaluate", __doc__ or "", define_flags, main))


if __name__ == "__main__":
    console()
