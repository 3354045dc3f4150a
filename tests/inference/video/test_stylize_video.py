"""A whole video: what stays, what is repeated, what is refused; and the memory."""

import re
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference.color import MatchColor
from style_gan_tf.inference.video import plan_video, stylize_video
from tests.videos import damage, drifting, read_video, write_video

pytest.importorskip("av")


class Same:
    """Gives back what it gets."""

    def stylize(self, images: np.ndarray) -> np.ndarray:
        return images


class Negative:
    def stylize(self, images: np.ndarray) -> np.ndarray:
        return -images


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_video(tmp_path / "clip.mp4", drifting(20), sound="aac")


def test_times_sound_and_pictures_stay(clip: Path, tmp_path: Path) -> None:
    report = stylize_video(Same(), clip, tmp_path / "out.mp4", quality=100)
    assert (report.frames, report.repeated) == (20, 0)
    before, after = read_video(clip), read_video(tmp_path / "out.mp4")
    assert after.times == before.times and after.duration == before.duration
    assert after.sound == before.sound and len(after.sound) > 20
    assert difference(after.frames, before.frames) < 3
    # No brightness is lost on the way.
    assert abs(float(after.frames.mean()) - float(before.frames.mean())) < 0.5


def test_strength_and_the_network(clip: Path, tmp_path: Path) -> None:
    stylize_video(Negative(), clip, tmp_path / "whole.mp4")
    stylize_video(Negative(), clip, tmp_path / "none.mp4", strength=0.0)
    stylize_video(Negative(), clip, tmp_path / "half.mp4", strength=0.5)
    before = read_video(clip).frames
    assert difference(read_video(tmp_path / "whole.mp4").frames, 255 - before) < 4
    assert difference(read_video(tmp_path / "none.mp4").frames, before) < 3
    assert difference(read_video(tmp_path / "half.mp4").frames, 127.5) < 3


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_rotation(tmp_path: Path, rotation: int) -> None:
    """The network sees upright frames; the file is turned as it was."""

    class Upright(Same):
        def stylize(self, images: np.ndarray) -> np.ndarray:
            self.seen = images
            return images

    frames, model = drifting(5), Upright()
    clip = write_video(tmp_path / "clip.mp4", frames, rotation=rotation)
    stylize_video(model, clip, tmp_path / "out.mp4")
    before, after = read_video(clip), read_video(tmp_path / "out.mp4")
    assert after.rotation == before.rotation != 0
    assert after.frames.shape == before.frames.shape
    assert difference(after.frames, before.frames) < 3
    upright = np.rot90(before.frames[-1], rotation // 90)
    assert difference(model.seen[0] * 127.5 + 127.5, upright) < 4


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_variable_frame_rate(tmp_path: Path, suffix: str) -> None:
    times = np.cumsum(np.random.default_rng(0).integers(10, 90, 20)).tolist()
    clip = write_video(tmp_path / f"clip{suffix}", drifting(20), times=times)
    stylize_video(Same(), clip, tmp_path / f"out{suffix}")
    before, after = read_video(clip), read_video(tmp_path / f"out{suffix}")
    assert after.times == before.times and len(set(np.diff(after.times).round(3))) > 9
    assert after.duration == pytest.approx(before.duration, abs=0.1)


def test_odd_sides_and_colours_of_hd(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", drifting(5, 47, 63), pixels="yuv444p", matrix=1)
    stylize_video(Same(), clip, tmp_path / "out.mp4")
    before, after = read_video(clip), read_video(tmp_path / "out.mp4")
    assert after.frames.shape == before.frames.shape == (5, 47, 63, 3)
    assert after.matrix == before.matrix == 1
    assert difference(after.frames, before.frames) < 3


def test_other_containers(tmp_path: Path) -> None:
    frames = drifting(6)
    old = write_video(
        tmp_path / "old.avi", frames, codec="mpeg4", times=range(6), time_base=Fraction(1, 25)
    )
    for name in ("new.mp4", "new.mov", "new.mkv", "new.webm"):
        stylize_video(Same(), old, tmp_path / name)
        seen = read_video(tmp_path / name)
        assert len(seen.frames) == 6 and seen.times[1] == pytest.approx(0.04)
        assert difference(seen.frames, frames) < 6


def test_broken_frames_are_repeated(tmp_path: Path) -> None:
    # Without frames that lean on later ones, so that they are stored as they are shown.
    clip = write_video(
        tmp_path / "clip.mp4", drifting(30), options={"bf": "0", "g": "5", "crf": "10"}
    )
    damage(clip, [7, 8, 18])
    told: list[str] = []
    report = stylize_video(Same(), clip, tmp_path / "out.mp4", on_warning=told.append)
    assert (report.frames, report.repeated) == (30, 3)
    assert len(told) == 3
    assert told[0] == f"{clip}: the frame at 0.28 s is broken: another is repeated"
    seen = read_video(tmp_path / "out.mp4")
    np.testing.assert_allclose(seen.times, np.arange(30) / 25, atol=1e-3)
    assert (
        difference(seen.frames[8], seen.frames[6]) < 2 < difference(seen.frames[6], seen.frames[5])
    )


def test_a_file_that_was_cut_is_told_of(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mkv", drifting(80), sound="aac", options={"g": "5"})
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    told: list[str] = []
    assert stylize_video(Same(), whole, tmp_path / "all.mp4", on_warning=told.append).frames == 80
    assert told == []
    report = stylize_video(Same(), cut, tmp_path / "part.mp4", on_warning=told.append)
    assert 10 < report.frames < 60
    assert re.fullmatch(rf"{cut}: ends at [12]\.\d s of the 3\.2 s it tells of", told[-1])


def test_a_broken_beginning(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", drifting(20), options={"bf": "0", "g": "5"})
    damage(clip, [0])
    report = stylize_video(Same(), clip, tmp_path / "out.mp4")
    # What leans on it cannot be decoded either; the first good frame stands for it.
    assert report.frames == 20 and report.repeated >= 1


@pytest.mark.parametrize("flow", [False, True])
def test_memory_does_not_grow(tmp_path: Path, flow: bool) -> None:
    """However long a video is, a few frames are under way."""
    clip = write_video(tmp_path / "clip.mp4", drifting(60))
    under_way = most = 0
    lock = threading.Lock()

    class Counting(Same):
        def stylize(self, images: np.ndarray) -> np.ndarray:
            nonlocal under_way, most
            with lock:
                under_way += 1
                most = max(most, under_way)
            return images

    def written(frame: object) -> None:
        nonlocal under_way
        with lock:
            under_way -= 1

    stylize_video(Counting(), clip, tmp_path / "out.mp4", flow=flow, on_frame=written)
    assert under_way == 0 and most <= 5


def test_what_cannot_be_read(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.mp4", drifting(10)).read_bytes()
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_bytes(b"no video at all" * 99)
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    for name in ("empty.mp4", "text.mp4", "cut.mp4", "none.mp4"):
        with pytest.raises(UserError, match=f"{name}: not a readable video") as caught:
            stylize_video(Same(), tmp_path / name, tmp_path / "out.mp4")
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.mp4").exists()


def test_what_a_format_cannot_hold_is_told_at_once(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mkv", drifting(3), sound="pcm_s16le")
    for name in ("out.mp4", "out.webm"):
        with pytest.raises(UserError, match=r"its sound is pcm_s16le: \.mkv holds any"):
            stylize_video(Same(), clip, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mkv"]


class Broken(Same):
    """Ends with an error in the middle."""

    def __init__(self, error: BaseException) -> None:
        self.error, self.count = error, 0

    def stylize(self, images: np.ndarray) -> np.ndarray:
        self.count += 1
        if self.count > 5:
            raise self.error
        return images


def test_errors_and_interruptions_leave_nothing_behind(clip: Path, tmp_path: Path) -> None:
    threads = threading.active_count()
    for error in (ZeroDivisionError(), UserError("too large"), KeyboardInterrupt()):
        with pytest.raises(type(error)):
            stylize_video(Broken(error), clip, tmp_path / "out.mp4")
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
    assert threading.active_count() == threads


def test_a_full_disk(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "out.mp4").write_bytes(b"before")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"out\.mp4: cannot be written \(No space left"):
        stylize_video(Same(), clip, tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == b"before"


def test_colours_are_matched_steadily(tmp_path: Path) -> None:
    """Something that comes into view changes the colours of what is there by little."""
    frames = drifting(12)
    frames[6:, :10] = (250, 30, 30)
    clip = write_video(tmp_path / "clip.mp4", frames, options={"crf": "5"})
    target = np.random.default_rng(0).uniform(0.2, 0.6, (16, 16, 3)).astype(np.float32)
    match = MatchColor(target)
    stylize_video(Same(), clip, tmp_path / "out.mp4", color=match, quality=100)
    seen = read_video(tmp_path / "out.mp4").frames.astype(float)
    jump = np.abs(seen[6, 20:].mean((0, 1)) - seen[5, 20:].mean((0, 1))).max()
    alone = [
        match(frame / np.float32(255), frame)[20:].mean((0, 1)) * 255
        for frame in frames[5:7]
    ]  # fmt: skip
    assert jump < 0.4 * np.abs(alone[1] - alone[0]).max()


def test_plan(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.avi"):
        (tmp_path / name).write_bytes(b"x")
    assert plan_video(tmp_path / "a.mp4", tmp_path / "c.MKV").target.name == "c.MKV"
    assert plan_video(tmp_path / "a.mp4", tmp_path / "new").target == tmp_path / "new" / "a.mp4"
    assert plan_video(tmp_path / "b.avi", f"{tmp_path}/new/").target == tmp_path / "new" / "b.mp4"
    for source, target, told in [
        ("a.mp4", "a.mp4", "is the input"),
        ("a.mp4", "c.avi", r"use one of \.mp4"),
        ("a.mp4", "c.png", "cannot write videos so"),
        ("none.mp4", "c.mp4", "no such file"),
        ("b.avi", ".", "exists: --overwrite"),
        ("a.mp4", "b.avi/c.mp4", "cannot be a folder"),
    ]:
        if told.startswith("exists"):
            (tmp_path / "b.mp4").write_bytes(b"x")
        with pytest.raises(UsageError, match=told):
            plan_video(tmp_path / source, tmp_path / target)
