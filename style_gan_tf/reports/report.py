"""Several models on the same pictures, with the two ends of the scale beside them."""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from style_gan_tf.metrics import METRICS, Figure, Judge, Pictures, embed, standardized
from style_gan_tf.networks import Extractor
from style_gan_tf.reports.pictures import TestSet

_NEIGHBOURS = 5
UNTOUCHED, REAL = "untouched photos", "real style images"

# From `[1, height, width, 3]` to the same, in [-1, 1].
Stylize = Callable[[np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Column:
    """One set of pictures and its figures.

    Attributes:
        name: Above its column: a model's name, or which end of the scale it is.
        figures: In the order of METRICS.
        pictures: float32 `[height, width, 3]` each, in the photos' order; of models alone.
        ranking: Places of the pictures from the nearest to the style to the farthest.
        runs: The figures of each run, where several runs of one recipe were given: `figures` are
            their means then, and pictures and ranking are the first run's.
    """

    name: str
    figures: tuple[Figure, ...]
    pictures: Pictures | None = None
    ranking: tuple[int, ...] = ()
    runs: tuple[tuple[Figure, ...], ...] = ()


@dataclasses.dataclass(frozen=True)
class Report:
    """All columns, and what was measured on."""

    test_set: TestSet
    columns: tuple[Column, ...]
    facts: dict[str, Any]

    @property
    def models(self) -> list[Column]:
        return [column for column in self.columns if column.pictures is not None]

    def as_json(self) -> dict[str, Any]:
        """What `report.json` holds; figures that are no numbers become null."""
        return {
            "format": 1,
            **self.facts,
            "columns": {column.name: _figures(column.figures) for column in self.columns},
            "ranking": {
                column.name: [self.test_set.names[place] for place in column.ranking]
                for column in self.models
            },
            **({"runs": runs} if (runs := self._runs()) else {}),
        }

    def _runs(self) -> dict[str, Any]:
        return {
            column.name: [_figures(figures) for figures in column.runs]
            for column in self.models
            if column.runs
        }


def measure_models(
    models: Mapping[str, Stylize | Sequence[Stylize]],
    test_set: TestSet,
    judge: Judge,
    on_picture: Callable[[], object] = lambda: None,
) -> Report:
    """Stylize the photos with every model and measure.

    Args:
        models: By name; several runs of one recipe become one column: the means over the runs,
            with the standard errors of these means.
        test_set: The pictures.
        judge: Of the test set's style images.
        on_picture: Called after each stylized picture.
    """
    photos = test_set.content
    # Against themselves: the end of the scale of every figure that asks for the photo.
    columns = [Column(UNTOUCHED, tuple(judge.measure(photos, photos, test_set.reference)))]
    for name, given in models.items():
        runs = [given] if callable(given) else list(given)
        measured = []
        for stylize in runs:
            pictures = _stylized(stylize, test_set, on_picture)
            figures = tuple(judge.measure(pictures, photos, test_set.reference))
            measured.append(Column(name, figures, pictures, _ranking(judge, pictures)))
        columns.append(measured[0] if len(runs) == 1 else _over_runs(measured))
    if len(test_set.style) >= 4:
        # Half of the style images against the other half: what perfect pictures would score.
        halves = Judge(test_set.style[::2], judge.extractor, judge.perceptual, crop=test_set.crop)
        columns.append(Column(REAL, tuple(halves.measure(test_set.style[1::2]))))
    facts = {
        "extractor": judge.extractor.name,
        "perceptual": judge.perceptual.name,
        "photos": len(photos),
        "style_images": len(test_set.style),
        "part": test_set.part,
        "style_part": test_set.style_part,
        "size": test_set.size,
        "resizing": test_set.resizing + _resizing_of(judge.extractor),
        "metrics": {name: metric.text for name, metric in METRICS.items()},
    }
    return Report(test_set, tuple(columns), facts)


def _stylized(stylize: Stylize, test_set: TestSet, on_picture: Callable[[], object]) -> Pictures:
    pictures = []
    for photo in test_set.content:
        pictures.append(np.clip(stylize(photo[np.newaxis])[0], -1.0, 1.0))
        on_picture()
    return pictures if test_set.crop else np.stack(pictures)


def _over_runs(measured: list[Column]) -> Column:
    """The means over several runs, and their standard errors: how far seeds lie apart.

    The photos and style images are the same for all runs, so that what these add to a figure's
    error, whoever paints, plays no part here.
    """
    first = measured[0]
    figures = []
    for figure in first.figures:
        values = [f.value for column in measured for f in column.figures if f.label == figure.label]
        # Equal to the last digit and infinite are possible (PSNR of the photo): no error then.
        known = len(values) > 1 and np.isfinite(values).all()
        error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if known else math.nan
        figures.append(dataclasses.replace(figure, value=float(np.mean(values)), error=error))
    runs = tuple(column.figures for column in measured)
    return dataclasses.replace(first, figures=tuple(figures), runs=runs)


def _resizing_of(extractor: Extractor) -> str:
    """What a network that takes one size alone does to the pictures."""
    if extractor.size is None:
        return ""
    return f"; for {extractor.name} to {extractor.size} pixels by TensorFlow's antialiased bilinear"


def _ranking(judge: Judge, pictures: Pictures) -> tuple[int, ...]:
    """Places from the nearest to the style on: by the mean distance to the nearest real ones."""
    real, fake = judge.style_embeddings, embed(judge.extractor, pictures)
    if judge.extractor.standardize:
        real, fake = standardized(real, fake)
    distances = np.linalg.norm(fake[:, np.newaxis] - real[np.newaxis], axis=-1)
    nearest = np.sort(distances, axis=1)[:, :_NEIGHBOURS].mean(axis=1)
    return tuple(int(place) for place in np.argsort(nearest, kind="stable"))


def _figures(figures: Sequence[Figure]) -> dict[str, dict[str, float | str | None]]:
    return {
        figure.label: {
            "value": _number(figure.value),
            "error": _number(figure.error),
            **({"rests_on": figure.rests_on} if figure.rests_on else {}),
        }
        for figure in figures
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def best_of(columns: Sequence[Column], label: str) -> str | None:
    """The name of the model whose figure is the best beyond doubt.

    Returns:
        None with fewer than two models, where the two best differ by no more than their errors
        together (the root of the sum of their squares), and where an error is not known. Of
        figures that have no better or worse but the style images' own, the nearest to that.
    """
    found = {
        column.name: figure
        for column in columns
        for figure in column.figures
        if figure.label == label and math.isfinite(figure.value)
    }
    models = [c.name for c in columns if c.pictures is not None and c.name in found]
    if len(models) < 2:
        return None
    goal = METRICS[found[models[0]].metric].goal
    if goal == "real" and REAL not in found:
        return None

    def badness(name: str) -> float:
        value = found[name].value
        if goal == "real":
            return abs(value - found[REAL].value)
        return value if goal == "lower" else -value

    best, second = sorted(models, key=badness)[:2]
    doubt = math.hypot(found[best].error, found[second].error)
    return best if badness(second) - badness(best) > doubt else None


def table(report: Report) -> str:
    """The figures as plain text, a line each, a column a set of pictures."""
    labels = list(dict.fromkeys(f.label for column in report.columns for f in column.figures))
    names = [column.name for column in report.columns]
    widths = [max(len(name), 20) + 2 for name in names]
    first = max(map(len, labels))
    lines = [" " * first + "".join(f"{n:>{w}}" for n, w in zip(names, widths, strict=True))]
    for label in labels:
        cells = []
        for column, width in zip(report.columns, widths, strict=True):
            figure = next((f for f in column.figures if f.label == label), None)
            text = "-" if figure is None else f"{figure.value:.4g}"
            if figure is not None and math.isfinite(figure.error):
                text += f" +- {figure.error:.2g}"
            cells.append(f"{text:>{width}}")
        lines.append(f"{label:{first}}" + "".join(cells) + _rests_on(report, label))
    return "\n".join(lines)


def _rests_on(report: Report, label: str) -> str:
    """Of how many of what a line's figures are, where that is told."""
    told = [f.rests_on for c in report.columns for f in c.figures if f.label == label]
    return f"  ({told[0]})" if any(told) else ""
