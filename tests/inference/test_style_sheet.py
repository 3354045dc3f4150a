"""Sheets of all that a model makes of a picture: what stands where, and the command."""

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from style_gan_tf import command_line, stylize
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.images import Picture
from style_gan_tf.inference import load_model
from style_gan_tf.inference.pictures import stylize_picture
from style_gan_tf.inference.style_sheet import style_sheet
from style_gan_tf.networks import build_generator
from tests.perturbed import perturb

PHOTO = np.random.default_rng(1).integers(0, 256, (40, 56, 3), np.uint8)
LABEL, GAP = 18, 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generators of one style and of two, the latter exported as well."""
    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("models")
    for count in (1, 2):
        network = build_generator("fast", filters=8, n_blocks=1, num_styles=count)
        network.recipe["styles"] = ["ink", "oil"][:count]
        perturb(network, 0.2)
        network.save(folder / f"{count}.keras")
        export_saved_model(network, folder / str(count))
    return folder


def cell(grid: np.ndarray, row: int, column: int) -> np.ndarray:
    """The picture at a place of a sheet of pictures as large as PHOTO."""
    height, width = PHOTO.shape[:2]
    top = row * (LABEL + height + 2 * GAP) + LABEL + GAP
    left = GAP + column * (width + GAP)
    return grid[top : top + height, left : left + width]


@pytest.mark.parametrize("name", ["2.keras", "2"])
def test_strengths_and_mixtures_of_two_styles(folder: Path, name: str) -> None:
    model = load_model(folder / name, "float32")
    grid = style_sheet(model, Picture(PHOTO))
    assert grid.shape == (3 * (LABEL + 40 + 2 * GAP), GAP + 6 * (56 + GAP), 3)

    def painted(*weights: float) -> np.ndarray:
        return stylize_picture(model.in_style(np.float32(weights)), Picture(PHOTO)).rgb

    for row in (0, 1):
        np.testing.assert_array_equal(cell(grid, row, 0), PHOTO)
    for row, column, weights in (
        (0, 5, (1, 0)), (0, 2, (0.4, 0)), (1, 5, (0, 1)), (1, 3, (0, 0.6)),
        (2, 0, (1, 0)), (2, 2, (0.6, 0.4)), (2, 5, (0, 1)),
    ):  # fmt: skip
        error = cell(grid, row, column).astype(int) - painted(*weights)
        assert np.abs(error).max() <= 1
    assert np.abs(cell(grid, 0, 5).astype(int) - cell(grid, 1, 5)).mean() > 1


def test_one_style_has_one_row_and_large_pictures_are_shrunk(folder: Path) -> None:
    model = load_model(folder / "1.keras", "float32")
    grid = style_sheet(model, Picture(PHOTO), side=20)
    assert grid.shape == (LABEL + 20 + 2 * GAP, GAP + 6 * (28 + GAP), 3)


def run(*arguments: object) -> int:
    given = [str(argument) for argument in arguments]
    return command_line.run("stylize", "", stylize.define_flags, stylize.main, given)


def test_the_command(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.fromarray(PHOTO).save(tmp_path / "photo.png")
    given = [f"--model={folder / '2.keras'}", f"--input={tmp_path / 'photo.png'}", "--sheet"]
    assert run(*given, f"--output={tmp_path / 'sheet.png'}") == 0
    assert "1 picture drawn" in capsys.readouterr().out
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (GAP + 6 * (56 + GAP), 3 * (LABEL + 40 + 2 * GAP))
    for wrong, words in (
        ("--style=oil", "--sheet and --style: a sheet shows all styles"),
        ("--server=http://localhost:1/v1/models/a", "--sheet and --server"),
        ("--input=clip.mp4", "--sheet: takes pictures, not videos"),
    ):
        assert run(*given, f"--output={tmp_path / 'other.png'}", wrong) == 2
        assert words in capsys.readouterr().err
