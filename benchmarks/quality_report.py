"""The figures of `benchmarks.quality` over seeds: report.json, index.html, and tables."""

import json
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.contenders import CONTENDERS, OURS
from benchmarks.quality_figures import BEST, FINAL, Figures
from benchmarks.quality_page import page
from benchmarks.quality_tables import curve_table, figure_table
from style_gan_tf.errors import UserError
from style_gan_tf.images import write_file


def collect(output: Path) -> dict[str, dict[int, dict[str, Any]]]:
    """The finished results in a folder: contender, then seed.

    Raises:
        UserError: When two were measured by different metrics.
    """
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for name in CONTENDERS:
        for path in sorted(output.glob(f"{name}_seed_*.json")):
            result = json.loads(path.read_text(encoding="utf-8"))
            if result["finished"]:
                found.setdefault(name, {})[int(path.stem.rpartition("_")[2])] = result
    metrics = {result["metric"] for seeds in found.values() for result in seeds.values()}
    if len(metrics) > 1:
        names = " and ".join(sorted(metrics))
        raise UserError(f"{output}: measured by {names}: cannot be compared")
    return found


def summarize(seeds: Mapping[int, dict[str, Any]], state: str) -> Figures:
    """Each figure's mean over the seeds.

    Args:
        seeds: Results by seed.
        state: FINAL or BEST.

    Returns:
        By label the metric, `mean`, `spread` (the standard deviation over seeds; None for one
        seed), `error` (the mean of the figures' own standard errors, None where unknown) and
        `seeds`, their number.
    """
    labels = dict.fromkeys(label for result in seeds.values() for label in result[state])
    summary: Figures = {}
    for label in labels:
        figures = [result[state][label] for result in seeds.values() if label in result[state]]
        values = [figure["value"] for figure in figures if figure["value"] is not None]
        errors = [figure["error"] for figure in figures if figure["error"] is not None]
        summary[label] = {
            "metric": figures[0]["metric"],
            "mean": statistics.fmean(values) if values else None,
            "spread": statistics.stdev(values) if len(values) > 1 else None,
            "error": statistics.fmean(errors) if errors else None,
            "seeds": len(values),
        }
    return summary


def write_report(output: Path, facts: dict[str, Any]) -> str:
    """Write report.json, table.md and index.html; returns what to print.

    Args:
        output: The benchmark's folder.
        facts: Of the machine.

    Raises:
        UserError: See `collect`.
    """
    results = collect(output)
    if not results:
        return "nothing is measured yet"
    ends = json.loads((output / "pictures" / "pictures.json").read_text(encoding="utf-8"))["ends"]
    summary = {
        name: {state: summarize(seeds, state) for state in (FINAL, BEST)}
        for name, seeds in results.items()
    }
    report = {
        "format": 2,
        **facts,
        "ends": ends,
        "summary": summary,
        "contenders": {
            name: {str(seed): result for seed, result in seeds.items()}
            for name, seeds in results.items()
        },
    }
    write_file(output / "report.json", (json.dumps(report, indent=2) + "\n").encode())
    tables = [curve_table(results), figure_table(ends, summary, FINAL)]
    tables.append(figure_table(ends, summary, BEST))
    write_file(output / "table.md", ("\n\n".join(tables) + "\n").encode())
    write_file(output / "index.html", page(output, results, ends, summary).encode())
    return "\n\n".join([*tables, *_ratios(results)])


def _ratios(results: Mapping[str, Mapping[int, dict[str, Any]]]) -> list[str]:
    """Ours against each peer by the curves' figure: at the end, and at the peer's best."""
    if OURS not in results:
        return []

    def mean(name: str, pick: Any) -> float:
        return statistics.fmean(
            pick([value for _, value in result["curve"]]) for result in results[name].values()
        )

    ours = mean(OURS, lambda values: values[-1])
    return [
        f"ratio: ours ends at {ours / mean(name, lambda values: values[-1]):.2f} of {name}'s, "
        f"{ours / mean(name, min):.2f} of its best"
        for name in results
        if name != OURS
    ]
