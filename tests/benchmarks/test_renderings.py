"""The benchmark of renderings by noise, tiny, through the frame of every command."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import renderings
from style_gan_tf import command_line
from style_gan_tf.networks import build_generator
from tests.extractor_weights import write_squeezenet


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights, pictures, a model whose noise does something, one whose noise does nothing."""
    root = tmp_path_factory.mktemp("renderings")
    write_squeezenet(root / "w.h5")
    rng = np.random.default_rng(0)
    for name in ("photos", "oil", "ink"):
        (root / name).mkdir()
        for index in range(40):
            pixels = rng.integers(0, 256, (40, 36, 3), np.uint8)
            Image.fromarray(pixels).save(root / name / f"{index}.png")
    network = build_generator("fast", filters=4, n_blocks=1, num_styles=2, latent_dim=3)
    network.recipe["styles"] = ["oil", "ink"]
    network.set_weights([w + rng.normal(0, 0.1, w.shape) for w in network.get_weights()])
    network.save(root / "varied.keras")
    network.mapping.set_weights([np.zeros_like(w) for w in network.mapping.get_weights()])
    network.save(root / "same.keras")
    return root


def run(folder: Path, model: str, *argv: str, styles: tuple[str, ...] = ("oil", "ink")) -> int:
    given = (
        f"--model={folder / model}",
        f"--content_data={folder / 'photos'}",
        *(f"--style_data={style}={folder / style}" for style in styles),
        f"--extractor_weights={folder / 'w.h5'}",
        "--size=36",
        "--images=4",
        "--samples=2",
        "--precision=float32",
        *argv,
    )
    return command_line.run("benchmark", "", renderings.define_flags, renderings.main, given)


def test_noise_that_does_nothing_is_seen(folder, tmp_path, capsys):
    ratios = {}
    for model in ("varied", "same"):
        assert run(folder, f"{model}.keras", f"--output={tmp_path / 'sheet.png'}") == 0
        told = capsys.readouterr().out
        ratios[model] = [float(x) for x in re.findall(r"ratio ([\d.]+)", told)]
        assert re.search(r"ink: KID x1000 .* renderings \(4 draws\) .*, without noise ", told)
    assert ratios["same"] == [0.0, 0.0]
    assert min(ratios["varied"]) > 0.01
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.width > 36 * 4


def test_beside_a_plain_model(folder, capsys):
    plain = build_generator("fast", filters=4, n_blocks=1, num_styles=2)
    plain.recipe["styles"] = ["oil", "ink"]
    plain.save(folder / "plain.keras")
    assert run(folder, "same.keras", f"--plain={folder / 'plain.keras'}") == 0
    assert "--plain " in capsys.readouterr().out
    build_generator("fast", filters=4, n_blocks=1).save(folder / "one.keras")
    assert run(folder, "same.keras", f"--plain={folder / 'one.keras'}", styles=("oil",)) == 0
    told = capsys.readouterr().out
    assert "--plain " in told and "ink" not in told
    assert run(folder, "plain.keras") == 1
    assert "a style has one rendering in it" in capsys.readouterr().err
    assert run(folder, "same.keras", f"--style_data=wax={folder / 'ink'}") == 1
    assert "--model: knows no style wax" in capsys.readouterr().err
