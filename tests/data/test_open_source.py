import logging
import os
import subprocess
import sys

import pytest

from style_gan_tf.data import open_source
from style_gan_tf.errors import UserError
from style_gan_tf.images import decode

SIZES = {"b.png": (20, 10), "a.PNG": (11, 12), "sub/Ünï code.png": (13, 14)}


def test_a_folder_is_searched_recursively_in_sorted_order(folder_of):
    folder = folder_of(SIZES | {".hidden.png": (5, 5), ".git/x.png": (5, 5)})
    (folder / "notes.txt").write_text("no picture")
    source = open_source(str(folder))
    assert list(source.keys) == ["a.PNG", "b.png", "sub/Ünï code.png"]
    assert len(source) == 3
    assert [source.size(i) for i in range(3)] == [(11, 12), (20, 10), (13, 14)]
    assert decode(source.read(1)).rgb.shape == (10, 20, 3)
    assert source.skipped == []


def test_links_are_followed_but_not_in_circles(folder_of, tmp_path):
    folder = folder_of(SIZES)
    other = folder_of({"c.png": (8, 8)}, name="other")
    (folder / "linked").symlink_to(other)
    (other / "back").symlink_to(folder)
    (folder / "d.png").symlink_to(other / "c.png")
    keys = list(open_source(str(folder)).keys)
    assert keys == ["a.PNG", "b.png", "d.png", "linked/c.png", "sub/Ünï code.png"]


def test_globs(folder_of):
    folder = folder_of(SIZES)
    assert list(open_source(f"{folder}/*.png").keys) == ["b.png"]
    assert list(open_source(f"{folder}/**/*.png").keys) == ["b.png", "sub/Ünï code.png"]
    assert list(open_source(f"{folder}/b.png").keys) == ["b.png"]


def test_a_folder_with_wildcard_characters_or_a_colon_in_its_name(folder_of, monkeypatch):
    assert len(open_source(str(folder_of(SIZES, name="a[1]")))) == 3
    folder = folder_of(SIZES, name="old:photos")
    monkeypatch.chdir(folder.parent)
    assert len(open_source("old:photos")) == 3


def test_bad_files_are_skipped_with_a_warning_that_names_them(folder_of, caplog):
    folder = folder_of(SIZES | {"large.png": (40, 40)})
    (folder / "broken.jpg").write_bytes(b"hello")
    (folder / "empty.png").write_bytes(b"")
    (folder / "dangling.png").symlink_to(folder / "none.png")
    with caplog.at_level(logging.WARNING, "style_gan_tf"):
        source = open_source(str(folder), max_pixels=1000)
    assert list(source.keys) == ["a.PNG", "b.png", "sub/Ünï code.png"]
    reasons = dict(source.skipped)
    assert set(reasons) == {"broken.jpg", "empty.png", "large.png", "dangling.png"}
    assert "empty" in reasons["empty.png"]
    assert "40 x 40 pixels are above the limit of 1000" in reasons["large.png"]
    assert "No such file" in reasons["dangling.png"]
    for key in reasons:
        assert sum(key in record.getMessage() for record in caplog.records) == 1


def test_many_warnings_become_a_count(folder_of, caplog):
    folder = folder_of(SIZES)
    for i in range(30):
        (folder / f"bad{i}.jpg").write_bytes(b"")
    with caplog.at_level(logging.WARNING, "style_gan_tf"):
        assert len(open_source(str(folder)).skipped) == 30
    assert len(caplog.records) == 11
    assert "30 pictures are skipped" in caplog.records[-1].getMessage()


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("", "spec is empty"),
        ("nowhere/photos", "^nowhere/photos: no such folder"),
        ("nowhere/*.jpg", r"^nowhere/\*\.jpg: no file matches"),
        ("ftp:photos", "unknown kind of data 'ftp:'.*demo:, tfds:, tfrecord:"),
        ("demo:cats", "demo:cats: no such demo data; there are: demo:photos, demo:van_gogh"),
        ("tfrecord:nowhere/*", "tfrecord:nowhere.*: no file matches"),
    ],
)
def test_wrong_specs_give_one_line(spec, message):
    with pytest.raises(UserError, match=message) as caught:
        open_source(spec)
    assert "\n" not in str(caught.value)


def test_folders_without_a_usable_picture_are_named(tmp_path):
    with pytest.raises(UserError, match=f"^{tmp_path}: no pictures in the folder"):
        open_source(str(tmp_path))
    (tmp_path / "a.jpg").write_bytes(b"x")
    with pytest.raises(UserError, match=r"no usable picture among 1 files \(the first, a\.jpg"):
        open_source(str(tmp_path))


def test_specs_are_checked_without_tensorflow(folder_of):
    folder = folder_of(SIZES)
    program = (
        "import sys; from style_gan_tf.data import open_source, split\n"
        f"assert len(split(open_source({str(folder)!r}), 'all')) == 3\n"
        "assert not {'tensorflow', 'tensorflow_datasets', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ)
