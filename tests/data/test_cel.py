import numpy as np
import pytest
import skimage.data

from style_gan_tf.data import open_source
from style_gan_tf.data.cel_renderer import render_cel
from style_gan_tf.data.pairs import open_pairs
from style_gan_tf.errors import UserError
from style_gan_tf.images.skin_color import cells_lab


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray]:
    photo = skimage.data.astronaut()[:256, 80:336]
    return photo, render_cel(photo)


def steps(rgb):
    """Differences between neighbours in a row, of 255."""
    return np.abs(np.diff(rgb.astype(int).mean(-1), axis=1))


def test_regions_are_flat_and_lines_are_dark(drawn):
    photo, cel = drawn
    assert cel.shape == photo.shape and cel.dtype == np.uint8
    # Most neighbours are alike to a grey level, what is left is steep.
    assert (steps(cel) < 1.5).mean() > (steps(photo) < 1.5).mean() + 0.15
    assert np.percentile(cel.mean(-1), 2) <= np.percentile(photo.mean(-1), 2) + 10
    assert np.array_equal(cel, render_cel(photo))


def test_skin_keeps_its_colour(drawn):
    photo, cel = (image.astype(np.float32) / 127.5 - 1 for image in drawn)
    before, after = cells_lab(photo), cells_lab(cel)
    face = np.s_[9:18, 15:21]  # cells
    assert np.all(after[face][..., 1] > 0)
    assert np.abs(after[face][..., 1:] - before[face][..., 1:]).mean() < 8


def test_a_border_gets_an_outline_and_a_flat_picture_none():
    flat = np.full((128, 128, 3), 150, np.uint8)
    assert np.ptp(render_cel(flat)) <= 1
    half = flat.copy()
    half[:, 64:] = 215
    cel = render_cel(half).mean(-1)
    assert cel[64, 58:66].min() < 0.6 * cel[64, 20] < 0.6 * cel[64, 100]
    grain = 150 + np.random.default_rng(0).normal(0, 8, (512, 512, 3))  # makes no lines
    drawn = render_cel(grain.round().astype(np.uint8)).mean(-1)
    assert drawn.min() > 120 and drawn.std() < 4


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (37, 64)])
def test_any_size(shape):
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    assert render_cel(noise).shape == noise.shape


def test_it_is_a_source_and_half_of_pairs():
    photos, cels = open_source("demo:photos"), open_source("cel:demo:photos")
    assert list(cels.keys) == list(photos.keys) and cels.spec == "cel:demo:photos"
    assert cels.size(3) == photos.size(3)
    options = {"max_pixels": 10**6, "at_least": 64}
    photo, cel = photos.picture(3, **options), cels.picture(3, **options)
    assert np.array_equal(cel, render_cel(photo))
    pairs = open_pairs("demo:photos,cel:demo:photos")
    assert len(pairs) == len(photos)


@pytest.mark.parametrize(
    ("spec", "told"), [("cel:", "give cel:photos/"), ("cel:nowhere/", "nowhere")]
)
def test_a_spec_without_photographs_is_refused(spec, told):
    with pytest.raises(UserError, match=told):
        open_source(spec)
