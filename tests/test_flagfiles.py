"""Flagfiles that are named by a path, and those that are shipped by their names."""

from pathlib import Path

import pytest

from style_gan_tf.errors import UsageError
from style_gan_tf.flagfiles import find_flagfile, shipped_flagfiles

ROOT = Path(__file__).resolve().parents[1]


def test_a_shipped_one_is_found_by_its_name_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = ROOT / "configs" / "quickstart.flags"
    for name in ("quickstart", "quickstart.flags", "configs/quickstart.flags"):
        assert find_flagfile(name) == expected, name
    assert set(shipped_flagfiles()) == {path.stem for path in (ROOT / "configs").iterdir()}


def test_a_file_that_exists_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    own = tmp_path / "quickstart"
    own.write_text("--steps=1\n")
    assert find_flagfile("quickstart").resolve() == own
    assert find_flagfile(str(own)) == own
    assert find_flagfile("quickstart.flags").parent == ROOT / "configs"


@pytest.mark.parametrize("name", ["quickstrat", "others/quickstart.flags", "quickstart.txt", ""])
def test_what_is_not_there_is_named_with_those_that_are(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=f"--flagfile={name}: no such file.*painting, "):
        find_flagfile(name)
