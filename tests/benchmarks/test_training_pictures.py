"""Crops for the rivals: each picture once an epoch, by the step alone."""

import numpy as np
import pytest

from benchmarks.training_pictures import Pictures, pairs, scaled, write_pictures


@pytest.fixture
def folder(tmp_path):
    """Five pictures of their own grey and size, a column of white at the left."""
    for name in ("content", "style"):
        pictures = [np.full((8 + n, 12 - n, 3), 10 * n, np.uint8) for n in range(5)]
        for picture in pictures:
            picture[:, 0] = 255
        assert write_pictures(tmp_path, name, iter(pictures)) == 5
    return tmp_path


def level(crop: np.ndarray) -> int:
    return int(np.rint((np.median(crop) + 1) * 127.5))


def test_an_epoch_has_every_picture_once(folder):
    content = Pictures(folder, "content", 8, seed=3)
    for epoch in range(2):
        seen = sorted(level(content.crop_at(5 * epoch + place)) for place in range(5))
        assert seen == [0, 10, 20, 30, 40]


def test_a_crop_is_of_the_step_and_the_seed(folder):
    crops = [Pictures(folder, "content", 6, seed).crop_at(7) for seed in (0, 0)]
    assert np.array_equal(crops[0], crops[1])
    runs = [
        b"".join(Pictures(folder, "content", 6, seed).crop_at(step).tobytes() for step in range(9))
        for seed in (0, 1)
    ]
    assert runs[0] != runs[1]
    batches = pairs(folder, 6, 0, 7, True)
    assert np.array_equal(next(batches)[0], crops[0])
    # Two streams of one seed do not go in step.
    orders = [
        [level(Pictures(folder, name, 6, 0).crop_at(step)) for step in range(15)]
        for name in ("content", "style")
    ]
    assert orders[0] != orders[1]


def test_crops_are_mirrored_half_of_the_time(folder):
    def right_edges(flip):
        pictures = Pictures(folder, "content", 8, 0, flip)
        crops = [pictures.crop_at(step) for step in range(60)]
        return sum(float(crop[0, 0, 0, -1]) == 1.0 for crop in crops)

    assert right_edges(False) == 0 < right_edges(True)


def test_values():
    assert scaled(np.array([0, 255], np.uint8).reshape(1, 1, 2, 1)).ravel().tolist() == [-1.0, 1.0]
