"""The equal-time comparison, tiny, through the frame of every command."""

import json

import pytest

from benchmarks import alternating, quality
from style_gan_tf import command_line


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
    assert go("--contenders=ours") == 0
    told = capsys.readouterr().out
    assert "ours: measured before" in told and f"{figures['steps']} steps" in told


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
        (["--output="], "--output is missing"),
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
