import numpy as np

from style_gan_tf.metrics import cut_crops


def test_as_many_as_fit_side_by_side_and_over_the_whole():
    rows, columns = np.meshgrid(np.arange(20), np.arange(33), indexing="ij")
    picture = np.stack([rows, columns, rows], -1).astype(np.float32)
    crops = cut_crops([picture, np.zeros((9, 40, 3)), np.zeros((11, 10, 3))], 10)
    assert crops.pictures.shape == (2 * 3 + 1, 10, 10, 3)
    assert crops.groups.tolist() == [0] * 6 + [2]  # One is too narrow.
    corners = [tuple(crop[0, 0, :2].astype(int)) for crop in crops.pictures[:6]]
    assert corners == [(0, 0), (0, 12), (0, 23), (10, 0), (10, 12), (10, 23)]
    np.testing.assert_array_equal(crops.pictures[5], picture[10:20, 23:33])


def test_one_is_cut_from_the_middle():
    picture = np.arange(19 * 19 * 3, dtype=np.float32).reshape(19, 19, 3)
    np.testing.assert_array_equal(cut_crops([picture], 10).pictures[0], picture[4:14, 4:14])


def test_squares_are_taken_as_they_are():
    squares = np.random.default_rng(0).normal(size=(3, 5, 5, 3))
    crops = cut_crops(squares, 0)
    assert crops.pictures is squares and crops.groups.tolist() == [0, 1, 2]
