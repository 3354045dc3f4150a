"""Curves over the minutes of training as drawings for a page."""

import csv
import html
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

_WIDTH, _HEIGHT = 420, 180
_LEFT, _BOTTOM, _TOP, _RIGHT = 56, 28, 24, 10
_AVERAGED = 60  # points that a curve has at most: more are averaged in groups
_COLOURS = ("#c0392b", "#2471a3", "#1e8449", "#b9770e", "#7d3c98", "#616a6b")

Points = Sequence[tuple[float, float]]


def training_curves(metrics: Path) -> list[str]:
    """One SVG drawing for each figure over the minutes of training.

    Args:
        metrics: The run folder's `metrics.csv`; missing: no curves.

    Returns:
        SVG elements as text.
    """
    figures = read_metrics(metrics)
    return [
        draw_curves(name, {"": points})
        for name, points in figures.items()
        if len(points) > 1 and len({value for _, value in points}) > 1
    ]


def read_metrics(metrics: Path) -> dict[str, list[tuple[float, float]]]:
    """The figures of a `metrics.csv` by name, each as (minutes, value); missing: none."""
    if not metrics.is_file():
        return {}
    with open(metrics, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in (rows[0] if rows else {}) if name not in ("step", "minutes")]
    return {
        name: [
            (float(row["minutes"]), float(row[name]))
            for row in rows
            if row.get(name) and math.isfinite(float(row[name]))
        ]
        for name in names
    }


def draw_curves(title: str, lines: Mapping[str, Points], across: str = "minutes") -> str:
    """Curves in one frame as an SVG element.

    Args:
        title: Above them.
        lines: Points (x, y) by the curve's name, x rising; many are averaged in groups. Names
            stand below the title where there are several.
        across: What x is.
    """
    averaged = {name: _averaged(points) for name, points in lines.items()}
    every = [point for points in averaged.values() for point in points]
    left, right = min(x for x, _ in every), max(x for x, _ in every)
    low, high = min(y for _, y in every), max(y for _, y in every)
    top = _TOP + (14 if len(lines) > 1 else 0)
    base = _HEIGHT - _BOTTOM

    def place(x: float, y: float) -> str:
        across_frame = (x - left) / ((right - left) or 1.0) * (_WIDTH - _LEFT - _RIGHT)
        down = (high - y) / ((high - low) or 1.0) * (base - top)
        return f"{_LEFT + across_frame:.1f},{top + down:.1f}"

    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{html.escape(title)}">',
        f'<text x="{_LEFT}" y="15" class="title">{html.escape(title)}</text>',
        f'<line x1="{_LEFT}" y1="{base}" x2="{_WIDTH - _RIGHT}" y2="{base}"/>',
        f'<line x1="{_LEFT}" y1="{top}" x2="{_LEFT}" y2="{base}"/>',
        f'<text x="{_LEFT - 5}" y="{top + 4}" class="end">{high:.4g}</text>',
        f'<text x="{_LEFT - 5}" y="{base}" class="end">{low:.4g}</text>',
        f'<text x="{_LEFT}" y="{_HEIGHT - 10}">{left:.3g}</text>',
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 10}" class="end">{right:.3g} {across}</text>',
    ]
    legend = _LEFT
    for number, (name, points) in enumerate(averaged.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        if len(lines) > 1:
            text = html.escape(name)
            parts.append(f'<text x="{legend}" y="30" style="fill:{colour}">{text}</text>')
            legend += 7 * len(name) + 12
        drawn = " ".join(place(x, y) for x, y in points)
        parts.append(f'<polyline points="{drawn}" style="stroke:{colour}"/>')
    return "".join([*parts, "</svg>"])


def _averaged(points: Points) -> list[tuple[float, float]]:
    size = math.ceil(len(points) / _AVERAGED)
    groups = [points[start : start + size] for start in range(0, len(points), size)]
    return [
        (sum(x for x, _ in group) / len(group), sum(y for _, y in group) / len(group))
        for group in groups
    ]
