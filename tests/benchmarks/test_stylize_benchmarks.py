"""The benchmarks of the stylize command run, tiny, and their parts do what they say."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import stylize, temporal, video
from style_gan_tf import command_line
from style_gan_tf.networks import build_generator
from tests.extractor_weights import write_squeezenet
from tests.videos import drifting, read_video, write_video


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # The benchmarks set it; this takes it back after the test.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model, and a photo in a folder of its own."""
    folder = tmp_path_factory.mktemp("benchmark")
    build_generator("fast", filters=8, n_blocks=1).save(folder / "generator.keras")
    (folder / "photos").mkdir()
    Image.fromarray(drifting(1, 160, 300)[0]).save(folder / "photos" / "photo.png")
    return folder


def run(benchmark: object, *argv: str) -> int:
    return command_line.run("benchmark", "", benchmark.define_flags, benchmark.main, argv)


def test_command_beside_the_bare_generator(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("av")
    figures = tmp_path / "figures.json"
    common = [f"--model={folder / 'generator.keras'}", f"--content_data={folder / 'photos'}"]
    common += ["--width=64", "--height=48", "--rounds=1", f"--json={figures}"]
    for benchmark, flag, thing in (
        (video, "--frames=6", "frames"),
        (stylize, "--pictures=3", "pictures"),
    ):
        assert run(benchmark, *common, flag) == 0
        told = capsys.readouterr().out
        assert f"{thing}/s" in told
        assert told.splitlines()[-1].startswith("ratio: stylize command is ")
        written = json.loads(figures.read_text())
        assert set(written["medians"]) == {"bare generator", "stylize command"}


def test_what_the_command_says_is_told(folder: Path) -> None:
    from style_gan_tf.errors import UsageError

    with pytest.raises(UsageError, match="no such file"):
        video.command([f"--model={folder}", "--input=none.png", "--output=x.png"])()


def test_a_photo_of_any_size_from_a_small_one(folder: Path) -> None:
    large = video.large_photo(str(folder / "photos"), 600, 1000)
    assert large.shape == (600, 1000, 3)
    # Mirrored below its lower border.
    np.testing.assert_array_equal(large[256:260], large[255:251:-1])


def test_flicker_of_each_way(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("cv2")
    write_squeezenet(tmp_path / "squeezenet.h5")
    clip = write_video(tmp_path / "clip.mp4", drifting(12, 64, 96))
    common = [f"--model={folder / 'generator.keras'}", "--frames=10"]
    common += [f"--extractor_weights={tmp_path / 'squeezenet.h5'}"]
    for given in (clip, folder / "photos" / "photo.png"):
        assert run(temporal, *common, f"--input={given}") == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith("10 frames of ")
        assert [line.split()[0] for line in lines[2:6]] == ["the", "frame", "statistics", "flow"]
    assert len(read_video(clip).frames) == 12
    for wrong in ("--input=none.mp4", "--input=none.png"):
        assert run(temporal, *common, wrong) != 0
        assert capsys.readouterr().err.count("\n") == 1


def test_the_pan() -> None:
    photo = drifting(1, 40, 100)[0]
    frames = temporal.panned(photo, 99)
    assert len(frames) == 14 and frames[0].shape == (24, 60, 3)
    np.testing.assert_array_equal(frames[2][:, :-6], frames[0][:, 6:])
