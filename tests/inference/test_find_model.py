"""Naming a model: every kind that is known, and a sentence for everything else."""

from pathlib import Path

import pytest

from style_gan_tf.errors import UsageError
from style_gan_tf.inference import find_model, naming


def saved_model(folder: Path) -> Path:
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"")
    (folder / "variables" / "variables.index").write_bytes(b"")
    return folder


def test_keras_file(tmp_path: Path) -> None:
    path = tmp_path / "a.keras"
    path.write_bytes(b"")
    assert find_model(path) == naming.ModelFile(path, "keras")


def test_saved_model_folder_and_file(tmp_path: Path) -> None:
    folder = saved_model(tmp_path / "m")
    assert find_model(str(folder)) == naming.ModelFile(folder, "saved_model")
    assert find_model(folder / "saved_model.pb").path == folder


def test_highest_complete_version_by_number(tmp_path: Path) -> None:
    for version in ("9", "10"):
        saved_model(tmp_path / version)
    (tmp_path / "11").mkdir()
    (tmp_path / "11" / "saved_model.pb").write_bytes(b"")
    saved_model(tmp_path / "backup")
    assert find_model(tmp_path).path == tmp_path / "10"


def test_run_folder(tmp_path: Path) -> None:
    (tmp_path / "generator.keras").write_bytes(b"")
    saved_model(tmp_path / "export" / "1")
    assert find_model(tmp_path) == naming.ModelFile(tmp_path / "generator.keras", "keras")


def test_shipped_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "style_gan_tf"
    saved_model(package / "saved_models" / "ink" / "1")
    saved_model(tmp_path / "saved_models" / "oil" / "2")
    monkeypatch.setattr(naming, "__file__", str(package / "inference" / "naming.py"))
    monkeypatch.chdir(tmp_path)
    assert find_model("ink").path == package / "saved_models" / "ink" / "1"
    assert find_model("oil").path == tmp_path / "saved_models" / "oil" / "2"
    with pytest.raises(UsageError, match=r"water.*shipped models: ink, oil"):
        find_model("water")


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"")
    run = tmp_path / "run"
    run.mkdir()
    (run / "flags.txt").write_text("")
    (tmp_path / "versions" / "3").mkdir(parents=True)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "saved_model.pb").write_bytes(b"")
    (tmp_path / "nothing").mkdir()
    said = {
        "": "no model is named",
        str(tmp_path / "missing"): "no such file or folder",
        str(tmp_path / "picture.png"): "neither a .keras file",
        str(run): "first checkpoint",
        str(tmp_path / "versions"): "numbered versions",
        str(tmp_path / "broken"): "variables.index",
        str(tmp_path / "nothing"): "no numbered versions",
    }
    for name, sentence in said.items():
        with pytest.raises(UsageError, match=sentence) as caught:
            find_model(name)
        assert name in str(caught.value) and "\n" not in str(caught.value)
