"""The command `stylize`: pictures in, pictures out, and its exit status."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_gan_tf import command_line, stylize
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.networks import build_generator
from tests.perturbed import perturb


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with its generator and an export of it."""
    folder = tmp_path_factory.mktemp("run")
    network = build_generator("fast", filters=8, n_blocks=1)
    perturb(network, 0.1)
    network.save(folder / "generator.keras")
    export_saved_model(network, folder / "export")
    return folder


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(1)
    folder = Path("photos")
    (folder / "sub").mkdir(parents=True)
    pixels = random.integers(0, 256, (24, 33, 4), np.uint8)
    Image.fromarray(pixels[..., :3]).save(folder / "a.jpg")
    Image.fromarray(pixels).save(folder / "sub" / "b.png")
    return folder


def run(*argv: str) -> int:
    return command_line.run("stylize", "", stylize.define_flags, stylize.main, argv)


def test_folder(photos: Path, run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [f"--model={run_dir}", "--input=photos", "--output=out"]
    assert run(*arguments) == 0
    told = capsys.readouterr()
    assert "[2/2] out/sub/b.png\n2 pictures stylized in " in told.out and told.err == ""
    with Image.open("out/a.jpg") as image:
        assert image.size == (33, 24)
    with Image.open("out/sub/b.png") as image, Image.open("photos/sub/b.png") as photo:
        assert image.mode == "RGBA"
        assert image.getchannel("A").tobytes() == photo.getchannel("A").tobytes()
        assert image.tobytes() != photo.tobytes()
    # Once more: nothing is touched, but with --overwrite.
    before = Path("out/a.jpg").stat().st_mtime_ns
    assert run(*arguments) == 2
    assert "out/a.jpg (and 1 more) exists: --overwrite" in capsys.readouterr().err
    assert Path("out/a.jpg").stat().st_mtime_ns == before
    assert run(*arguments, "--overwrite") == 0
    assert Path("out/a.jpg").stat().st_mtime_ns != before


def test_kinds_of_model_agree(photos: Path, run_dir: Path) -> None:
    for name in ("generator.keras", "export", "export/1"):
        model, out = f"--model={run_dir / name}", f"--output={name.replace('/', '_')}.png"
        assert run(model, "--input=photos/a.jpg", out, "--precision=float32") == 0
    pictures = [Image.open(f"{name}.png") for name in ("generator.keras", "export", "export_1")]
    keras, *saved_models = (np.asarray(picture).astype(int) for picture in pictures)
    for saved_model in saved_models:
        assert np.abs(saved_model - keras).max() <= 1


def test_strength_and_quality(photos: Path, run_dir: Path) -> None:
    model = f"--model={run_dir}"
    assert run(model, "--input=photos/a.jpg", "--output=zero.png", "--strength=0") == 0
    with Image.open("zero.png") as image, Image.open("photos/a.jpg") as photo:
        assert image.tobytes() == photo.tobytes()
    assert run(model, "--input=photos/a.jpg", "--output=low.jpg", "--quality=5") == 0
    assert run(model, "--input=photos/a.jpg", "--output=high.jpg") == 0
    assert Path("low.jpg").stat().st_size < Path("high.jpg").stat().st_size


def test_one_broken_picture(
    photos: Path, run_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xffno")
    assert run(f"--model={run_dir}", "--input=photos", "--output=out") == 1
    told = capsys.readouterr()
    assert told.err.startswith("error: photos/broken.jpg: ") and told.err.count("\n") == 1
    assert "2 pictures stylized" in told.out and "1 failed" in told.out
    assert Path("out/a.jpg").is_file() and not Path("out/broken.jpg").exists()


def test_what_is_refused(photos: Path, run_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.keras").write_bytes(b"no zip file")
    flags = {"model": str(run_dir), "input": "photos", "output": "out"}
    for status, named, change in [
        (2, "--model is missing", {"model": ""}),
        (2, "--input is missing", {"input": ""}),
        (2, "--output is missing", {"output": ""}),
        (2, "no such file or folder", {"model": "nowhere"}),
        (2, "--input=nowhere", {"input": "nowhere"}),
        (2, "name a folder", {"output": "x.png"}),
        (2, "is the input folder", {"output": "photos"}),
        (2, "--strength=1.5", {"strength": "1.5"}),
        (2, "--strength=nan", {"strength": "nan"}),
        (2, "strength", {"strength": "much"}),
        (2, "quality", {"quality": "0"}),
        (2, "precision", {"precision": "float64"}),
        (1, "broken.keras", {"model": "broken.keras"}),
    ]:
        argv = [f"--{name}={value}" for name, value in {**flags, **change}.items() if value]
        assert run(*argv) == status, change
        told = capsys.readouterr().err
        assert told.startswith("error: ") and told.count("\n") == 1 and named in told, told
    assert not Path("out").exists()
