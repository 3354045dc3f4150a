"""The command `export`: what it writes and what it refuses."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from style_gan_tf import command_line, export
from style_gan_tf.errors import UserError
from style_gan_tf.exporting.portable import require
from style_gan_tf.networks import build_generator
from tests import runs


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    build_generator("fast", filters=8, n_blocks=1).save(folder / "generator.keras")
    return folder


def run(*argv: str) -> int:
    return command_line.run("export", "", export.define_flags, export.main, argv)


def test_run_folder_and_file(
    run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(f"--run_dir={run_dir}") == 0
    # The folder alone, so that a script can take it.
    assert capsys.readouterr().out == f"{run_dir / 'export' / '1'}\n"
    model = run_dir / "generator.keras"
    assert run(f"--model={model}", f"--output={tmp_path / 'a' / 'b'}") == 0
    assert (tmp_path / "a" / "b" / "1" / "saved_model.pb").is_file()
    assert (run_dir / "export" / "1" / "variables" / "variables.index").is_file()


def test_the_card_tells_of_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], tiny_flags: Callable[..., list[str]]
) -> None:
    run_dir = tmp_path / "run"
    assert runs.run(*tiny_flags(eval_every=2, eval_images=2, extractor_weights="")) == 0
    capsys.readouterr()
    said = ("--licence=CC0", "--max_pixels=5000", "--paint_size=640")
    assert run(f"--run_dir={run_dir}", *said) == 0
    version = Path(capsys.readouterr().out.strip())
    card = json.loads((version / "assets.extra" / "model_card.json").read_text(encoding="utf-8"))
    assert (card["name"], card["licence"], card["max_pixels"]) == ("run", "CC0", 5000)
    assert card["paint_size"] == 640
    assert card["steps"] == 4 and "--steps=4" in card["flags"] and card["minutes"] >= 0
    assert set(card["data"]) == {"content", "style"}
    assert card["figures"] and all(value > 0 for value in card["figures"].values())


def test_a_sample_sheet_goes_with_the_card(
    run_dir: Path, two_folders: tuple[Path, Path], tmp_path: Path
) -> None:
    given = (f"--samples={two_folders[0]}", f"--output={tmp_path / 'out'}")
    assert run(f"--run_dir={run_dir}", *given) == 0
    extra = tmp_path / "out" / "1" / "assets.extra"
    assert json.loads((extra / "model_card.json").read_text())["samples"] == "samples.jpg"
    with Image.open(extra / "samples.jpg") as sheet:
        assert sheet.width > 5 * 256 and 2 * 256 < sheet.height < 3 * 256


@pytest.mark.parametrize("format", ["tflite", "onnx"])
def test_one_file(
    format: str, run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        require(format)
    except UserError as error:
        pytest.skip(str(error))
    model, file = run_dir / "generator.keras", tmp_path / "new" / "painter.bin"
    flags = [f"--model={model}", f"--format={format}", f"--output={file}"]
    assert run(*flags) == 0
    assert capsys.readouterr().out == f"{file}\n"
    full = file.stat().st_size
    assert run(*flags) == 2
    told = capsys.readouterr().err
    assert "painter.bin exists: name another file, or add --overwrite" in told
    assert run(*flags, "--overwrite", "--weights=float16") == 0
    assert 0 < file.stat().st_size < full
    assert run(f"--run_dir={run_dir}", f"--format={format}") == 0
    assert (run_dir / f"generator.{format}").is_file()


def test_a_package_that_is_missing(
    run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run(f"--run_dir={run_dir}", "--format=onnx", f"--output={tmp_path}/x.onnx") == 1
    told = capsys.readouterr().err
    assert told.startswith("error: --format=onnx needs tf2onnx") and told.count("\n") == 1


def test_what_is_refused(run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = run_dir / "generator.keras"
    saved = tmp_path / "saved"
    (saved / "variables").mkdir(parents=True)
    for name in ("saved_model.pb", "variables/variables.index"):
        (saved / name).write_bytes(b"")
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "broken.keras").write_bytes(b"no zip file")
    for status, named, *argv in [
        (2, "--run_dir=RUN or --model", ""),
        (2, "--run_dir=RUN or --model", f"--run_dir={run_dir}", f"--model={model}"),
        (2, f"--run_dir={tmp_path}/no: no such folder", f"--run_dir={tmp_path}/no"),
        (2, "generator.keras", f"--run_dir={empty}"),
        (2, "SavedModel already", f"--run_dir={saved}"),
        (2, "SavedModel already", f"--model={saved}", f"--output={tmp_path}/out"),
        (2, "--output is missing", f"--model={model}"),
        (2, "is a file", f"--model={model}", f"--output={tmp_path}/file"),
        (2, "--max_pixels", f"--model={model}", f"--output={tmp_path}/out", "--max_pixels=-1"),
        (2, "at least 4096", f"--model={model}", f"--output={tmp_path}/out", "--max_pixels=9"),
        (2, "--weights is for", f"--model={model}", "--weights=float16"),
        (2, "--overwrite is for", f"--model={model}", "--overwrite"),
        (2, "name the file", f"--model={model}", "--format=onnx"),
        (2, "is a folder: name a file", f"--model={model}", "--format=onnx", f"--output={empty}"),
        (2, "--paint_size is for", f"--model={model}", "--format=onnx", "--paint_size=9"),
        (2, "--licence is for", f"--model={model}", "--format=onnx", "--licence=CC0"),
        (2, "--max_pixels is for", f"--model={model}", "--format=tflite", "--max_pixels=5000"),
        (2, "should be one of", f"--model={model}", "--format=coreml"),
        (1, "broken.keras", f"--model={tmp_path}/broken.keras", f"--output={tmp_path}/out"),
        (1, "cannot be written", f"--model={model}", f"--output={tmp_path}/file/out"),
    ]:
        assert run(*filter(None, argv)) == status, argv
        told = capsys.readouterr().err
        assert told.startswith("error: ") and told.count("\n") == 1 and named in told, told
    assert not (tmp_path / "out").exists()
