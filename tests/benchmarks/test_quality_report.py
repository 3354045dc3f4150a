"""Figures over seeds: means, spreads, tables, and a page."""

import json

import numpy as np
import pytest

from benchmarks import quality_report
from benchmarks.quality_figures import BEST, FINAL
from benchmarks.quality_tables import best_of, curve_table, figure_table
from style_gan_tf.errors import UserError
from style_gan_tf.metrics import METRICS, Metric

FACTS = {"cpu": "a CPU"}


def figure(metric: str, value: float | None, error: float | None = None) -> dict[str, object]:
    return {"metric": metric, "value": value, "error": error}


def result(curve, kid: float = 1.0, metric: str = "kid_squeezenet", **more):
    figures = {"kid_squeezenet": figure("kid", kid, 0.5), "content_edges": figure(
        "content_edges", kid / 10)}  # fmt: skip
    return {
        "finished": True,
        "metric": metric,
        "curve": curve,
        "steps": 3000,
        "minutes": curve[-1][0],
        "best_minutes": curve[0][0],
        "setting": "float32",
        FINAL: figures,
        BEST: figures,
        **more,
    }


@pytest.fixture
def folder(tmp_path):
    """Write results by (contender, seed), with the pictures that a page shows."""

    def write(results):
        for name in ("pictures", "painted"):
            (tmp_path / name).mkdir(exist_ok=True)
        ends = {"untouched photos": {"kid_squeezenet": figure("kid", 9.0)}}
        (tmp_path / "pictures" / "pictures.json").write_text(json.dumps({"ends": ends}))
        shown = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)
        for name in ("content", "style"):
            np.save(tmp_path / "pictures" / f"held_out_{name}.npy", shown)
        for (name, seed), found in results.items():
            (tmp_path / f"{name}_seed_{seed}.json").write_text(json.dumps(found))
            np.save(tmp_path / "painted" / f"{name}_seed_{seed}_{FINAL}.npy", shown)
        return tmp_path

    return write


def test_means_and_spreads_over_seeds():
    seeds = {seed: result([(1, 1.0)], kid) for seed, kid in enumerate((2.0, 4.0, 9.0))}
    kid = quality_report.summarize(seeds, FINAL)["kid_squeezenet"]
    assert kid["mean"] == 5 and kid["spread"] == pytest.approx(np.std([2, 4, 9], ddof=1))
    assert kid["seeds"] == 3 and kid["error"] == 0.5
    alone = quality_report.summarize({0: seeds[0]}, BEST)
    assert alone["kid_squeezenet"]["spread"] is None and alone["content_edges"]["error"] is None
    seeds[1][FINAL]["kid_squeezenet"]["value"] = None  # A figure that could not be had.
    assert quality_report.summarize(seeds, FINAL)["kid_squeezenet"]["mean"] == 5.5


def test_figures_of_two_metrics_are_not_compared(folder):
    output = folder({
        ("ours", 0): result([(1, 2.0)]),
        ("cut", 0): result([(1, 2.0)], metric="kid_vgg19"),
    })  # fmt: skip
    with pytest.raises(UserError, match="kid_squeezenet and kid_vgg19: cannot be"):
        quality_report.write_report(output, FACTS)


def test_a_training_that_goes_on_is_no_result(folder):
    output = folder({("cut", 0): {"finished": False, "conditions": []}})
    assert quality_report.collect(output) == {}
    assert quality_report.write_report(output, FACTS) == "nothing is measured yet"


def test_the_ratio_is_told_to_the_end_and_to_the_best(folder):
    output = folder({
        ("ours", 0): result([(1, 9.0), (2, 2.0)]),
        ("ours", 1): result([(1, 9.0), (2, 4.0)]),
        ("cut_float32", 0): result([(1, 4.0), (2, 6.0)]),
    })  # fmt: skip
    told = quality_report.write_report(output, FACTS)
    assert "ratio: ours ends at 0.50 of cut_float32's, 0.75 of its best" in told


def test_report(folder):
    output = folder({
        ("ours", 0): result([(5, 900.0), (60, 300.0)], 300),
        ("ours", 1): result([(5, 1000.0), (60, 320.0)], 320),
        ("enco", 0): result([(5, 4000.0), (60, 700.0)], 700),
    })  # fmt: skip
    told = quality_report.write_report(output, FACTS)
    assert (output / "table.md").read_text().strip() in told
    report = json.loads((output / "report.json").read_text())
    assert report["cpu"] == "a CPU" and report["format"] == 2
    assert report["summary"]["ours"][FINAL]["kid_squeezenet"]["mean"] == 310
    assert report["contenders"]["enco"]["0"]["curve"][-1] == [60, 700.0]
    page = (output / "index.html").read_text()
    assert page.count("<svg ") == 1 and "<polygon" in page and "data:image/jpeg" in page
    # The best KID and the best edges, which are better the higher, in both states.
    assert page.count("<td class=best>310 ± 14</td>") == 2
    assert page.count("<td class=best>70</td>") == 2
    for text in ("enco, seed 0", "seeds: 1 to 2", "untouched photos"):
        assert text in page


def test_tables():
    results = {
        "ours": {0: result([(5, 900.0), (40, 310.0)]), 1: result([(5, 700.0), (40, 290.0)])},
        "cut": {0: result([(10, 4000.0), (60, 700.0)])},
    }
    lines = curve_table(results).splitlines()
    assert lines[0] == "| kid_squeezenet, minutes | 8 | 16 | 24 | 32 | 40 | 48 | 56 | 60 | steps |"
    # The last figure up to each minute; ours ended after 40.
    assert lines[2] == "| `ours` | 800 | 800 | 800 | 800 | 300 | 300 | 300 | 300 | 3,000 |"
    assert lines[3] == "| `cut` |  | 4000 | 4000 | 4000 | 4000 | 4000 | 4000 | 700 | 3,000 |"
    summary = {name: {FINAL: quality_report.summarize(s, FINAL)} for name, s in results.items()}
    ends = {"untouched photos": {"kid_squeezenet": figure("kid", 9.25)}}
    rows = figure_table(ends, summary, FINAL).splitlines()
    assert rows[0] == "| final checkpoint | `ours` | `cut` | untouched photos |"
    assert rows[2] == "| kid_squeezenet (lower) | 1 ± 0 | 1 ± 0.5 | 9.25 |"
    assert rows[3] == "| content_edges (higher) | 0.1 ± 0 | 0.1 | - |"


def test_the_best_is_the_lowest_the_highest_or_the_nearest_to_the_real(monkeypatch):
    means = {"ours": 3.0, "cut": 5.0, "enco": 9.0}
    assert best_of(means, "kid", None) == "ours"
    assert best_of(means, "content_edges", None) == "enco"
    monkeypatch.setitem(METRICS, "near", Metric(lambda case: None, "", real=True))
    assert best_of(means, "near", 6.0) == "cut"
    assert best_of(means, "near", None) is None and best_of({"ours": 1.0}, "kid", None) is None


def test_large_figures_have_no_exponents():
    ends = {"untouched photos": {"kid_squeezenet": figure("kid", 164462.3)}}
    summary = {"ours": {FINAL: quality_report.summarize({0: result([(1, 1.0)], 0.012345)}, FINAL)}}
    row = figure_table(ends, summary, FINAL).splitlines()[2]
    assert row == "| kid_squeezenet (lower) | 0.01235 ± 0.5 | 164462 |"
