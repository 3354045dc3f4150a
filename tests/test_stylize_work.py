"""The command `stylize` on much work and on videos: shares, the rest, lists, colours, frames."""

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from style_gan_tf import command_line, stylize
from style_gan_tf.images import decode, encode, oklab
from style_gan_tf.networks import build_generator
from tests.perturbed import perturb
from tests.videos import drifting, read_video, write_video


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    keras.utils.set_random_seed(0)
    network = build_generator("fast", filters=8, n_blocks=1)
    perturb(network, 0.1)
    path = tmp_path_factory.mktemp("model") / "generator.keras"
    network.save(path)
    return f"--model={path}"


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = Path("photos")
    (folder / "sub").mkdir(parents=True)
    for index, frame in enumerate(drifting(8, 24, 32)):
        Image.fromarray(frame).save(folder / ("sub" if index % 2 else "") / f"{index}.png")
    return folder


def run(*argv: str) -> int:
    return command_line.run("stylize", "", stylize.define_flags, stylize.main, argv)


def test_shares_and_the_rest(model: str, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [model, "--input=photos", "--output=out"]
    for index in (1, 2):
        assert run(*arguments, f"--shard={index}/2") == 0
    assert len(list(Path("out").rglob("*.png"))) == 8
    done = {path: path.stat().st_mtime_ns for path in Path("out").rglob("*.png")}
    assert run(*arguments) == 2
    assert "--skip_existing keeps it" in capsys.readouterr().err
    gone = [Path("out/0.png"), Path("out/sub/3.png")]
    for path in gone:
        path.unlink()
    assert run(*arguments, "--skip_existing") == 0
    told = capsys.readouterr().out
    assert "6 of 8 pictures are there already" in told and "2 pictures stylized" in told
    for path, time in done.items():
        assert path.is_file() and (path in gone or path.stat().st_mtime_ns == time)
    # Nothing is left: no model is needed either.
    assert run("--model=" + model.partition("=")[2], *arguments[1:], "--skip_existing") == 0
    assert "8 of 8 pictures are there already" in capsys.readouterr().out


def test_failures_are_listed(model: str, photos: Path) -> None:
    (photos / "sub" / "empty.png").write_bytes(b"")
    arguments = [model, "--input=photos", "--output=out"]
    assert run(*arguments) == 1
    lines = Path("out/failures.txt").read_text().splitlines()
    assert len(lines) == 2
    assert lines[1] == "photos/sub/empty.png\tnot a readable picture (the file is empty)"
    assert run(*arguments, "--skip_existing", "--shard=1/1") == 1
    (photos / "sub" / "empty.png").unlink()
    assert run(*arguments, "--skip_existing") == 0
    (photos / "broken.png").write_bytes(b"no")
    statuses = [run(*arguments, "--skip_existing", f"--shard={i}/2") for i in (1, 2)]
    assert sorted(statuses) == [0, 1]
    assert len(list(Path("out").glob("failures_*_of_2.txt"))) == 1


def test_16_bits_are_computed_in_float32(model: str, photos: Path) -> None:
    ramp = np.tile(np.arange(20000, 20000 + 64 * 40, 40, dtype=np.uint16), (32, 1))
    photo = np.stack([ramp, ramp, ramp], -1)
    Path("deep.png").write_bytes(encode(photo, format="png"))
    for precision in ("mixed_bfloat16", "float32"):
        out = f"--output={precision}.tif"
        assert run(model, "--input=deep.png", out, f"--precision={precision}") == 0
    one, other = (
        decode(Path(f"{name}.tif").read_bytes(), faithful=True).rgb
        for name in ("mixed_bfloat16", "float32")
    )
    assert one.dtype == np.uint16
    np.testing.assert_array_equal(one, other)


def test_colours(model: str, photos: Path) -> None:
    target = np.zeros((16, 16, 3), np.uint8)
    target[..., 0], target[..., 1], target[:8, :, 2] = 150, 110, 70
    Image.fromarray(target).save("target.png")
    arguments = [model, "--input=photos/0.png", "--precision=float32"]
    assert run(*arguments, "--output=plain.png") == 0
    assert run(*arguments, "--output=kept.png", "--preserve_color") == 0
    assert run(*arguments, "--output=matched.png", "--match_color=target.png") == 0

    def lab(name: str) -> np.ndarray:
        with Image.open(name) as image:
            return oklab(np.asarray(image.convert("RGB")) / np.float32(255))

    photo, plain, kept, matched, wanted = map(
        lab, ("photos/0.png", "plain.png", "kept.png", "matched.png", "target.png")
    )
    np.testing.assert_allclose(kept[..., 0], plain[..., 0], atol=0.02)
    assert np.abs(kept[..., 1:] - photo[..., 1:]).mean() < 0.01
    np.testing.assert_allclose(matched.mean((0, 1)), wanted.mean((0, 1)), atol=0.03)


def test_what_is_refused(model: str, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("clip.mp4").write_bytes(b"")
    Path("bad.png").write_bytes(b"")
    flags = {"input": "photos", "output": "out"}
    for status, named, change in [
        (2, "--shard=3/2", {"shard": "3/2"}),
        (2, "--overwrite and --skip_existing", {"overwrite": "1", "skip_existing": "1"}),
        (2, "--preserve_color and --match_color", {"preserve_color": "1", "match_color": "x"}),
        (2, "--match_color=x: no such file", {"match_color": "x"}),
        (1, "--match_color=bad.png: not a readable picture", {"match_color": "bad.png"}),
        (2, "use one of .mp4", {"input": "clip.mp4", "output": "x.avi"}),
        (2, "is the input", {"input": "clip.mp4", "output": "clip.mp4"}),
        (2, "--shard is for pictures", {"input": "clip.mp4", "shard": "1/2"}),
        (2, "no such file", {"input": "none.mp4"}),
        (1, "clip.mp4: not a readable video", {"input": "clip.mp4"}),
        (2, "temporal", {"temporal": "much"}),
    ]:
        argv = [model, *(f"--{name}={value}" for name, value in {**flags, **change}.items())]
        assert run(*argv) == status, change
        told = capsys.readouterr().err
        assert told.startswith("error: ") and told.count("\n") == 1 and named in told, told
    assert not Path("out").exists()


@pytest.mark.parametrize("temporal", ["statistics", "flow", "none"])
def test_video(model: str, photos: Path, temporal: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("av")
    clip = write_video(Path("clip.mp4"), drifting(16), sound="aac")
    arguments = [model, "--input=clip.mp4", "--output=out", f"--temporal={temporal}"]
    assert run(*arguments) == 0
    assert "16 frames stylized in " in capsys.readouterr().out
    before, after = read_video(clip), read_video(Path("out/clip.mp4"))
    assert after.frames.shape == before.frames.shape and after.times == before.times
    assert after.sound == before.sound
    assert np.abs(after.frames.astype(float) - before.frames).mean() > 8
    assert run(*arguments) == 2
    assert "out/clip.mp4 exists" in capsys.readouterr().err
    assert run(*arguments, "--skip_existing") == 0
    assert "out/clip.mp4 is there already" in capsys.readouterr().out


@pytest.mark.parametrize("package", ["av", "cv2"])
def test_a_missing_package_is_named(
    model: str,
    photos: Path,
    package: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import sys

    Path("clip.mp4").write_bytes(b"x")
    monkeypatch.setitem(sys.modules, package, None)
    if package == "cv2":
        pytest.importorskip("av")
    assert run(model, "--input=clip.mp4", "--output=out.mp4", "--temporal=flow") == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "pip install 'style_gan_tf[video]'" in told
