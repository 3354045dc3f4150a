"""Several models on the same pictures, with the two ends of the scale beside them."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from style_gan_tf.metrics import METRICS, Figure, Judge, embed, standardized
from style_gan_tf.networks import Extractor
from style_gan_tf.reports.pictures import RESIZING, TestSet

_NEIGHBOURS = 5
UNTOUCHED, REAL = "untouched photos", "real style images"


@dataclasses.dataclass(frozen=True)
class Column:
    """One set of pictures and its figures.

    Attributes:
        name: Above its column: a model's name, or which end of the scale it is.
        figures: In the order of METRICS.
        pictures: float32 `[n, size, size, 3]`, in the photos' order; of models alone.
        ranking: Places of the pictures from the nearest to the style to the farthest.
    """

    name: str
    figures: tuple[Figure, ...]
    pictures: np.ndarray | None = None
    ranking: tuple[int, ...] = ()


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
            "columns": {column.name: _figures(column) for column in self.columns},
            "ranking": {
                column.name: [self.test_set.names[place] for place in column.ranking]
                for column in self.models
            },
        }


def measure_models(
    models: dict[str, Callable[[np.ndarray], np.ndarray]],
    test_set: TestSet,
    judge: Judge,
    on_picture: Callable[[], object] = lambda: None,
) -> Report:
    """Stylize the photos with every model and measure.

    Args:
        models: `[1, height, width, 3]` to the same, in [-1, 1], by name.
        test_set: The pictures.
        judge: Of the test set's style images.
        on_picture: Called after each stylized picture.
    """
    photos = test_set.content
    columns = [Column(UNTOUCHED, tuple(judge.measure(photos, None, test_set.reference)))]
    for name, stylize in models.items():
        stylized = []
        for photo in photos:
            stylized.append(np.clip(stylize(photo[np.newaxis])[0], -1.0, 1.0))
            on_picture()
        pictures = np.stack(stylized)
        figures = judge.measure(pictures, photos, test_set.reference)
        columns.append(Column(name, tuple(figures), pictures, _ranking(judge, pictures)))
    if len(test_set.style) >= 4:
        # Half of the style images against the other half: what perfect pictures would score.
        halves = Judge(test_set.style[::2], judge.extractor, judge.perceptual)
        columns.append(Column(REAL, tuple(halves.measure(test_set.style[1::2]))))
    facts = {
        "extractor": judge.extractor.name,
        "perceptual": judge.perceptual.name,
        "photos": len(photos),
        "style_images": len(test_set.style),
        "part": test_set.part,
        "style_part": test_set.style_part,
        "size": test_set.size,
        "resizing": RESIZING + _resizing_of(judge.extractor),
        "metrics": {name: metric.text for name, metric in METRICS.items()},
    }
    return Report(test_set, tuple(columns), facts)


def _resizing_of(extractor: Extractor) -> str:
    """What a network that takes one size alone does to the pictures."""
    if extractor.size is None:
        return ""
    return f"; for {extractor.name} to {extractor.size} pixels by TensorFlow's antialiased bilinear"


def _ranking(judge: Judge, pictures: np.ndarray) -> tuple[int, ...]:
    """Places from the nearest to the style on: by the mean distance to the nearest real ones."""
    real, fake = judge.style_embeddings, embed(judge.extractor, pictures)
    if judge.extractor.standardize:
        real, fake = standardized(real, fake)
    distances = np.linalg.norm(fake[:, np.newaxis] - real[np.newaxis], axis=-1)
    nearest = np.sort(distances, axis=1)[:, :_NEIGHBOURS].mean(axis=1)
    return tuple(int(place) for place in np.argsort(nearest, kind="stable"))


def _figures(column: Column) -> dict[str, dict[str, float | None]]:
    return {
        figure.label: {"value": _number(figure.value), "error": _number(figure.error)}
        for figure in column.figures
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def best_of(columns: Sequence[Column], label: str) -> str | None:
    """The name of the model whose figure is the best; None with fewer than two models."""
    found = [
        (figure.value, column.name, METRICS[figure.metric].lower_is_better)
        for column in columns
        if column.pictures is not None
        for figure in column.figures
        if figure.label == label and math.isfinite(figure.value)
    ]
    if len(found) < 2:
        return None
    return (min if found[0][2] else max)(found)[1]


def table(report: Report) -> str:
    """The figures as plain text, a line each, a column a set of pictures."""
    labels = list(dict.fromkeys(f.label for column in report.columns for f in column.figures))
    names = [column.name for column in report.columns]
    widths = [max(len(name), 16) + 2 for name in names]
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
        lines.append(f"{label:{first}}" + "".join(cells))
    return "\n".join(lines)
