"""The command `export`: what it writes and what it refuses."""

from pathlib import Path

import pytest

from style_gan_tf import command_line, export
from style_gan_tf.networks import build_generator


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
        (1, "broken.keras", f"--model={tmp_path}/broken.keras", f"--output={tmp_path}/out"),
        (1, "cannot be written", f"--model={model}", f"--output={tmp_path}/file/out"),
    ]:
        assert run(*filter(None, argv)) == status, argv
        told = capsys.readouterr().err
        assert told.startswith("error: ") and told.count("\n") == 1 and named in told, told
    assert not (tmp_path / "out").exists()
