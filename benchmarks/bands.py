"""Curves over minutes as an SVG drawing: the mean over seeds, and a band from least to most."""

import html
import math
from collections.abc import Mapping, Sequence

import numpy as np

Curve = Sequence[tuple[float, float]]

_WIDTH, _HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 46, 30
_COLOURS = ("#c0392b", "#2471a3", "#1e8449", "#b9770e", "#7d3c98", "#616a6b", "#117a65")
_PLACES = 120  # of a band, over its minutes
_LOGARITHMIC = 8.0  # From this ratio of the highest to the lowest value on.
_STYLE = (
    "<style>text{font:11px sans-serif;fill:#555}.title{font-weight:600;font-size:13px}"
    ".end{text-anchor:end}.middle{text-anchor:middle}</style>"
)


def band(curves: Sequence[Curve]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The least, the mean and the greatest value of curves over the minutes.

    Args:
        curves: Points (minute, value), minutes rising; between them values lie on lines, and a
            curve that has ended stays where it was.

    Returns:
        Minutes from where all curves have begun, least, mean, greatest, each float64 `[n]`.
    """
    first = max(curve[0][0] for curve in curves)
    last = max(curve[-1][0] for curve in curves)
    known = {minute for curve in curves for minute, _ in curve if first <= minute <= last}
    minutes = np.unique([*known, *np.linspace(first, last, _PLACES)])
    values = np.stack([np.interp(minutes, *zip(*curve, strict=True)) for curve in curves])
    return minutes, values.min(axis=0), values.mean(axis=0), values.max(axis=0)


def draw_bands(title: str, contenders: Mapping[str, Sequence[Curve]]) -> str:
    """All contenders in one frame, as an SVG document that stands alone.

    The upright axis is logarithmic where the values span a factor of eight or more, for a figure
    that begins ten times as high would press the rest into one line.

    Args:
        title: Above the drawing.
        contenders: By name the curve of each seed; one seed alone is a line without a band.
    """
    bands = {name: band(curves) for name, curves in contenders.items() if curves}
    if not bands:
        return ""
    low = min(float(least.min()) for _, least, _, _ in bands.values())
    high = max(float(most.max()) for *_, most in bands.values())
    right = max(float(minutes[-1]) for minutes, *_ in bands.values()) or 1.0
    logarithmic = low > 0 and high / low >= _LOGARITHMIC
    scale = math.log if logarithmic else float
    span = (scale(high) - scale(low)) or 1.0

    def place(minute: float, value: float) -> str:
        x = _LEFT + minute / right * (_WIDTH - _LEFT - _RIGHT)
        y = _TOP + (scale(high) - scale(value)) / span * (_HEIGHT - _TOP - _BOTTOM)
        return f"{x:.1f},{y:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{html.escape(title)}">{_STYLE}',
        f'<text x="{_LEFT}" y="15" class="title">{html.escape(title)}</text>',
    ]
    for value in _ticks(low, high, logarithmic):
        _, y = place(0, value).split(",")
        parts.append(
            f'<line x1="{_LEFT}" y1="{y}" x2="{_WIDTH - _RIGHT}" y2="{y}" stroke="#8884"/>'
        )
        parts.append(f'<text x="{_LEFT - 6}" y="{float(y) + 4:.1f}" class="end">{value:.6g}</text>')
    for minute in _ticks(0.0, right, False):
        x, _ = place(minute, low).split(",")
        parts.append(f'<text x="{x}" y="{_HEIGHT - 14}" class="middle">{minute:.4g}</text>')
    parts.append(f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 2}" class="end">minutes</text>')
    legend = _LEFT
    for number, (name, (minutes, least, mean, most)) in enumerate(bands.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        parts.append(f'<text x="{legend}" y="32" style="fill:{colour}">{html.escape(name)}</text>')
        legend += 7 * len(name) + 14
        if len(contenders[name]) > 1:
            around = [
                *zip(minutes, most, strict=True),
                *zip(minutes[::-1], least[::-1], strict=True),
            ]
            points = " ".join(place(*point) for point in around)
            parts.append(f'<polygon points="{points}" fill="{colour}" fill-opacity="0.18"/>')
        points = [place(*point) for point in zip(minutes, mean, strict=True)]
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" '
            'stroke-width="1.8"/>'
        )
        x, y = points[-1].split(",")  # All that there is to see of a curve of one point.
        parts.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>')
    return "".join([*parts, "</svg>"])


def _ticks(low: float, high: float, logarithmic: bool) -> list[float]:
    """Round values between two ends: 1, 2, 5 times powers of ten, or even steps of such a size."""
    if logarithmic:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        values = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
        return [value for value in values if low <= value <= high]
    if high <= low:
        return [low]
    raw = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    first = math.ceil(low / step)
    return [step * n for n in range(first, math.floor(high / step + 1e-9) + 1)]
