"""Numbered folders: they count up, and appear whole or not at all."""

import threading
from pathlib import Path

import pytest

from style_gan_tf.errors import UserError
from style_gan_tf.exporting.versions import write_version


def fill(path: Path) -> None:
    path.mkdir()
    (path / "saved_model.pb").write_bytes(b"whole")


def test_versions_count_up(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    assert write_version(out, fill) == out / "1"
    assert (out / "1" / "saved_model.pb").read_bytes() == b"whole"
    (out / "9").mkdir()
    (out / "notes").mkdir()
    assert write_version(out, fill) == out / "10"
    assert write_version(out, fill, version=5) == out / "5"
    with pytest.raises(UserError, match="exists"):
        write_version(out, fill, version=5)
    with pytest.raises(ValueError, match="from 1"):
        write_version(out, fill, version=0)
    assert sorted(path.name for path in out.iterdir()) == ["1", "10", "5", "9", "notes"]


def test_a_watcher_never_sees_half_a_version(tmp_path: Path) -> None:
    seen = []

    def look_in_between(path: Path) -> None:
        path.mkdir()
        seen.append([child.name for child in tmp_path.iterdir() if child.name.isdigit()])
        (path / "saved_model.pb").write_bytes(b"whole")
        seen.append([child.name for child in tmp_path.iterdir() if child.name.isdigit()])

    write_version(tmp_path, look_in_between)
    assert seen == [[], []]
    assert [path.name for path in tmp_path.iterdir()] == ["1"]


def test_two_at_once_get_a_version_each(tmp_path: Path) -> None:
    both = threading.Barrier(2)
    written = []

    def together(path: Path) -> None:
        fill(path)
        both.wait(60)

    threads = [
        threading.Thread(target=lambda: written.append(write_version(tmp_path, together).name))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == ["1", "2"]


def test_nothing_is_left_of_a_failure(tmp_path: Path) -> None:
    def full(path: Path) -> None:
        path.mkdir()
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match=r"cannot be written \(No space left"):
        write_version(tmp_path, full)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="file"):
        write_version(tmp_path / "file", fill)
