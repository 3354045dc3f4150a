"""The benchmark of real sets, tiny, through the frame of every command."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import real_set
from style_gan_tf import command_line
from style_gan_tf.networks import build_generator
from tests.extractor_weights import write_squeezenet


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights, pictures of two kinds, and an untrained model, which leaves photos as they are."""
    root = tmp_path_factory.mktemp("real_set")
    write_squeezenet(root / "w.h5")
    rng = np.random.default_rng(0)
    for name, highest in (("photos", 256), ("paintings", 128)):
        (root / name).mkdir()
        for index in range(40):
            pixels = rng.integers(0, highest, (40, 36, 3), np.uint8)
            Image.fromarray(pixels).save(root / name / f"{index}.png")
    (root / "two").mkdir()
    for index in range(2):
        Image.fromarray(pixels).save(root / "two" / f"{index}.png")
    build_generator("fast", filters=4, n_blocks=1).save(root / "model.keras")
    return root


def run(folder: Path, *argv: str) -> int:
    given = (
        f"--model={folder / 'model.keras'}",
        f"--content_data={folder / 'photos'}",
        f"--style_data={folder / 'paintings'}",
        f"--extractor_weights={folder / 'w.h5'}",
        "--size=36",
        "--draws=3",
        "--precision=float32",
        *argv,
    )
    return command_line.run("benchmark", "", real_set.define_flags, real_set.main, given)


def test_figures_of_every_set(folder, capsys):
    assert run(folder) == 0
    told = capsys.readouterr().out
    whole = re.search(r"^all 40: untouched (\S+) / (\S+), painted (\S+) / (\S+)$", told, re.M)
    assert whole and whole[1] == whole[2] and whole[3] == whole[4]
    untouched, painted = float(whole[1]), float(whole[3])
    # Untrained, it returns the photo, a trace paler.
    assert untouched > 0 and abs(painted / untouched - 1) < 0.5, told
    assert re.search(r"^3 draws of \d+: painted \S+ \+- \d+ / \S+ \+- \d+$", told, re.M)


def test_what_it_cannot_measure(folder, capsys):
    assert run(folder, "--model=") == 2
    assert "--model is missing" in capsys.readouterr().err
    assert run(folder, f"--style_data={folder / 'two'}") == 1
    assert "too few pictures to hold some out" in capsys.readouterr().err
