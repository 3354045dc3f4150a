import csv

import numpy as np

from style_gan_tf.training.progress import MetricsFile, Progress, broken_loss
from style_gan_tf.training.step import StepResult


def _rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_rows_and_new_columns(tmp_path):
    metrics = MetricsFile(tmp_path / "metrics.csv", 0)
    metrics.append({"step": 1, "loss": 0.5})
    metrics.append({"step": 2, "loss": 0.25, "score": 3})
    assert _rows(tmp_path / "metrics.csv") == [
        {"step": "1", "loss": "0.5", "score": ""},
        {"step": "2", "loss": "0.25", "score": "3"},
    ]


def test_resuming_drops_the_rows_that_are_done_anew(tmp_path):
    metrics = MetricsFile(tmp_path / "metrics.csv", 0)
    for step in (1, 2, 3):
        metrics.append({"step": step, "loss": 1.0})
    resumed = MetricsFile(tmp_path / "metrics.csv", 2)
    resumed.append({"step": 3, "loss": 2.0})
    assert [(r["step"], r["loss"]) for r in _rows(tmp_path / "metrics.csv")] == [
        ("1", "1.0"),
        ("2", "1.0"),
        ("3", "2.0"),
    ]


def test_plain_lines_where_there_is_no_terminal(capsys):
    progress = Progress(0, 4, minutes=0.0, max_minutes=0.0, batch_size=2, log_every=2)
    for step in range(1, 5):
        progress.update(StepResult(step, {"generator/nce": 0.5}, 1e-4))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["step 2/4", "step 4/4"]
    assert all("generator/nce 0.5" in line and "images/s" in line for line in lines)


def test_minutes_go_on_from_before():
    assert Progress(0, 0, 7.5, 10.0, 1, 1).minutes >= 7.5


def test_a_loss_that_is_no_number_is_found():
    assert broken_loss(StepResult(1, {"a": 1.0, "b": 0.0}, 1e-4)) is None
    assert broken_loss(StepResult(1, {"a": 1.0, "b": np.nan}, 1e-4)) == "b"
    assert broken_loss(StepResult(1, {"a": np.inf, "b": 1.0}, 1e-4)) == "a"
