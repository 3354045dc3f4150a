"""EXIF put into TIFF files: it is found again, and all else stays."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_gan_tf.images.tiff_exif import add_exif

PICTURE = np.random.default_rng(0).integers(0, 256, (37, 23, 3), np.uint8)


def data() -> bytes:
    exif = Image.Exif()
    exif[0x013B], exif[0x8298] = "A painter with a long name", "free"
    exif[0x8769] = {0x829A: 0.5, 0x9003: "2020:01:02 03:04:05", 0x9286: b"ASCII\0\0\0words"}
    exif[0x8825] = {1: "N", 2: (50.0, 30.0, 12.5)}
    return exif.tobytes()


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_it_is_found_again(tmp_path: Path, big: bool, compression: str | None) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(PICTURE).save(
        path, compression=compression, big_tiff=big, dpi=(300, 300), icc_profile=b"profile" * 9
    )
    with Image.open(path) as before:
        tags = dict(before.tag_v2)
    add_exif(path, data())
    with Image.open(path) as after:
        np.testing.assert_array_equal(np.asarray(after), PICTURE)
        exif = after.getexif()
        assert {tag: after.tag_v2[tag] for tag in tags} == tags
        assert (exif[0x013B], exif[0x8298]) == ("A painter with a long name", "free")
        directory = exif.get_ifd(0x8769)
        assert directory[0x829A] == 0.5
        assert directory[0x9003] == "2020:01:02 03:04:05"
        assert directory[0x9286] == b"ASCII\0\0\0words"
        assert exif.get_ifd(0x8825) == {1: "N", 2: (50.0, 30.0, 12.5)}


def test_tags_of_the_file_stay(tmp_path: Path) -> None:
    Image.fromarray(PICTURE).save(tmp_path / "a.tif", tiffinfo={315: "the file's own"})
    add_exif(tmp_path / "a.tif", data())
    with Image.open(tmp_path / "a.tif") as image:
        assert image.getexif()[315] == "the file's own"


def test_other_files_are_refused_and_stay(tmp_path: Path) -> None:
    Image.fromarray(PICTURE).save(tmp_path / "a.png")
    before = (tmp_path / "a.png").read_bytes()
    with pytest.raises(ValueError, match="not a TIFF"):
        add_exif(tmp_path / "a.png", data())
    assert (tmp_path / "a.png").read_bytes() == before
