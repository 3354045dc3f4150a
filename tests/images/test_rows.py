"""Rows of pictures, read and written by libvips, against Pillow."""

import errno
import resource
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from style_gan_tf.errors import UserError
from style_gan_tf.images import ImageError, Picture, decode

pytest.importorskip("pyvips", reason="libvips is an extra")

from style_gan_tf.images.row_reader import RowReader
from style_gan_tf.images.row_writer import row_writer

SIZE = (83, 57)


def draw(deep: bool, bands: int) -> np.ndarray:
    dtype = np.uint16 if deep else np.uint8
    return np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (*SIZE, bands), dtype)


def write(path: Path, pixels: np.ndarray, step: int = 20, **options: object) -> None:
    alpha = pixels[..., 3] if pixels.shape[-1] == 4 else None
    deep = pixels.dtype == np.uint16
    with row_writer(path, SIZE, deep=deep, alpha=alpha is not None, **options) as add:  # type: ignore[arg-type]
        for row in range(0, len(pixels), step):
            rows = slice(row, row + step)
            add(Picture(pixels[rows, :, :3], None if alpha is None else alpha[rows]))


@pytest.mark.parametrize(
    ("suffix", "deep"),
    [(".png", False), (".png", True), (".tif", False), (".tif", True), (".webp", False)],
)
@pytest.mark.parametrize("bands", [3, 4])
def test_what_is_written_is_read(tmp_path: Path, suffix: str, deep: bool, bands: int) -> None:
    path, pixels = tmp_path / f"a{suffix}", draw(deep, bands)
    write(path, pixels, quality=100)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    picture = decode(path.read_bytes(), faithful=True)
    np.testing.assert_array_equal(picture.rgb, pixels[..., :3])
    reader = RowReader(path)
    assert (reader.height, reader.width, reader.dtype) == (*SIZE, pixels.dtype)
    assert reader.has_alpha == (bands == 4)
    for first, stop in ((0, 30), (20, 50), (50, 51), (50, 83), (3, 9), (0, 83)):
        rows = reader.rows(first, stop)
        np.testing.assert_array_equal(rows.rgb, pixels[first:stop, :, :3])
        if bands == 4:
            np.testing.assert_array_equal(rows.alpha, pixels[first:stop, :, 3])
            np.testing.assert_array_equal(picture.alpha, pixels[..., 3])
    np.testing.assert_array_equal(reader.held(7, 8).rgb, pixels[7:8, :, :3])


def test_jpeg(tmp_path: Path) -> None:
    smooth = np.asarray(Image.fromarray(draw(False, 4)[:9, :9]).resize(SIZE[::-1]))
    write(tmp_path / "a.jpg", smooth, quality=98)
    found = np.asarray(Image.open(tmp_path / "a.jpg")).astype(int)
    expected = Picture(smooth[..., :3], smooth[..., 3]).on_white()
    assert np.abs(found - expected).mean() < 2
    write(tmp_path / "b.jpg", smooth, quality=5)
    assert (tmp_path / "b.jpg").stat().st_size < (tmp_path / "a.jpg").stat().st_size


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_mode_is_read(tmp_path: Path, mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(draw(True, 1)[..., 0])
    else:
        image = Image.fromarray(draw(False, 3)).convert(mode)
    path = tmp_path / ("a.tif" if mode == "CMYK" else "a.png")
    image.save(path)
    reader = RowReader(path)
    rows = reader.rows(0, SIZE[0])
    assert reader.has_alpha == ("A" in mode)
    if mode == "I;16":
        np.testing.assert_array_equal(rows.rgb[..., 1], np.asarray(image))
    elif mode != "CMYK":  # There Pillow and libvips have their own ideas.
        np.testing.assert_array_equal(rows.rgb, np.asarray(image.convert("RGB")))


def test_orientation_profile_and_exif(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "A painter"
    exif[0x8769], exif[0x8825] = {0x829A: 0.5}, {1: "N"}
    image = Image.fromarray(draw(False, 3))
    image.save(tmp_path / "a.jpg", exif=exif, icc_profile=profile, quality=100, subsampling=0)
    reader = RowReader(tmp_path / "a.jpg")
    assert (reader.height, reader.width) == SIZE[::-1]
    upright = decode((tmp_path / "a.jpg").read_bytes()).rgb.astype(int)
    rows = reader.rows(0, reader.height)
    assert np.abs(rows.rgb - upright).max() <= 3  # two decoders of JPEG
    assert rows.profile == reader.profile == profile
    for suffix in (".jpg", ".png", ".tif", ".webp"):
        path = tmp_path / f"b{suffix}"
        kept = {"profile": reader.profile, "exif": reader.exif}
        with row_writer(path, SIZE[::-1], resolution=reader.resolution, **kept) as add:
            add(Picture(upright.astype(np.uint8)))
        with Image.open(path) as written:
            assert written.info["icc_profile"] == profile
            found = written.getexif()
            assert found.get(0x0112, 1) == 1
            assert found[0x013B] == "A painter", suffix
            assert found.get_ifd(0x8769)[0x829A] == 0.5, suffix
            assert found.get_ifd(0x8825)[1] == "N", suffix
            if suffix in (".png", ".tif"):
                np.testing.assert_array_equal(np.asarray(written), upright)
        assert RowReader(path).exif is not None


def test_damaged_files(tmp_path: Path) -> None:
    write(tmp_path / "a.png", draw(False, 3))
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "page.png").write_bytes(b"<html>")
    with pytest.raises(ImageError, match=r"cut.png: not a readable picture \(.*\)$"):
        RowReader(tmp_path / "cut.png").rows(0, SIZE[0])
    for name in ("empty.png", "page.png", "nowhere.png"):
        with pytest.raises(ImageError, match=f"{name}: not a readable picture"):
            RowReader(tmp_path / name)


def test_nothing_is_left_of_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt), row_writer(path, SIZE) as add:
        add(Picture(draw(False, 3)[:40]))
        raise KeyboardInterrupt
    # Rows are missing.
    with pytest.raises(ImageError, match="cannot write 57 x 83 pixels as png"):
        write(path, draw(False, 3)[:40])
    too_wide = pytest.raises(ImageError, match="cannot write 17000 x 1 pixels as webp")
    with too_wide, row_writer(tmp_path / "b.webp", (1, 17000)) as add:
        add(Picture(np.zeros((1, 17000, 3), np.uint8)))
    assert path.read_bytes() == b"before"
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]
    with pytest.raises(UserError, match=r"a.png: cannot be written \(No such file"):
        write(tmp_path / "no" / "a.png", draw(False, 3))


def test_a_full_disk_is_told_where_libvips_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    with pytest.raises(UserError, match=r"a.png: cannot be written \(No space left") as told:
        write(tmp_path / "a.png", draw(False, 3)[:40])  # rows are missing
    assert isinstance(told.value.__cause__, OSError)
    assert told.value.__cause__.errno == errno.ENOSPC


def test_a_full_disk_gives_one_line(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8)
    large = np.tile(pixels, (40, 40, 1))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        for suffix in (".png", ".tif"):
            path = tmp_path / f"a{suffix}"
            full = pytest.raises(UserError, match="cannot")
            with full as told, row_writer(path, large.shape[:2]) as add:
                for row in range(0, len(large), 100):
                    add(Picture(large[row : row + 100]))
            assert "\n" not in str(told.value)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []
