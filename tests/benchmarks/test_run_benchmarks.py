"""The benchmarks run, tiny, through the frame of every command."""

import json
from pathlib import Path

import pytest

from benchmarks import alternating, inference, objective_terms, train_step
from style_gan_tf import command_line

TINY_STEP = ("--size=64", "--filters=4", "--blocks=1", "--rounds=1")
TINY_PICTURE = ("--width=64", "--height=32", "--rounds=1")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # The benchmarks set it; this takes it back after the test.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    # PyTorch's threads wait for each other at every operation: minutes on a busy machine.
    monkeypatch.setattr(alternating, "cores", lambda: 1)


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {name: v for name, v in alternating.versions().items() if name != "torch"}
    monkeypatch.setattr(alternating, "versions", lambda: found)


def run(benchmark: object, *argv: str) -> int:
    return command_line.run("benchmark", "", benchmark.define_flags, benchmark.main, argv)


def test_terms_against_a_step_without(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = tmp_path / "figures.json"
    given = ("--size=64", "--batch=1", "--filters=4", "--rounds=1", "--term=skin_weight")
    assert run(objective_terms, *given, f"--json={figures}") == 0
    assert set(json.loads(figures.read_text())["seconds"]) == {"base", "skin_weight"}
    told = capsys.readouterr().out
    assert "base: +0 % of a step" in told and "skin_weight: " in told
    assert run(objective_terms, "--size=65") == 2


@pytest.mark.usefixtures("no_torch")
def test_ours_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = tmp_path / "figures.json"
    assert run(train_step, *TINY_STEP, f"--json={figures}") == 0
    told = capsys.readouterr().out
    assert "torch is not installed" in told and "\nCPU: " in told and "ours: precision" in told
    written = json.loads(figures.read_text())
    assert list(written["seconds"]) == ["ours"] and written["ratios"] == {"ours": {}}
    assert run(inference, *TINY_PICTURE, f"--json={figures}") == 0
    named = {"fast", "fast, two styles", "fast, by code", "resnet"}
    assert set(json.loads(figures.read_text())["seconds"]) == named
    assert "cost: fast, two styles takes " in capsys.readouterr().out


def test_train_step_against_pytorch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    figures = tmp_path / "figures.json"
    assert run(train_step, *TINY_STEP, "--resize", f"--json={figures}") == 0
    told = capsys.readouterr().out
    assert "parameters, the same in TensorFlow and PyTorch" in told
    ratios = json.loads(figures.read_text())["ratios"]
    assert set(ratios) == {"ours", "ours, resize"} and "PyTorch float32" in ratios["ours"]
    assert told.splitlines()[-1].startswith("ratio: ")


def test_inference_against_pytorch(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    assert run(inference, *TINY_PICTURE) == 0
    told = capsys.readouterr().out
    assert "PyTorch's network: 1,679,235 parameters" in told
    assert "ratio: fast is" in told and "ratio: resnet is" in told


def test_what_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for benchmark, flag in [
        (train_step, "--size=66"),
        (train_step, "--size=32"),
        (train_step, "--rounds=0"),
        (inference, "--width=100"),
        (inference, f"--json={tmp_path}/no/figures.json"),
    ]:
        assert run(benchmark, flag) == 2, flag
        told = capsys.readouterr().err
        assert told.startswith("error: ") and told.count("\n") == 1, told


def test_data_prints_the_ratio(tiny_flags, capsys):
    from benchmarks import data

    flags = [*tiny_flags(), "--cache", "--seconds=0.05"]
    assert command_line.run("benchmarks.data", "", data.define_flags, data.main, flags) == 0
    assert "ratio: the pipeline is" in capsys.readouterr().out
