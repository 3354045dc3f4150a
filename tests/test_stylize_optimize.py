"""`stylize --optimize`: pixels optimized towards a painting, through the real command line."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_gan_tf import command_line, stylize
from tests.extractor_weights import write_vgg19


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A photo with alpha, a painting of red stripes and weights of random numbers."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_vgg19(tmp_path / "w.npz")
    pixels = np.random.default_rng(1).integers(0, 256, (40, 51, 4), np.uint8)
    Image.fromarray(pixels).save("photo.png")
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[::4, :, 0] = 255
    Image.fromarray(stripes).save("painting.png")
    return tmp_path


def run(*argv: str) -> int:
    return command_line.run("stylize", "", stylize.define_flags, stylize.main, argv)


FLAGS = ("--input=photo.png", "--output=out.png", "--precision=float32")


def test_a_picture_is_painted_and_keeps_its_size_and_alpha(folder, capsys):
    arguments = ("--optimize=painting.png", "--feature_weights=w.npz", "--optimize_steps=3")
    assert run(*FLAGS, *arguments) == 0
    assert "1 picture stylized in " in capsys.readouterr().out
    with Image.open("out.png") as painted, Image.open("photo.png") as photo:
        assert painted.size == photo.size and painted.mode == "RGBA"
        assert painted.getchannel("A").tobytes() == photo.getchannel("A").tobytes()
        assert painted.tobytes() != photo.tobytes()


def test_it_is_painted_small(folder, capsys):
    arguments = ("--optimize=painting.png", "--feature_weights=w.npz", "--optimize_steps=3")
    Image.new("RGB", (51, 40), (90, 140, 30)).save("photo.png")
    grain = []
    for size in (32, 0):
        assert run(*FLAGS, *arguments, f"--paint_size={size}", "--overwrite") == 0
        with Image.open("out.png") as painted:
            assert painted.size == (51, 40)
            grain.append(np.abs(np.diff(np.asarray(painted, np.float32), axis=0)).mean())
    assert 0 < grain[0] < 0.9 * grain[1]


@pytest.mark.parametrize(
    ("flags", "status", "words"),
    [
        (["--model=x"], 2, "--model and --optimize: give one of them"),
        (["--input="], 2, "--input is missing"),
        (["--feature_weights=none.npz"], 2, "--feature_weights=none.npz: no such file"),
        (["--feature_weights=painting.png"], 1, "painting.png: not the weights of VGG19"),
        (["--optimize_steps=0"], 2, "optimize_steps"),
        (["--optimize=nowhere/"], 1, "nowhere/: no such folder"),
        (["--feature_weights=imagenet"], 1, "no weights of VGG19: give --download=vgg19 once"),
    ],
)
def test_what_is_refused(folder, capsys, flags, status, words):
    assert run(*FLAGS, "--optimize=painting.png", *flags) == status
    told = capsys.readouterr().err
    assert told.startswith("error: ") and told.count("\n") == 1 and words in told
    assert not Path("out.png").exists()
