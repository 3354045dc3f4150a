"""The benchmark of tiles: its figures in closed form, and a tiny run."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from benchmarks import tiles
from style_gan_tf import command_line
from style_gan_tf.networks import build_generator
from tests.perturbed import perturb


def run(*argv: str) -> int:
    return command_line.run("benchmark", "", tiles.define_flags, tiles.main, argv)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    keras.utils.set_random_seed(0)
    network = build_generator("fast", filters=8, n_blocks=1)
    perturb(network, 0.15)
    folder = tmp_path_factory.mktemp("model")
    network.save(folder / "generator.keras")
    return folder


def test_seam() -> None:
    rows = np.arange(8.0)[:, None, None] * np.ones((8, 8, 3))
    assert tiles.seam(rows + rows.transpose(1, 0, 2), [4], [4]) == pytest.approx(1.0)
    stepped = rows + rows.transpose(1, 0, 2)
    stepped[4:] += 1.0
    stepped[:, 4:] += 1.0
    assert tiles.seam(stepped, [4], [4]) == pytest.approx(2.0)


def test_wrap_ratio() -> None:
    wave = np.sin(np.arange(64) * 2 * np.pi / 64)
    torus = (wave[:, None] + wave)[..., None]
    # The difference at a zero crossing is the largest: pi / 2 times the mean.
    assert tiles.wrap_ratio(torus) == pytest.approx(np.pi / 2, rel=0.01)
    assert tiles.wrap_ratio(torus[:48, :48]) > 10


def test_border_ratio() -> None:
    texture = np.random.default_rng(0).uniform(-1, 1, (16, 24, 3))
    assert tiles.border_ratio(lambda images: images * 0.5, texture) == pytest.approx(1.0)

    def marks_its_border(images: np.ndarray) -> np.ndarray:
        images = images.copy()
        images[:, 0] += 1.0
        images[:, :, 0] += 1.0
        return images

    assert tiles.border_ratio(marks_its_border, texture) > 1.3


def test_periodic_textures_meet_themselves() -> None:
    random = np.random.default_rng(0)
    texture = random.normal(0, 0.3, (64, 96)).cumsum(axis=0).cumsum(axis=1)
    texture = np.clip(texture / np.abs(texture).max(), -1, 1)
    assert tiles.wrap_ratio(texture[..., None]) > 3
    assert tiles.wrap_ratio(tiles.periodic(texture)[..., None]) < 1.5


def test_the_large_picture_is_the_same_in_parts() -> None:
    pytest.importorskip("skimage")
    whole = tiles.picture_rows(0, 30, 30, 20)
    parts = [tiles.picture_rows(first, first + 10, 30, 20) for first in (0, 10, 20)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_compared_with_the_whole(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("skimage")
    figures = tmp_path / "figures.json"
    assert run(f"--model={model}", "--size=160", "--tile=64", f"--json={figures}") == 0
    told = capsys.readouterr().out
    assert "exact: PSNR to the whole" in told and "brick: across the border" in told
    written = json.loads(figures.read_text())
    assert written["exact"]["psnr"] > 80
    assert written["exact"]["seam"] == pytest.approx(1.0, abs=0.001)
    assert written["thumbnail"]["seam"] == pytest.approx(1.0, abs=0.02)
    for texture in written["textures"].values():
        assert texture["seamless"] < 1.1 * max(texture["input"], 1.0)
        assert texture["seamless_same_place"] == pytest.approx(1.0, abs=0.01)
        assert texture["plain_same_place"] > 1.1


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_a_large_picture_through_the_command(
    model: Path, suffix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyvips")
    size = ("--width=1600", "--height=700", "--memory=0.05", "--tile_statistics=thumbnail")
    assert run(f"--model={model}", f"--gigapixel={suffix}", *size) == 0
    told = capfd.readouterr().out
    assert f"1600x700 {suffix}: " in told and "peak memory" in told


def test_what_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 2 and "--model is missing" in capsys.readouterr().err
    assert run("--model=nowhere") == 2 and "nowhere" in capsys.readouterr().err
