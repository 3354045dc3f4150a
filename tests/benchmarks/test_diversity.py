"""The collapse figure, through the frame of every command."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import diversity
from style_gan_tf import command_line
from style_gan_tf.networks import build_generator
from tests.extractor_weights import write_squeezenet


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights, six pictures and two generators: one of them makes a single picture."""
    root = tmp_path_factory.mktemp("diversity")
    write_squeezenet(root / "w.h5")
    (root / "real").mkdir()
    rng = np.random.default_rng(0)
    for index in range(6):
        pixels = rng.integers(0, 256, (40, 36, 3), np.uint8)
        Image.fromarray(pixels).save(root / "real" / f"{index}.png")
    network = build_generator("noise", latent=6, filters=4, size=32, normalization="none")
    network.save(root / "varied.keras")
    weights = network.get_weights()
    network.set_weights([np.zeros_like(weights[0]), *weights[1:]])
    network.save(root / "collapsed.keras")
    return root


def run(folder: Path, model: str, *argv: str) -> int:
    given = [
        f"--noise_model={folder / model}",
        f"--style_data={folder / 'real'}",
        f"--extractor_weights={folder / 'w.h5'}",
        "--samples=5",
        "--precision=float32",
        *argv,
    ]
    return command_line.run("benchmark", "", diversity.define_flags, diversity.main, given)


def test_collapse_is_seen(folder, capsys):
    ratios = []
    for model in ("varied.keras", "collapsed.keras"):
        assert run(folder, model) == 0
        told = capsys.readouterr().out
        assert "generated: 5 pictures of 32x32, mean pairwise perceptual_squeezenet" in told
        assert "real: 5 pictures" in told and "to the nearest of 6 real ones" in told
        ratios.append(float(re.search(r"ratio: .* differ (\S+) times", told)[1]))
    assert ratios[0] > 0.01 and ratios[1] == 0.0


def test_what_is_refused(folder, capsys):
    (folder / "empty").mkdir(exist_ok=True)
    for status, named, *argv in [
        (2, "--noise_model is missing", "--noise_model="),
        (2, "--style_data is missing", "--style_data="),
        (2, "no such file or folder", "--noise_model=nowhere"),
        (2, "name two files", "--lpips_weights=one"),
        (1, "empty", f"--style_data={folder / 'empty'}"),
        (2, "samples", "--samples=2"),
    ]:
        assert run(folder, "varied.keras", *argv) == status, argv
        told = capsys.readouterr().err
        assert told.startswith("error: ") and told.count("\n") == 1 and named in told, told
