"""The command `stylize` on large pictures and on textures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_gan_tf import command_line, stylize
from style_gan_tf.networks import build_generator
from tests.perturbed import perturb


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    network = build_generator("fast", filters=8, n_blocks=1)
    perturb(network, 0.15)
    file = tmp_path_factory.mktemp("model") / "generator.keras"
    network.save(file)
    return f"--model={file}"


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(1)
    small = Image.fromarray(random.integers(0, 256, (9, 12, 3), np.uint8))
    small.resize((160, 120), Image.Resampling.BICUBIC).save("photo.png")
    return "--input=photo.png"


def run(*argv: str) -> int:
    return command_line.run("stylize", "", stylize.define_flags, stylize.main, argv)


def read(name: str) -> np.ndarray:
    return np.asarray(Image.open(name)).astype(int)


def test_tiles_and_rows_give_the_whole(model: str, photo: str) -> None:
    pytest.importorskip("pyvips")
    assert run(model, photo, "--output=whole.png", "--precision=float32") == 0
    assert np.abs(read("whole.png") - read("photo.png")).mean() > 5
    for name, flag in (("tiles", "--tile=50"), ("rows", "--memory=0.0005")):
        assert run(model, photo, f"--output={name}.png", "--precision=float32", flag) == 0
        assert np.abs(read(f"{name}.png") - read("whole.png")).max() <= 1
    flags = ("--tile=50", "--tile_statistics=thumbnail")
    assert run(model, photo, "--output=thumbnail.png", "--precision=float32", *flags) == 0
    assert np.abs(read("thumbnail.png") - read("whole.png")).max() > 1


def test_painted_small(model: str, photo: str) -> None:
    for size in (0, 60, 160):
        flags = (f"--paint_size={size}", f"--output={size}.png", "--precision=float32")
        assert run(model, photo, *flags) == 0
    assert (read("0.png") == read("160.png")).all()  # It is no larger than that.
    assert read("60.png").shape == read("0.png").shape
    assert np.abs(read("60.png") - read("0.png")).mean() > 5


def test_seamless(model: str, photo: str) -> None:
    flags = ("--seamless", "--precision=float32")
    assert run(model, photo, "--output=texture.png", *flags) == 0
    Image.fromarray(np.roll(np.asarray(Image.open("photo.png")), (40, 60), (0, 1))).save("r.png")
    assert run(model, "--input=r.png", "--output=rolled.png", *flags) == 0
    rolled_back = np.roll(read("rolled.png"), (-40, -60), (0, 1))
    assert np.abs(rolled_back - read("texture.png")).max() <= 1


def test_what_is_refused(model: str, photo: str, capsys: pytest.CaptureFixture[str]) -> None:
    server = "--server=http://localhost:1/v1/models/x"
    for named, flags in [
        ("tile_statistics", [model, "--tile_statistics=some"]),
        ("memory", [model, "--memory=-1"]),
        ("--memory=nan: expected GiB", [model, "--memory=nan"]),
        ("--memory=inf: expected GiB", [model, "--memory=inf"]),
        ("tile", [model, "--tile=-5"]),
        ("paint_size", [model, "--paint_size=-5"]),
        ("--paint_size and --seamless: give one", [model, "--paint_size=9", "--seamless"]),
        ("--seamless and --server: give one of them", [server, "--seamless"]),
        ("--paint_size and --server: give one of them", [server, "--paint_size=0"]),
        ("--tile and --optimize: give one of them", ["--optimize=photo.png", "--tile=9"]),
        ("--style and --optimize: its", ["--optimize=photo.png", "--style=oil"]),
    ]:
        assert run(photo, "--output=out.png", *flags) == 2, flags
        told = capsys.readouterr().err
        assert told.startswith("error: ") and told.count("\n") == 1 and named in told, told
    assert not Path("out.png").exists()
