import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.data import Augmentation
from style_gan_tf.errors import UsageError

# Each pixel tells where it came from: red the row, green the column.
PLACES = np.zeros((12, 15, 3), np.uint8)
PLACES[..., 0] = np.arange(12)[:, None] * 10
PLACES[..., 1] = np.arange(15) * 10


def augmented(augmentation, seeds):
    for seed in range(seeds):
        image = augmentation.augment(tf.constant(PLACES), tf.constant([seed, 7], tf.int32)).numpy()
        yield (image + 1) * 127.5 / 10


def test_crops_are_contiguous_uniform_and_half_are_flipped():
    corners, flips = set(), 0
    for image in augmented(Augmentation(crop=10), 200):
        assert image.shape == (10, 10, 3)
        np.testing.assert_allclose(np.diff(image[..., 0], axis=0), 1, atol=1e-4)
        step = np.diff(image[..., 1], axis=1)
        flipped = step[0, 0] < 0
        np.testing.assert_allclose(step, -1 if flipped else 1, atol=1e-4)
        flips += flipped
        corners.add((round(image[..., 0].min()), round(image[..., 1].min())))
    assert corners == {(y, x) for y in range(3) for x in range(6)}
    assert 70 < flips < 130


def test_without_flip():
    for image in augmented(Augmentation(crop=10, flip=False), 20):
        assert image[0, 0, 1] < image[0, 9, 1]


def test_jitter_changes_colours_within_bounds_and_follows_the_seed():
    plain = list(augmented(Augmentation(crop=10), 20))
    jittered = list(augmented(Augmentation(crop=10, color_jitter=0.3), 20))
    again = list(augmented(Augmentation(crop=10, color_jitter=0.3), 20))
    for a, b, c in zip(plain, jittered, again, strict=True):
        assert np.abs(a - b).max() > 0.01
        assert b.min() >= 0
        assert b.max() <= 25.5
        np.testing.assert_array_equal(b, c)


def test_load_size():
    assert Augmentation(crop=256).short_side == 286
    assert Augmentation(crop=128).short_side == 143
    assert Augmentation(crop=128, load_size=500).short_side == 500


@pytest.mark.parametrize(
    "options", [{"crop": 0}, {"crop": 64, "load_size": 63}, {"color_jitter": 1.5}]
)
def test_wrong_values(options):
    with pytest.raises(UsageError):
        Augmentation(**options)
