"""How `stylize` tells how far it is: a bar on a terminal, lines elsewhere."""

import io
import sys

import pytest

from style_gan_tf.stylize import progress as progress_module
from style_gan_tf.stylize.progress import Progress, passing_bars


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Not a fixture: pytest sets its own stream between fixtures and test."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def test_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("picture", 3) as progress:
        progress.advance("out/a.png")
        progress.advance()
        progress.warn("error: b.png: broken")
        progress.advance("out/c.png")
    told = capsys.readouterr()
    assert told.out == "[1/3] out/a.png\n[3/3] out/c.png\n"
    assert told.err == "error: b.png: broken\n"
    assert progress.count == 3 and progress.seconds > 0


def test_a_rate_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 100.0
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: now)
    with Progress("frame") as progress:
        for frame in range(30):
            now += 1.0
            if frame == 15:
                progress.expect(30)
            progress.advance_at_a_rate()
    assert capsys.readouterr().out == "[11] 1.0 frames/s\n[22/30] 1.0 frames/s\n"


def test_a_bar_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = at_a_terminal(monkeypatch)
    with Progress("picture", 2) as progress:
        progress.advance("out/a.png")
        progress.warn("error: b.png: broken")
        progress.advance("out/c.png")
    assert capsys.readouterr().out == ""
    assert "2/2" in terminal.getvalue() and "error: b.png: broken\n" in terminal.getvalue()


def test_bars_that_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_a_terminal(monkeypatch)
    reach = passing_bars("step")
    for _ in range(2):
        for step in (1, 2, 3):
            reach(step, 3, loss=f"{step / 4:.3f}")
        # The bar is wiped, and the next picture has one of its own.
        assert terminal.getvalue().rpartition("\r")[0].rstrip(" ").endswith("\r")
    assert terminal.getvalue().count("| 0/3 ") == 2 and "step" in terminal.getvalue()


def test_no_bars_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    reach = passing_bars("tile")
    for tile in (1, 2):
        reach(tile, 2)
    told = capsys.readouterr()
    assert told.out == "" and told.err == ""
