"""Curves over the minutes of training as drawings for a page."""

import csv
import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from style_gan_tf.metrics import METRICS
from style_gan_tf.reports.templates import render

_WIDTH, _HEIGHT = 420, 180  # of the frame, in the drawing's units, without the lines of names
_LEFT, _BOTTOM, _TOP, _RIGHT = 72, 28, 24, 10
_LETTER, _LINE = 7, 14  # about a letter's width, and a line's height
_AVERAGED = 60  # points that a curve has at most: more are averaged in groups
# They differ in lightness as well, and the dashes help who sees no colours.
_COLOURS = ("#d1495b", "#2f7fc1", "#2a9d6f", "#b9770e", "#8e5fc0", "#7f8c8d")
_DASHES = ("none", "7 3", "2 3", "9 3 2 3")

Points = Sequence[tuple[float, float]]


@dataclasses.dataclass(frozen=True)
class Drawing:
    """Curves of one figure.

    Attributes:
        svg: The drawing, an SVG element.
        text: What the figure is, one sentence without a full stop; empty where nobody knows.
    """

    svg: Markup
    text: str


def training_curves(runs: Mapping[str, Mapping[str, Points]]) -> list[Drawing]:
    """One drawing for each figure, all runs in the same frame.

    Args:
        runs: What `read_metrics` gives, by the run's name. Figures that never change are left out.
    """
    names = dict.fromkeys(name for figures in runs.values() for name in figures)
    drawings = []
    for name in names:
        lines = {run: figures[name] for run, figures in runs.items() if figures.get(name)}
        if max((len(points) for points in lines.values()), default=0) < 2:
            continue
        if len({value for points in lines.values() for _, value in points}) > 1:
            # From a template, where all that is not ours was escaped.
            drawings.append(Drawing(Markup(draw_curves(name, lines, order=runs)), meaning(name)))
    return drawings


def read_metrics(metrics: Path, across: str = "minutes") -> dict[str, list[tuple[float, float]]]:
    """The figures of a `metrics.csv` by name, each as (minutes, value); missing: none.

    Args:
        metrics: The file.
        across: The column beside the values: "minutes" or "step".
    """
    if not metrics.is_file():
        return {}
    with open(metrics, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in (rows[0] if rows else {}) if name not in ("step", "minutes")]
    return {
        name: [
            (float(row[across]), float(row[name]))
            for row in rows
            if row.get(name) and math.isfinite(float(row[name]))
        ]
        for name in names
    }


def meaning(name: str) -> str:
    """What a column of `metrics.csv` is, for people; nothing where it is not known."""
    if name == "learning_rate":
        return "how far a step moves the weights"
    if name == "images_per_second":
        return "content images trained on a second"
    network, slash, loss = name.partition("/")
    if slash:
        return f"loss {loss}: the {network} is trained to make it small"
    # The name of a metric, with its network's behind it.
    found = [metric for metric in METRICS if name == metric or name.startswith(f"{metric}_")]
    return METRICS[max(found, key=len)].text if found else ""


def draw_curves(
    title: str,
    lines: Mapping[str, Points],
    across: str = "minutes",
    order: Iterable[str] = (),
) -> str:
    """Curves in one frame as an SVG element.

    Args:
        title: Above them.
        lines: Points (x, y) by the curve's name, x rising; many are averaged in groups. Names
            stand below the title where there are several.
        across: What x is.
        order: All names that ever are drawn, so that each keeps its colour from one drawing to
            the next; default those of `lines`.
    """
    averaged = {name: _averaged(points) for name, points in lines.items()}
    every = [point for points in averaged.values() for point in points]
    left, right = min(x for x, _ in every), max(x for x, _ in every)
    low, high = min(y for _, y in every), max(y for _, y in every)
    colours = {name: number for number, name in enumerate([*order] or lines)}
    named = len(colours) > 1
    places = _places(list(lines)) if named else {}
    top = _TOP + (1 + max((row for _, row in places.values()), default=-1)) * _LINE
    base = top + _HEIGHT - _TOP - _BOTTOM

    def place(x: float, y: float) -> str:
        across_frame = (x - left) / ((right - left) or 1.0) * (_WIDTH - _LEFT - _RIGHT)
        down = (high - y) / ((high - low) or 1.0) * (base - top)
        return f"{_LEFT + across_frame:.1f},{top + down:.1f}"

    drawn = []
    for name, points in averaged.items():
        number = colours[name]
        x, row = places.get(name, (0, 0))
        drawn.append(
            {
                "name": name if named else "",
                "x": x,
                "y": _TOP + 6 + row * _LINE,
                "colour": _COLOURS[number % len(_COLOURS)],
                "dash": _DASHES[number % len(_DASHES)] if named else "none",
                "points": " ".join(place(x, y) for x, y in points),
            }
        )
    return render(
        "curves.svg",
        title=title,
        across=across,
        width=_WIDTH,
        height=base + _BOTTOM,
        left=_LEFT,
        right=_WIDTH - _RIGHT,
        top=top,
        base=base,
        high=f"{high:.4g}",
        low=f"{low:.4g}",
        first=f"{left:.3g}",
        last=f"{right:.3g}",
        lines=drawn,
    )


def _places(names: list[str]) -> dict[str, tuple[int, int]]:
    """Where each name stands: (x, line), lines broken where they would leave the frame."""
    places, x, row = {}, _LEFT, 0
    for name in names:
        width = _LETTER * len(name) + 2 * _LETTER
        if x > _LEFT and x + width > _WIDTH:
            x, row = _LEFT, row + 1
        places[name] = (x, row)
        x += width
    return places


def _averaged(points: Points) -> list[tuple[float, float]]:
    size = math.ceil(len(points) / _AVERAGED)
    groups = [points[start : start + size] for start in range(0, len(points), size)]
    return [
        (sum(x for x, _ in group) / len(group), sum(y for _, y in group) / len(group))
        for group in groups
    ]
