"""The tables of `benchmarks.quality`, as Markdown."""

import statistics
from collections.abc import Mapping
from typing import Any

from benchmarks.quality_figures import Figures
from style_gan_tf.metrics import METRICS

_MARKS = 8  # minutes in the table of the curves, about


def curve_table(results: Mapping[str, Mapping[int, dict[str, Any]]]) -> str:
    """The mean over seeds of the last figure up to each minute, as Markdown."""
    metric = metric_of(results)
    ends = {round(result["minutes"], 2) for seeds in results.values() for result in seeds.values()}
    last = max(ends)
    step = max(last / _MARKS, 1e-9)
    minutes = [last] if last < 1 else [float(m) for m in _whole_marks(last, step)]
    rows = [
        [f"{metric}, minutes", *(f"{minute:g}" for minute in minutes), "steps"],
        ["---"] * (len(minutes) + 2),
    ]
    for name, seeds in results.items():
        cells = []
        for minute in minutes:
            known = [
                [value for at, value in result["curve"] if at <= minute + 0.5]
                for result in seeds.values()
            ]
            values = [points[-1] for points in known if points]
            cells.append(f"{statistics.fmean(values):.0f}" if len(values) == len(seeds) else "")
        steps = statistics.fmean(result["steps"] for result in seeds.values())
        rows.append([f"`{name}`", *cells, f"{steps:,.0f}"])
    return _markdown(rows)


def _whole_marks(last: float, step: float) -> list[int]:
    whole = max(1, round(step))
    return sorted({*range(whole, round(last) + 1, whole), round(last)})


def figure_table(ends: Mapping[str, Figures], summary: Mapping[str, Any], state: str) -> str:
    """All figures of all contenders in one state, as Markdown: a row a figure."""
    names = [*(f"`{name}`" for name in summary), *ends]
    rows = [[f"{state} checkpoint", *names], ["---"] * (len(names) + 1)]
    for label, metric in labels(ends, summary, state):
        cells = [cell(figures[state].get(label)) for figures in summary.values()]
        cells += [end_cell(figures.get(label)) for figures in ends.values()]
        rows.append([f"{label} ({METRICS[metric].goal})", *cells])
    return _markdown(rows)


def labels(
    ends: Mapping[str, Figures], summary: Mapping[str, Any], state: str
) -> list[tuple[str, str]]:
    """Every label with its metric, in the order of METRICS; forgotten metrics are left out."""
    found: dict[str, str] = {}
    for figures in [*(part[state] for part in summary.values()), *ends.values()]:
        found |= {label: figure["metric"] for label, figure in figures.items()}
    order = list(METRICS)
    known = [(label, metric) for label, metric in found.items() if metric in METRICS]
    return sorted(known, key=lambda pair: order.index(pair[1]))


def best_of(means: Mapping[str, float], metric: str, real: float | None) -> str | None:
    """The name of the best mean; None where there is nothing to choose.

    Args:
        means: By contender.
        metric: In METRICS, which says what is better.
        real: The real style images' own figure; None where it is not known.
    """
    goal = METRICS[metric].goal
    if len(means) < 2 or (goal == "real" and real is None):
        return None

    def badness(name: str) -> float:
        if real is not None and goal == "real":
            return abs(means[name] - real)
        return means[name] if goal == "lower" else -means[name]

    return min(means, key=badness)


def cell(figure: dict[str, Any] | None) -> str:
    if figure is None or figure["mean"] is None:
        return "-"
    beside = figure["spread"] if figure["seeds"] > 1 else figure["error"]
    return _short(figure["mean"], 4) + ("" if beside is None else f" ± {_short(beside, 2)}")


def end_cell(figure: dict[str, Any] | None) -> str:
    return "-" if figure is None or figure["value"] is None else _short(figure["value"], 4)


def _short(value: float, digits: int) -> str:
    """So many digits, and all of those before the point."""
    return f"{value:.0f}" if abs(value) >= 10**digits else f"{value:.{digits}g}"


def metric_of(results: Mapping[str, Mapping[int, dict[str, Any]]]) -> str:
    first = next(iter(next(iter(results.values())).values()))
    return str(first["metric"])


def _markdown(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
