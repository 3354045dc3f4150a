"""Many pictures: each keeps what it is, and one that fails does not stop the rest."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_gan_tf.errors import UsageError
from style_gan_tf.inference import Job, OutOfMemory, plan_jobs, stylize_files


class Negative:
    """Gives the negative; has memory for 2000 pixels."""

    def stylize(self, images: np.ndarray) -> np.ndarray:
        if images[0, ..., 0].size > 2000:
            raise OutOfMemory("too large for the memory")
        return -images


def save(path: Path, size: tuple[int, int] = (9, 5), mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    bands = len(mode) if mode != "P" else 3
    pixels = random.integers(0, 256, (size[1], size[0], bands), np.uint8)
    image = Image.fromarray(pixels[..., 0] if bands == 1 else pixels)
    (image.quantize(8) if mode == "P" else image).save(path)


def test_kinds_keep_size_alpha_and_name(tmp_path: Path) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    kinds = {
        "a.png": ("RGB", (1, 1)),
        "b.png": ("RGBA", (31, 7)),
        "c.webp": ("RGBA", (5, 9)),
        "d.TIFF": ("RGBA", (5, 9)),
        "e.jpg": ("L", (17, 16)),
        "sub/f.gif": ("P", (9, 5)),
    }
    for name, (mode, size) in kinds.items():
        save(photos / name, size, mode)
    report = stylize_files(Negative(), plan_jobs(photos, out))
    assert not report.failures
    assert {str(path.relative_to(out)) for path in report.written} == {
        "a.png", "b.png", "c.webp", "d.TIFF", "e.jpg", "sub/f.png",
    }  # fmt: skip
    for name, (mode, size) in kinds.items():
        with Image.open(out / name.replace(".gif", ".png")) as image:
            assert image.size == size
            assert image.mode == ("RGBA" if mode == "RGBA" else "RGB")
            if mode == "RGBA":
                with Image.open(photos / name) as photo:
                    assert image.getchannel("A").tobytes() == photo.getchannel("A").tobytes()


def test_orientation_is_applied_and_not_written_again(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (9, 5)).save(tmp_path / "a.jpg", exif=exif)
    stylize_files(Negative(), plan_jobs(tmp_path / "a.jpg", tmp_path / "b.jpg"))
    with Image.open(tmp_path / "b.jpg") as image:
        assert image.size == (5, 9) and 0x0112 not in image.getexif()


def test_failures_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    for i in range(8):
        save(photos / f"{i}.png")
    (photos / "1.png").write_bytes(b"")
    (photos / "3.png").write_bytes((photos / "3.png").read_bytes()[:60])
    save(photos / "5.png", (60, 60))
    (photos / "6.png").write_bytes(b"<html>")
    (photos / "8.png").symlink_to("nowhere")
    told: list[str] = []
    report = stylize_files(
        Negative(),
        plan_jobs(photos, out),
        on_written=lambda job: told.append(job.source.name),
        on_failure=lambda failure: told.append(f"{failure.source.name}: {failure.reason}"),
    )
    assert sorted(path.name for path in report.written) == ["0.png", "2.png", "4.png", "7.png"]
    assert sorted(path.name for path in out.iterdir()) == ["0.png", "2.png", "4.png", "7.png"]
    reasons = {failure.source.name: failure.reason for failure in report.failures}
    assert sorted(reasons) == ["1.png", "3.png", "5.png", "6.png", "8.png"]
    assert "empty" in reasons["1.png"] and "memory" in reasons["5.png"]
    assert "No such file" in reasons["8.png"]
    assert all("\n" not in reason and str(photos) not in reason for reason in reasons.values())
    assert len(told) == 9


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    save(tmp_path / "b.png")
    (tmp_path / "file").write_bytes(b"")
    jobs = [
        Job(tmp_path / "a.png", tmp_path / "file" / "a.png"),
        Job(tmp_path / "b.png", tmp_path / "out" / "b.png"),
    ]
    report = stylize_files(Negative(), jobs)
    assert report.written == [tmp_path / "out" / "b.png"]
    assert [failure.source.name for failure in report.failures] == ["a.png"]


def test_a_fault_of_the_program_is_not_swallowed(tmp_path: Path) -> None:
    class Broken:
        def stylize(self, images: np.ndarray) -> np.ndarray:
            raise ZeroDivisionError

    for i in range(9):
        save(tmp_path / "photos" / f"{i}.png")
    with pytest.raises(ZeroDivisionError):
        stylize_files(Broken(), plan_jobs(tmp_path / "photos", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pictures there are, a few are in memory at a time."""
    from style_gan_tf.inference import batch

    read = written = most = 0
    decode, write_file = batch.decode, batch.write_file

    def counting_decode(data: bytes, **options: object) -> object:
        nonlocal read
        read += 1
        return decode(data, **options)

    def counting_write(path: Path, data: bytes) -> None:
        nonlocal written, most
        write_file(path, data)
        most = max(most, read - written)
        written += 1

    monkeypatch.setattr(batch, "decode", counting_decode)
    monkeypatch.setattr(batch, "write_file", counting_write)
    for i in range(40):
        save(tmp_path / "photos" / f"{i}.png")
    report = stylize_files(Negative(), plan_jobs(tmp_path / "photos", tmp_path / "out"))
    assert len(report.written) == 40
    assert most <= 8


def test_quality_and_strength(tmp_path: Path) -> None:
    save(tmp_path / "a.png", (40, 40))
    sizes = []
    for quality in (10, 95):
        jobs = plan_jobs(tmp_path / "a.png", tmp_path / f"{quality}.jpg")
        stylize_files(Negative(), jobs, quality=quality)
        sizes.append((tmp_path / f"{quality}.jpg").stat().st_size)
    assert sizes[0] < sizes[1] / 2
    jobs = plan_jobs(tmp_path / "a.png", tmp_path / "same.png")
    stylize_files(Negative(), jobs, strength=0.0)
    same = Image.open(io.BytesIO((tmp_path / "same.png").read_bytes()))
    with Image.open(tmp_path / "a.png") as photo:
        assert same.tobytes() == photo.tobytes()
    with pytest.raises(UsageError, match="strength"):
        stylize_files(Negative(), [], strength=2.0)
