import numpy as np
import pytest
import skimage.data

from style_gan_tf.metrics import find_faces
from style_gan_tf.metrics.faces import faces_found_again, within_boxes


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return skimage.data.astronaut().astype(np.float32) / 127.5 - 1


@pytest.mark.parametrize("step", [1, 4])
def test_the_astronaut_has_one_face_large_and_small(astronaut, step, capfd):
    boxes = find_faces(astronaut[::step, ::step])
    assert boxes.shape == (1, 4)
    left, top, width, height = boxes[0] * step
    # Her nose lies at about (223, 125) and is in the middle of a face of some 90 by 115 pixels.
    assert abs(left + width / 2 - 223) < 12 and abs(top + height / 2 - 120) < 15
    assert 70 < width < 120 and 90 < height < 140
    told = capfd.readouterr()
    assert not told.out and "WARN" not in told.err


def test_nobody_is_there():
    assert find_faces(np.zeros((40, 60, 3), np.float32)).shape == (0, 4)


def boxes(*rows):
    return np.array(rows, np.float64).reshape(-1, 4)


def test_faces_are_matched_by_overlap_one_to_one():
    before = boxes((0, 0, 10, 10), (100, 0, 10, 10))
    assert faces_found_again(before, before) == 2
    assert faces_found_again(before, boxes((2, 1, 10, 10))) == 1
    # Two of one do not stand for the other; what is elsewhere is another face.
    assert faces_found_again(before, boxes((0, 0, 10, 10), (1, 0, 10, 10))) == 1
    assert faces_found_again(before, boxes((50, 50, 10, 10))) == 0
    assert faces_found_again(before, boxes()) == 0
    # Intersection over union: 4 of 10 columns shared is 4/16, 5 of 10 a third.
    assert faces_found_again(before[:1], boxes((6, 0, 10, 10))) == 0
    assert faces_found_again(before[:1], boxes((5, 0, 10, 10))) == 1


def test_points_within_boxes():
    inside = within_boxes(boxes((10, 0, 10, 5)), np.array([2.0, 8.0]), np.array([4.0, 12.0, 20.0]))
    np.testing.assert_array_equal(inside, [[False, True, True], [False, False, False]])
    assert not within_boxes(boxes(), np.arange(3.0), np.arange(2.0)).any()
