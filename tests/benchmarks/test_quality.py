"""The equal-time comparison, tiny, through the frame of every command."""

import json

import pytest

from benchmarks import alternating, quality
from style_gan_tf import command_line
from style_gan_tf.errors import UserError


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # The benchmarks set it; this takes it back after the test.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    # PyTorch's threads wait for each other at every operation: minutes on a busy machine.
    monkeypatch.setattr(alternating, "cores", lambda: 1)


@pytest.fixture
def go(tiny_flags, tmp_path):
    """Run the benchmark; more flags win over the tiny ones."""

    def run(*argv: str) -> int:
        given = (
            *tiny_flags(eval_every=1),
            f"--output={tmp_path / 'figures'}",
            "--minutes=0.02",
            "--measure_minutes=0.005",
            *argv,
        )
        return command_line.run("benchmark", "", quality.define_flags, quality.main, given)

    return run


def test_ours_is_measured_once(go, tmp_path, capsys):
    # On a busy machine the first step begins after a second.
    assert go("--contenders=ours", "--minutes=0.1") == 0
    figures = json.loads((tmp_path / "figures" / "ours.json").read_text())
    assert figures["metric"] == "sliced_wasserstein" and figures["steps"] > 0
    assert figures["curve"][-1][0] == 0.1
    assert (tmp_path / "figures" / "curves.svg").read_text().startswith("<svg ")
    capsys.readouterr()
    assert go("--contenders=ours", "--minutes=0.1") == 0
    told = capsys.readouterr().out
    assert "ours: measured before" in told and f"{figures['steps']} steps" in told
    # Under other conditions it is another figure.
    assert go("--contenders=ours", "--minutes=0.2") == 2
    told = capsys.readouterr().err
    assert "ours.json was measured with --max_minutes=0.1: give the same flags" in told
    assert go("--contenders=ours", "--minutes=0.1", "--set=nce_weight=2") == 2


def test_figures_of_two_metrics_are_not_compared(tmp_path):
    for name, metric in (("ours", "kid_squeezenet"), ("pytorch_best", "sliced_wasserstein")):
        figures = {"metric": metric, "curve": [[1, 2.0]], "steps": 3}
        (tmp_path / f"{name}.json").write_text(json.dumps(figures))
    with pytest.raises(UserError, match="kid_squeezenet and sliced_wasserstein: cannot be"):
        quality.report(tmp_path)


def test_the_ratio_is_told_to_the_end_and_to_the_best(tmp_path, capsys):
    for name, curve in (("ours", [[1, 9.0], [2, 3.0]]), ("pytorch_best", [[1, 4.0], [2, 6.0]])):
        figures = {"metric": "kid_squeezenet", "curve": curve, "steps": 3}
        (tmp_path / f"{name}.json").write_text(json.dumps(figures))
    quality.report(tmp_path)
    told = capsys.readouterr().out
    assert "ratio: ours ends at 0.50 of pytorch_best's, 0.75 of its best" in told


def test_all_three(go, tmp_path, capsys, monkeypatch):
    pytest.importorskip("torch")
    from benchmarks.peers import cyclegan

    small = lambda setting, made=cyclegan.CycleGan: made(setting, filters=2, blocks=1)  # noqa: E731
    monkeypatch.setattr(cyclegan, "CycleGan", small)
    assert go() == 0
    told = capsys.readouterr().out.splitlines()
    assert [line for line in told if line.startswith("ratio: ours ends at ")] == told[-2:]
    for name in ("pytorch_float32", "pytorch_best"):
        figures = json.loads((tmp_path / "figures" / f"{name}.json").read_text())
        assert figures["steps"] > 0 and figures["untouched"] > 0


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--contenders=theirs"], "--contenders=theirs: ours, pytorch_float32, pytorch_best"),
        (["--contenders=ours", "--eval_every=0"], "--eval_every=0: nothing would be measured"),
    ],
)
def test_what_cannot_be(go, capsys, argv, message):
    assert go(*argv) == 2
    told = capsys.readouterr().err
    assert message in told and told.count("\n") == 1


def test_time_goes_to_steps_and_measurements():
    """A clock on which a step takes six seconds and a measurement twelve."""
    now = [0.0]

    def spend(seconds: float) -> float:
        now[0] += seconds
        return now[0]

    curve, steps = quality.run_for(
        step=lambda: spend(6),
        measure=lambda: spend(12),
        minutes=1,
        between=0.4,
        clock=lambda: now[0],
    )
    # Measured after 24 s (4 steps), after 48 s (4 more), and at the end, after 2 more.
    assert steps == 10
    assert curve == [(0.4, 36.0), (0.8, 72.0), (1, 96.0)]
