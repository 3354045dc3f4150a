"""Which files are read and which are written, and what is refused before any work."""

from pathlib import Path

import pytest

from style_gan_tf.errors import UsageError
from style_gan_tf.inference import plan_jobs


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = Path("photos")
    for name in ("b.jpg", "a.PNG", "sub/deep/c.webp", "sub/d.gif", "notes.txt", ".hidden.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def plan(input: str, output: str, overwrite: bool = False) -> dict[str, str]:
    jobs = plan_jobs(input, output, overwrite=overwrite)
    return {str(job.source): str(job.target) for job in jobs}


def test_folder_recursive(photos: Path) -> None:
    assert plan("photos", "out") == {
        "photos/a.PNG": "out/a.PNG",
        "photos/b.jpg": "out/b.jpg",
        "photos/sub/d.gif": "out/sub/d.png",
        "photos/sub/deep/c.webp": "out/sub/deep/c.webp",
    }


def test_globs(photos: Path) -> None:
    assert plan("photos/*.jpg", "out") == {"photos/b.jpg": "out/b.jpg"}
    assert plan("photos/**/*.webp", "out") == {"photos/sub/deep/c.webp": "out/sub/deep/c.webp"}
    assert plan("photos/sub/d*", "out") == {"photos/sub/d.gif": "out/d.png"}


def test_one_file(photos: Path) -> None:
    assert plan("photos/b.jpg", "x.png") == {"photos/b.jpg": "x.png"}
    assert plan("photos/b.jpg", "out") == {"photos/b.jpg": "out/b.jpg"}
    assert plan("photos/b.jpg", "out.d/") == {"photos/b.jpg": "out.d/b.jpg"}
    assert plan("photos/b.jpg", "photos/sub") == {"photos/b.jpg": "photos/sub/b.jpg"}
    assert plan("photos/sub/d.gif", "out") == {"photos/sub/d.gif": "out/d.png"}
    # A name is no glob where it exists.
    Path("a[1].png").write_bytes(b"")
    assert plan("a[1].png", "out") == {"a[1].png": "out/a[1].png"}


def test_an_output_folder_in_the_input_folder_is_refused(photos: Path) -> None:
    Path("link").symlink_to("photos")
    for input in ("photos", "photos/**/*.jpg", "link", "."):
        for output in ("photos/out", "photos/sub", "link/sub/out"):
            with pytest.raises(UsageError, match=r"lies inside the input folder \S+: name another"):
                plan(input, output, overwrite=True)
    # What searches no folders finds nothing there the next time.
    assert plan("photos/*.jpg", "photos/out") == {"photos/b.jpg": "photos/out/b.jpg"}


def test_one_name_for_two_pictures(photos: Path) -> None:
    Path("photos/b.gif").write_bytes(b"")
    Path("photos/b.png").write_bytes(b"")
    assert plan("photos/b.*", "out") == {
        "photos/b.gif": "out/b.gif.png",
        "photos/b.jpg": "out/b.jpg",
        "photos/b.png": "out/b.png",
    }
    Path("photos/b.gif.png").write_bytes(b"")
    with pytest.raises(UsageError, match=r"both become out/b\.gif\.png"):
        plan("photos/b.*", "out")


def test_nothing_is_overwritten(photos: Path) -> None:
    Path("out").mkdir()
    Path("out/b.jpg").write_bytes(b"")
    Path("out/a.PNG").write_bytes(b"")
    with pytest.raises(UsageError, match=r"out/a\.PNG \(and 1 more\) exists: --overwrite"):
        plan("photos", "out")
    assert len(plan("photos", "out", overwrite=True)) == 4
    with pytest.raises(UsageError, match="exists"):
        plan("photos/b.jpg", "out/b.jpg")


@pytest.mark.parametrize("overwrite", [False, True])
def test_inputs_are_never_written(photos: Path, overwrite: bool) -> None:
    Path("link").symlink_to("photos")
    for input, output in [
        ("photos", "photos"),
        ("photos", "photos/../photos/"),
        ("photos", "link"),
        ("photos/b.jpg", "photos/b.jpg"),
        ("photos/b.jpg", "photos"),
        ("photos/*", "photos"),
    ]:
        with pytest.raises(UsageError, match=r"input"):
            plan(input, output, overwrite)


def test_wrong_arguments(photos: Path) -> None:
    Path("empty").mkdir()
    Path("file").write_bytes(b"")
    Path("out/b.jpg").mkdir(parents=True)
    for input, output, sentence in [
        ("", "out", "--input is empty"),
        ("photos", "", "--output is empty"),
        ("missing", "out", "--input=missing: no such file or folder"),
        ("empty", "out", "--input=empty: no picture"),
        ("photos/*.tif", "out", r"--input=photos/\*.tif: no picture"),
        ("photos", "x.png", "names one file, for 4 pictures"),
        ("photos/*.jpg", "x.png", "names one file, for 1 picture:"),
        ("photos", "file", "is a file"),
        ("photos/b.jpg", "x.gif", r"--output=x\.gif"),
        ("photos/b.jpg", "out", "is a folder"),
        ("photos/b.jpg", "file/x.png", "file"),
        ("photos", "file/out", "file"),
    ]:
        with pytest.raises(UsageError, match=sentence) as caught:
            plan(input, output, overwrite=True)
        assert "\n" not in str(caught.value)
