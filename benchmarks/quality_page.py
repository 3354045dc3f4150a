"""The page of `benchmarks.quality`: one HTML file that needs nothing beside it."""

import base64
import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bands import draw_bands
from benchmarks.quality_figures import BEST, FINAL, Figures
from benchmarks.quality_tables import best_of, cell, end_cell, labels, metric_of
from style_gan_tf.images import encode, sheet
from style_gan_tf.metrics import METRICS
from style_gan_tf.reports.report import REAL

_SHOWN = 6  # photos on the sheet
_PAGE_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1200px; }
body { margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .3rem .7rem; text-align: right; white-space: nowrap; }
th, td { border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; white-space: normal; }
small, .note { color: #777; }
td.best { font-weight: 700; }
img, svg { max-width: 100%; height: auto; }
svg { width: 720px; }
"""


def page(
    output: Path,
    results: Mapping[str, Mapping[int, dict[str, Any]]],
    ends: Mapping[str, Figures],
    summary: Mapping[str, Any],
) -> str:
    curves = {
        name: [[(at, value) for at, value in result["curve"]] for result in seeds.values()]
        for name, seeds in results.items()
    }
    counts = {len(seeds) for seeds in results.values()}
    parts = [
        "<h1>Training for equal minutes</h1>",
        "<p class='note'>Each figure is the mean over the seeds, beside it the standard deviation "
        f"over them, or with one seed the figure's own standard error; seeds: {_range(counts)}. "
        "The best checkpoint of each training was chosen by the figure of the curves, on these "
        "same pictures. Bold: the best contender.</p>",
        draw_bands(f"{metric_of(results)} over minutes of training; lower is better", curves),
        *(_html_table(ends, summary, state) for state in (FINAL, BEST)),
        _trainings(results),
        _sheet(output, results),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Training for equal minutes</title><style>{_PAGE_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _range(counts: set[int]) -> str:
    return f"{min(counts)}" if len(counts) == 1 else f"{min(counts)} to {max(counts)}"


def _html_table(ends: Mapping[str, Figures], summary: Mapping[str, Any], state: str) -> str:
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in [*summary, *ends])
    rows = []
    for label, metric in labels(ends, summary, state):
        means = {
            name: figures[state][label]["mean"]
            for name, figures in summary.items()
            if label in figures[state] and figures[state][label]["mean"] is not None
        }
        real = ends.get(REAL, {}).get(label, {}).get("value")
        winner = best_of(means, metric, real)
        cells = [
            f"<td{' class=best' if name == winner else ''}>"
            f"{html.escape(cell(figures[state].get(label)))}</td>"
            for name, figures in summary.items()
        ]
        cells += [f"<td>{end_cell(figures.get(label))}</td>" for figures in ends.values()]
        text = html.escape(f"{METRICS[metric].text}; {METRICS[metric].better}")
        rows.append(
            f"<tr><td>{html.escape(label)}<br><small>{text}</small></td>{''.join(cells)}</tr>"
        )
    table = f"<table><tr><th></th>{heads}</tr>{''.join(rows)}</table>"
    return f"<h2>The {state} checkpoints</h2><div class='wide'>{table}</div>"


def _trainings(results: Mapping[str, Mapping[int, dict[str, Any]]]) -> str:
    rows = [
        f"<tr><td>{html.escape(name)}, seed {seed}</td><td>{result['steps']:,}</td>"
        f"<td>{result['minutes']:.1f}</td><td>{result['best_minutes']:.1f}</td>"
        f"<td>{html.escape(result['setting'])}</td>"
        f"<td>{html.escape(result.get('cpu', ''))}</td></tr>"
        for name, seeds in results.items()
        for seed, result in seeds.items()
    ]
    heads = "".join(
        f"<th>{text}</th>" for text in ("", "steps", "minutes", "best at", "arithmetic", "machine")
    )
    return (
        "<h2>The trainings</h2><div class='wide'><table><tr>"
        f"{heads}</tr>{''.join(rows)}</table></div>"
    )


def _sheet(output: Path, results: Mapping[str, Mapping[int, dict[str, Any]]]) -> str:
    """Photos above, the final paintings of each contender's first seed below, style at the foot."""
    pictures = output / "pictures"
    content = np.load(pictures / "held_out_content.npy", mmap_mode="r")
    places = np.linspace(0, len(content) - 1, min(_SHOWN, len(content))).round().astype(int)
    rows = [[content[place] for place in places]]
    names = ["the photos"]
    for name, seeds in results.items():
        painted = np.load(
            output / "painted" / f"{name}_seed_{min(seeds)}_{FINAL}.npy", mmap_mode="r"
        )
        rows.append([painted[place] for place in places])
        names.append(f"{name} (seed {min(seeds)}, final)")
    style = np.load(pictures / "held_out_style.npy", mmap_mode="r")
    among = np.linspace(0, len(style) - 1, min(len(places), len(style))).round().astype(int)
    rows.append([style[place] for place in among])
    names.append("style images, for comparison")
    data = base64.b64encode(encode(sheet(rows), format="jpeg", quality=90)).decode()
    return (
        f"<h2>Side by side</h2><p class='note'>Rows: {html.escape('; '.join(names))}.</p>"
        f'<img alt="side by side" src="data:image/jpeg;base64,{data}">'
    )
