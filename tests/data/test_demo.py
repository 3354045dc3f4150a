import os
import sys

import numpy as np
import pytest

from style_gan_tf.data import demo, open_source, split
from style_gan_tf.data.palette import painters_palette
from style_gan_tf.data.strokes import paint
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
    photos = open_source("demo:photos")
    assert os.listdir(small_demo / "style_gan_tf") == ["demo-v1"]
    monkeypatch.setattr(demo, "_make", None)  # a second making would fail
    truth = open_source("demo:paintings_of_held_out")
    paintings = open_source("demo:paintings")
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
        open_source("demo:photos")


def test_an_unwritable_cache_is_named(small_demo, monkeypatch):
    (small_demo / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(small_demo / "file"))
    with pytest.raises(UserError, match="set XDG_CACHE_HOME to a writable folder"):
        open_source("demo:photos")


def test_a_failure_leaves_nothing_behind(small_demo, monkeypatch):
    def fail(rgb, seed):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "paint", fail)
    with pytest.raises(KeyboardInterrupt):
        open_source("demo:photos")
    assert os.listdir(small_demo / "style_gan_tf") == []


def test_the_loser_of_a_race_takes_the_winners_set(small_demo):
    open_source("demo:photos")
    before = sorted((small_demo / "style_gan_tf" / "demo-v1").rglob("*"))
    demo._make("demo:photos", small_demo / "style_gan_tf" / "demo-v1")
    assert sorted((small_demo / "style_gan_tf" / "demo-v1").rglob("*")) == before
    assert os.listdir(small_demo / "style_gan_tf") == ["demo-v1"]


@pytest.mark.parametrize("shape", [(64, 96), (33, 17), (2, 3)])
def test_painting_keeps_the_size_and_follows_the_seed(shape):
    rgb = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    painting = paint(rgb, 1)
    assert painting.shape == rgb.shape
    assert painting.dtype == np.uint8
    np.testing.assert_array_equal(painting, paint(rgb, 1))
    assert (painting != paint(rgb, 2)).any()


def test_strokes_run_along_edges():
    x = np.arange(96)
    stripes = np.tile((127 + 90 * np.sin(x / 5)).astype(np.uint8)[None, :, None], (96, 1, 3))
    painting = paint(stripes, 0).astype(float)[8:-8, 8:-8].mean(-1)
    along, across = (np.abs(np.diff(painting, axis=axis)).mean() for axis in (0, 1))
    assert across > 1.5 * along
    painting = paint(np.transpose(stripes, (1, 0, 2)), 0).astype(float)[8:-8, 8:-8].mean(-1)
    across, along = (np.abs(np.diff(painting, axis=axis)).mean() for axis in (0, 1))
    assert across > 1.5 * along


def test_the_canvas_is_painted_all_over():
    flat = np.full((64, 64, 3), (200, 120, 60), np.uint8)
    painting = paint(flat, 0).astype(float) / 255
    expected = painters_palette(flat)[0, 0]
    assert np.abs(np.median(painting, (0, 1)) - expected).max() < 0.05
    assert painting.std((0, 1)).min() > 0.01  # visible strokes even on a flat colour


def test_palette():
    colors = np.array([[[0, 0, 0], [128, 128, 128], [255, 255, 255], [200, 100, 100]]], np.uint8)
    black, grey, white, red = painters_palette(colors)[0]
    assert black[2] > black[0] + 0.1  # blue shadows
    assert white[0] > white[2] + 0.1  # warm lights
    assert np.ptp(grey) < 0.02
    assert red[0] - red[1] > 1.2 * 100 / 255
