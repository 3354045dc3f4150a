import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from style_gan_tf.errors import UserError
from style_gan_tf.images import ImageError, decode, encode, format_of, write_file


@settings(max_examples=20, deadline=None)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    format=st.sampled_from(["png", "tiff", "webp"]),
    has_alpha=st.booleans(),
)
def test_lossless_round_trip_of_any_size(height, width, format, has_alpha):
    random = np.random.default_rng(height * 100 + width)
    rgb = random.integers(0, 256, (height, width, 3), np.uint8)
    alpha = random.integers(0, 255, (height, width), np.uint8) if has_alpha else None
    picture = decode(encode(rgb, alpha, format=format, quality=100))
    np.testing.assert_array_equal(picture.rgb, rgb)
    if has_alpha:
        np.testing.assert_array_equal(picture.alpha, alpha)
    else:
        assert picture.alpha is None


def test_jpeg_composites_on_white():
    rgb = np.zeros((16, 16, 3), np.uint8)
    alpha = np.full((16, 16), 51, np.uint8)  # a fifth of black, four fifths of white
    picture = decode(encode(rgb, alpha, format="jpeg"))
    assert np.abs(picture.rgb.astype(int) - 204).max() <= 1


def test_quality_counts():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    for format in ("jpeg", "webp"):
        assert len(encode(noise, format=format, quality=30)) < len(encode(noise, format=format))


def test_errors():
    rgb = np.zeros((2, 2, 3), np.uint8)
    with pytest.raises(UserError, match="unknown picture format 'gif'"):
        encode(rgb, format="gif")
    with pytest.raises(ValueError, match="expected uint8"):
        encode(rgb.astype(np.float32), format="png")
    with pytest.raises(ImageError, match="16384 x 1 pixels as webp"):
        encode(np.zeros((1, 16384, 3), np.uint8), format="webp")


@pytest.mark.parametrize(
    ("path", "format"),
    [("a/b.JPG", "jpeg"), ("x.jpeg", "jpeg"), ("p.tif", "tiff"), ("q.webp", "webp")],
)
def test_format_of(path, format):
    assert format_of(path) == format


@pytest.mark.parametrize("path", ["a.gif", "noway", "x.jpg.bak"])
def test_format_of_unknown_suffixes(path):
    with pytest.raises(UserError, match="^" + path):
        format_of(path)


def test_write_file_replaces_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.png"]
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"a\.png: cannot be written \(No space left on device\)"):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.png"]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(UserError, match=r"none/a\.png: cannot be written \(No such file"):
        write_file(tmp_path / "none" / "a.png", b"")
