import os
import sys

import numpy as np
import pytest

from style_gan_tf.data import demo, open_source, split
from style_gan_tf.data.palette import painters_palette
from style_gan_tf.errors import UserError
from style_gan_tf.images import decode


@pytest.fixture
def small_demo(tmp_path, monkeypatch):
    """Two photographs, few tiles, a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(demo, "_TRAINING", ("coffee.png",))
    monkeypatch.setattr(demo, "_HELD_OUT", ("rocket.jpg",))
    for name in ("_PHOTOS", "_HELD_OUT_PHOTOS", "_PAINTINGS"):
        monkeypatch.setattr(demo, name, ((1.0,), 0.4))
    monkeypatch.setattr(demo, "TILE", 64)
    return tmp_path


def test_sets_are_made_once_and_match(small_demo, monkeypatch):
    photos = open_source("demo:skimage")
    assert os.listdir(small_demo / "style_gan_tf") == ["demo-v1"]
    monkeypatch.setattr(demo, "_make", None)  # a second making would fail
    truth = open_source("demo:paintings_of_held_out")
    paintings = open_source("demo:strokes")
    held_out = split(photos, "held_out")
    assert held_out.keys == [key for key in photos.keys if key.startswith("rocket")]
    assert list(truth.keys) == held_out.keys
    assert all(key.startswith("coffee") for key in split(photos, "train").keys)
    assert all(key.startswith("coffee") for key in paintings.keys)
    assert {photos.size(i) for i in range(len(photos))} == {(64, 64)}
    for index in range(len(truth)):
        photo = painters_palette(decode(held_out.read(index)).rgb).mean((0, 1))
        painting = decode(truth.read(index)).rgb.mean((0, 1)) / 255
        np.testing.assert_allclose(painting, photo, atol=0.12)


def test_without_scikit_image_the_extra_is_named(small_demo, monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(UserError, match=r"pip install 'style_gan_tf\[demo\]'"):
        open_source("demo:skimage")


def test_an_unwritable_cache_is_named(small_demo, monkeypatch):
    (small_demo / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(small_demo / "file"))
    with pytest.raises(UserError, match="set XDG_CACHE_HOME to a writable folder"):
        open_source("demo:skimage")


def test_a_failure_leaves_nothing_behind(small_demo, monkeypatch):
    def fail(rgb, seed):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "paint", fail)
    with pytest.raises(KeyboardInterrupt):
        open_source("demo:skimage")
    assert os.listdir(small_demo / "style_gan_tf") == []


def test_the_loser_of_a_race_takes_the_winners_set(small_demo):
    open_source("demo:skimage")
    before = sorted((small_demo / "style_gan_tf" / "demo-v1").rglob("*"))
    demo._make("demo:skimage", small_demo / "style_gan_tf" / "demo-v1")
    assert sorted((small_demo / "style_gan_tf" / "demo-v1").rglob("*")) == before
    assert os.listdir(small_demo / "style_gan_tf") == ["demo-v1"]
