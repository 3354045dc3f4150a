"""The list of pictures that failed."""

from pathlib import Path

import pytest

from style_gan_tf.errors import UserError
from style_gan_tf.inference import Failure
from style_gan_tf.inference.failure_list import FailureList


def failure(name: str) -> Failure:
    return Failure(Path(name), "not a readable picture (empty)")


def test_lines_are_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "out" / "failures.txt"
    with FailureList(path) as failures:
        assert not path.exists()
        for count, name in enumerate(("a.png", "sub/b.png"), start=1):
            failures.add(failure(name))
            lines = path.read_text().splitlines()
            assert len(lines) == 1 + count and lines[0].startswith("#")
            assert lines[-1] == f"{name}\tnot a readable picture (empty)"


def test_each_run_begins_anew_and_a_good_one_takes_the_list_away(tmp_path: Path) -> None:
    path = tmp_path / "failures.txt"
    for name in ("a.png", "b.png"):
        with FailureList(path) as failures:
            failures.add(failure(name))
    assert "a.png" not in path.read_text() and "b.png" in path.read_text()
    with pytest.raises(KeyboardInterrupt), FailureList(path):
        raise KeyboardInterrupt
    assert path.exists()
    with FailureList(path):
        pass
    assert not path.exists()


def test_another_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "failures.txt"
    path.write_text("mine\n")
    with FailureList(path):
        pass
    with (
        pytest.raises(UserError, match=r"failures\.txt is in the way"),
        FailureList(path) as failures,
    ):
        failures.add(failure("a.png"))
    assert path.read_text() == "mine\n"


def test_names_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "failures.txt"
    with FailureList(path) as failures:
        failures.add(Failure(Path("a\udcff.png"), "bad"))
    assert b"a\xff.png\tbad" in path.read_bytes()
