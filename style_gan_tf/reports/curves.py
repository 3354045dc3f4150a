"""Curves of a run's `metrics.csv` as drawings for a page."""

import csv
import html
import math
from collections.abc import Sequence
from pathlib import Path

_WIDTH, _HEIGHT = 420, 180
_LEFT, _BOTTOM, _TOP, _RIGHT = 56, 28, 24, 10
_AVERAGED = 60  # points that a curve has at most: more are averaged in groups


def training_curves(metrics: Path) -> list[str]:
    """One SVG drawing for each figure over the minutes of training.

    Args:
        metrics: The run folder's `metrics.csv`; missing: no curves.

    Returns:
        SVG elements as text.
    """
    if not metrics.is_file():
        return []
    with open(metrics, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in (rows[0] if rows else {}) if name not in ("step", "minutes")]
    drawings = []
    for name in names:
        points = [
            (float(row["minutes"]), float(row[name]))
            for row in rows
            if row.get(name) and math.isfinite(float(row[name]))
        ]
        if len(points) > 1 and len({value for _, value in points}) > 1:
            drawings.append(curve(name, points))
    return drawings


def curve(title: str, points: Sequence[tuple[float, float]], across: str = "minutes") -> str:
    """One curve as an SVG element.

    Args:
        title: Above it.
        points: (x, y), x rising, not all of one height; many are averaged in groups.
        across: What x is.
    """
    points = _averaged(points)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    low, high = min(ys), max(ys)
    spread = (high - low) or 1.0
    width = (xs[-1] - xs[0]) or 1.0

    def place(x: float, y: float) -> str:
        right = _LEFT + (x - xs[0]) / width * (_WIDTH - _LEFT - _RIGHT)
        down = _TOP + (high - y) / spread * (_HEIGHT - _TOP - _BOTTOM)
        return f"{right:.1f},{down:.1f}"

    base = _HEIGHT - _BOTTOM
    line = " ".join(place(x, y) for x, y in points)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{html.escape(title)}">'
        f'<text x="{_LEFT}" y="15" class="title">{html.escape(title)}</text>'
        f'<line x1="{_LEFT}" y1="{base}" x2="{_WIDTH - _RIGHT}" y2="{base}"/>'
        f'<line x1="{_LEFT}" y1="{_TOP}" x2="{_LEFT}" y2="{base}"/>'
        f'<text x="{_LEFT - 5}" y="{_TOP + 4}" class="end">{high:.4g}</text>'
        f'<text x="{_LEFT - 5}" y="{base}" class="end">{low:.4g}</text>'
        f'<text x="{_LEFT}" y="{_HEIGHT - 10}">{xs[0]:.3g}</text>'
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 10}" class="end">{xs[-1]:.3g} {across}</text>'
        f'<polyline points="{line}"/></svg>'
    )


def _averaged(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    size = math.ceil(len(points) / _AVERAGED)
    groups = [points[start : start + size] for start in range(0, len(points), size)]
    return [
        (sum(x for x, _ in group) / len(group), sum(y for _, y in group) / len(group))
        for group in groups
    ]
