"""A report as one HTML file that needs nothing beside it."""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.images import eight_bits, write_file
from style_gan_tf.metrics import METRICS, Figure, Pictures
from style_gan_tf.reports.curves import Points, training_curves
from style_gan_tf.reports.report import Column, Report, best_of
from style_gan_tf.reports.templates import data_url, render

_SHOWN = 8  # photos on the sheet of all models
_EXTREMES = 3  # best, median and worst pictures of each model


@dataclasses.dataclass(frozen=True)
class Shown:
    """A picture on the page.

    Attributes:
        url: Where it is: a data URL.
        text: What it is, for its enlargement and for who cannot see it.
        tag: A word above it, or nothing.
    """

    url: str
    text: str
    tag: str = ""


@dataclasses.dataclass(frozen=True)
class Row:
    """Pictures beside each other, with what they are written above."""

    label: str
    pictures: list[Shown]


def write_page(
    report: Report,
    runs: Mapping[str, Mapping[str, Points]],
    path: Path,
    title: str,
    squares: str = "",
) -> None:
    """Write the page.

    Args:
        report: What was measured.
        runs: The figures of each model's training as `read_metrics` gives them, by the model's
            name; may lack models.
        path: The file to write.
        title: Of the page.
        squares: Where the figures of squares are, beside this page of whole pictures; or nothing.

    Raises:
        UserError: When the file cannot be written.
    """
    facts = report.facts
    words = {"held_out": "held out of training", "all": "all of the data named"}
    part, style_part = words[facts["part"]], words[facts["style_part"]]
    page = render(
        "report.html",
        title=title,
        facts=facts,
        squares=squares,
        photos=f"{facts['photos']} photos" + (f" ({part})" if part != style_part else ""),
        style_part=style_part,
        columns=[column.name for column in report.columns],
        table=_table(report),
        side_by_side=_side_by_side(report),
        curves=training_curves(runs),
        runs=len(runs),
        models=[{"name": m.name, "rows": _extremes(report, m)} for m in report.models],
    )
    write_file(path, page.encode())


def _table(report: Report) -> list[dict[str, Any]]:
    labels: dict[str, Figure] = {}
    for column in report.columns:
        for figure in column.figures:
            labels.setdefault(figure.label, figure)
    order = list(METRICS)
    rows = sorted(labels.values(), key=lambda figure: order.index(figure.metric))
    return [_line(figure, report) for figure in rows]


def _line(figure: Figure, report: Report) -> dict[str, Any]:
    metric = METRICS[figure.metric]
    winner = best_of(report.columns, figure.label)
    cells = []
    for column in report.columns:
        found = next((f for f in column.figures if f.label == figure.label), None)
        known = found is not None and math.isfinite(found.value)
        error = found.error if known and found is not None else math.nan
        cells.append(
            {
                "column": column.name,
                "value": f"{found.value:.4g}" if known and found is not None else "-",
                "error": f"{error:.2g}" if math.isfinite(error) else "",
                "best": column.name == winner,
            }
        )
    return {
        "label": figure.label,
        "text": f"{metric.text} ({figure.rests_on})" if figure.rests_on else metric.text,
        "better": metric.better,
        "cells": cells,
    }


def _side_by_side(report: Report) -> list[Row]:
    """Photos above, each model's pictures below, style images at the foot."""
    test_set = report.test_set
    count = min(_SHOWN, len(test_set.content))
    places = np.linspace(0, len(test_set.content) - 1, count).round().astype(int)
    rows = [_row("photo", test_set.content, test_set.names, places)]
    for column in report.models:
        assert column.pictures is not None
        rows.append(_row(column.name, column.pictures, test_set.names, places))
    if test_set.reference is not None:
        rows.append(_row("reference", test_set.reference, test_set.names, places))
    style = np.linspace(0, len(test_set.style) - 1, min(count, len(test_set.style)))
    numbers = [f"{number + 1}" for number in range(len(test_set.style))]
    rows.append(
        _row("style image, for comparison", test_set.style, numbers, style.round().astype(int))
    )
    return rows


def _extremes(report: Report, column: Column) -> list[Row]:
    """The pictures nearest to the style, in the middle, and farthest, each below its photo."""
    ranking, count = column.ranking, min(_EXTREMES, len(column.ranking))
    middle = max(0, (len(ranking) - count) // 2)
    groups = {
        "best": ranking[:count],
        "median": ranking[middle : middle + count],
        "worst": ranking[-count:],
    }
    places = [place for group in groups.values() for place in group]
    tags = [name for name, group in groups.items() for _ in group]
    assert column.pictures is not None
    names = report.test_set.names
    return [
        _row("photo", report.test_set.content, names, places, tags),
        _row(column.name, column.pictures, names, places),
    ]


def _row(
    label: str,
    pictures: Pictures,
    names: Iterable[str],
    places: Iterable[int],
    tags: Iterable[str] = (),
) -> Row:
    """Some of `pictures`, float32 `[height, width, 3]` in [-1, 1] each, by their places."""
    names, places = list(names), list(places)
    tags = list(tags) or [""] * len(places)
    return Row(
        label,
        [
            Shown(data_url(eight_bits(pictures[place])), f"{label}: {names[place]}", tag)
            for place, tag in zip(places, tags, strict=True)
        ],
    )
