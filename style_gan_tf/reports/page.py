"""A report as one HTML file that needs nothing beside it."""

import base64
import html
import math
from pathlib import Path

import numpy as np

from style_gan_tf.images import eight_bits, encode, sheet, write_file
from style_gan_tf.metrics import METRICS, Figure
from style_gan_tf.reports.report import Column, Report, best_of

_SHOWN = 8  # photos on the sheet of all models
_EXTREMES = 3  # best, median and worst pictures of each model
_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2rem auto; }
body { padding: 0 1rem; }
h1, h2, h3 { line-height: 1.2; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .35rem .8rem; text-align: right; white-space: nowrap; }
th, td { border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; white-space: normal; }
td small, .note { color: #777; }
td.best { font-weight: 700; }
img { max-width: 100%; height: auto; }
svg { width: 400px; max-width: 100%; font: 11px system-ui, sans-serif; fill: currentColor; }
svg polyline { fill: none; stroke-width: 1.6; }
svg line { stroke: #8888; }
svg .title { font-weight: 600; font-size: 13px; }
svg .end { text-anchor: end; }
"""


def write_page(report: Report, curves: dict[str, list[str]], path: Path, title: str) -> None:
    """Write the page.

    Args:
        report: What was measured.
        curves: SVG drawings of each model's training, by the model's name; may lack models.
        path: The file to write.
        title: Of the page.

    Raises:
        OSError: When the file cannot be written.
    """
    parts = [_header(report, title), _table(report), _sheet(report)]
    for column in report.models:
        parts.append(_extremes(report, column))
        if drawings := curves.get(column.name):
            parts.append(f"<h3>Training of {html.escape(column.name)}</h3>{''.join(drawings)}")
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )
    write_file(path, page.encode())


def _header(report: Report, title: str) -> str:
    facts = report.facts
    words = {"held_out": "held out of training", "all": "all of the data named"}
    part, style_part = words[facts["part"]], words[facts["style_part"]]
    photos = f"{facts['photos']} photos" + (f" ({part})" if part != style_part else "")
    size = f"{facts['size']}x{facts['size']} pixels"
    return (
        f"<h1>{html.escape(title)}</h1><p class='note'>{photos} and "
        f"{facts['style_images']} style images ({style_part}), {size}: "
        f"{html.escape(facts['resizing'])}. Features: {html.escape(facts['extractor'])}; "
        "its figures compare with no other network's. Errors are standard errors. The first and "
        "the last column are the ends of the scale: the photos as they were, and one half of the "
        "style images against the other, which FID, biased by few pictures, puts too high. "
        "Bold: the best model.</p>"
    )


def _table(report: Report) -> str:
    labels: dict[str, Figure] = {}
    for column in report.columns:
        for figure in column.figures:
            labels.setdefault(figure.label, figure)
    order = list(METRICS)
    rows = sorted(labels.values(), key=lambda figure: order.index(figure.metric))
    head = "".join(f"<th>{html.escape(column.name)}</th>" for column in report.columns)
    body = "".join(_row(figure, report) for figure in rows)
    return f"<h2>Figures</h2><div class='wide'><table><tr><th></th>{head}</tr>{body}</table></div>"


def _row(figure: Figure, report: Report) -> str:
    metric = METRICS[figure.metric]
    better = "lower" if metric.lower_is_better else "higher"
    winner = best_of(report.columns, figure.label)
    cells = []
    for column in report.columns:
        found = next((f for f in column.figures if f.label == figure.label), None)
        best = " class='best'" if column.name == winner else ""
        cells.append(f"<td{best}>{_value(found)}</td>")
    return (
        f"<tr><td>{html.escape(figure.label)}<br><small>{html.escape(metric.text)}; "
        f"{better} is better</small></td>{''.join(cells)}</tr>"
    )


def _value(figure: Figure | None) -> str:
    if figure is None or not math.isfinite(figure.value):
        return "-"
    error = f" <small>&plusmn; {figure.error:.2g}</small>" if math.isfinite(figure.error) else ""
    return f"{figure.value:.4g}{error}"


def _sheet(report: Report) -> str:
    """Photos above, each model's pictures below, style images at the foot."""
    test_set = report.test_set
    count = min(_SHOWN, len(test_set.content))
    places = np.linspace(0, len(test_set.content) - 1, count).round().astype(int)
    rows = [test_set.content[places]]
    rows += [column.pictures[places] for column in report.models if column.pictures is not None]
    if test_set.reference is not None:
        rows.append(test_set.reference[places])
    style = np.linspace(0, len(test_set.style) - 1, min(count, len(test_set.style)))
    rows.append(test_set.style[style.round().astype(int)])
    names = ["the photos", *(column.name for column in report.models)]
    names += ["the references"] if test_set.reference is not None else []
    names.append("style images, for comparison")
    return (
        f"<h2>Side by side</h2><p class='note'>Rows: {html.escape('; '.join(names))}.</p>"
        + _picture(
            sheet([[eight_bits(picture) for picture in row] for row in rows]), "side by side"
        )
    )


def _extremes(report: Report, column: Column) -> str:
    """The pictures nearest to the style, in the middle, and farthest, each below its photo."""
    ranking, count = column.ranking, min(_EXTREMES, len(column.ranking))
    middle = max(0, (len(ranking) - count) // 2)
    groups = {
        "best": ranking[:count],
        "median": ranking[middle : middle + count],
        "worst": ranking[-count:],
    }
    places = [place for group in groups.values() for place in group]
    labels = [name for name, group in groups.items() for _ in group]
    assert column.pictures is not None
    rows = [
        [eight_bits(report.test_set.content[place]) for place in places],
        [eight_bits(column.pictures[place]) for place in places],
    ]
    return (
        f"<h2>{html.escape(column.name)}</h2><p class='note'>Its pictures nearest to the style "
        "images, in the middle, and farthest from them, by the distance to the five nearest style "
        "images in the extractor's features.</p>"
        + _picture(sheet(rows, labels=labels), f"best, median and worst of {column.name}")
    )


def _picture(pixels: np.ndarray, text: str) -> str:
    data = base64.b64encode(encode(pixels, format="jpeg", quality=90)).decode()
    return f'<img alt="{html.escape(text)}" src="data:image/jpeg;base64,{data}">'
