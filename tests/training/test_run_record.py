"""What a run folder tells of its generators."""

import os
from pathlib import Path

import pytest

from style_gan_tf.training.run_record import run_record


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    run = tmp_path / "monet"
    best = run / "checkpoints" / "best"
    best.mkdir(parents=True)
    (run / "flags.txt").write_text(
        "# A run of style_gan_tf, format 1.\n--content_data=photos/\n--style_data=monet=a/\n"
        "--style_data=dürer=b=c/\n--paired_data=\n--run_dir=/home/me/monet\n--steps=40\n",
        encoding="utf-8",
    )
    for file in (run / "generator.keras", best / "generator.keras"):
        file.write_bytes(b"")
    for file in ("step_00000030.npz", "step_00000040.npz", "best/step_00000020.npz"):
        (run / "checkpoints" / file).write_bytes(b"")
    (run / "metrics.csv").write_text(
        "step,minutes,generator/nce,learning_rate,kid_vgg19,kid_vgg19/monet\n"
        "20,1.5,0.25,0.0002,,\n20,1.6,,,71.5,70.25\n30,2,0.24,0.0002,,\n30,2.1,,,80.5,\n",
        encoding="utf-8",
    )
    return run


def test_the_newest(run_dir: Path) -> None:
    assert run_record(run_dir / "generator.keras") == {
        "name": "monet",
        "data": {"content": "photos/", "style": ["monet=a/", "dürer=b=c/"]},
        # The place on this machine is of no use elsewhere.
        "flags": [
            "--content_data=photos/",
            "--style_data=monet=a/",
            "--style_data=dürer=b=c/",
            "--paired_data=",
            "--steps=40",
        ],
        "steps": 40,
        "minutes": 2.1,
        "figures": {"kid_vgg19": 80.5},
    }


def test_the_best_has_figures_of_its_own(run_dir: Path) -> None:
    told = run_record(run_dir / "checkpoints" / "best" / "generator.keras")
    assert (told["name"], told["steps"], told["minutes"]) == ("monet", 20, 1.6)
    assert told["figures"] == {"kid_vgg19": 71.5, "kid_vgg19/monet": 70.25}


def test_little_is_there(run_dir: Path) -> None:
    (run_dir / "metrics.csv").unlink()
    for file in (run_dir / "checkpoints").glob("step_*.npz"):
        file.unlink()
    told = run_record(run_dir / "generator.keras")
    assert told["steps"] is None and told["minutes"] is None and told["figures"] == {}


def test_files_that_no_run_made(
    run_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in ("other.keras", "checkpoints/generator.keras"):
        assert run_record(run_dir / file) == {}
    assert run_record(tmp_path / "generator.keras") == {}
    assert run_record(Path(os.sep, "generator.keras")) == {}
    monkeypatch.chdir(run_dir)
    assert run_record(Path("generator.keras"))["name"] == "monet"
