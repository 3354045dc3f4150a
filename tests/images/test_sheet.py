import numpy as np
import pytest

from style_gan_tf.images import captioned_sheet, resize_short_side, sheet


def flat(value, height=5, width=7):
    return np.full((height, width, 3), value, np.uint8)


def test_pictures_stand_on_white_with_gaps():
    result = sheet([[flat(10), flat(20)], [flat(30)]], gap=2)
    assert result.shape == (2 + 2 * (5 + 2), 2 + 2 * (7 + 2), 3)
    np.testing.assert_array_equal(result[2:7, 2:9], flat(10))
    np.testing.assert_array_equal(result[2:7, 11:18], flat(20))
    np.testing.assert_array_equal(result[9:14, 2:9], flat(30))
    assert (result[9:14, 9:] == 255).all()
    inside = result.astype(int).sum()
    assert inside == 255 * result.size - 105 * ((255 - 10) + (255 - 20) + (255 - 30))


def test_labels_are_dark_and_above():
    plain = sheet([[flat(10, 40, 60)]])
    labelled = sheet([[flat(10, 40, 60)]], labels=["a rather long label that does not fit"])
    band = len(labelled) - len(plain)
    assert band > 0
    np.testing.assert_array_equal(labelled[band:], plain)
    assert labelled[:band].min() < 100


def test_different_sizes_are_refused():
    with pytest.raises(ValueError, match="one size"):
        sheet([[flat(1), flat(1, 6)]])
    with pytest.raises(ValueError, match="one size"):
        sheet([])


@pytest.mark.parametrize(
    ("height", "width", "size", "expected"),
    [(20, 30, 10, (10, 15)), (30, 20, 40, (60, 40)), (7, 5, 3, (4, 3)), (1, 900, 1, (1, 900))],
)
def test_resize_short_side(height, width, size, expected):
    result = resize_short_side(flat(77, height, width), size)
    assert result.shape == (*expected, 3)
    assert (result == 77).all()


def test_shrinking_is_antialiased():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    small = resize_short_side(stripes, 8)
    assert np.abs(small.astype(int) - 127).max() < 12


def test_each_picture_has_its_caption():
    rows = [[flat(10, 40, 60), flat(20, 40, 60)], [flat(30, 40, 60)]]
    captions = [["one", "two"], ["three"]]
    result = captioned_sheet(rows, captions, gap=2)
    strips = [sheet([row], gap=2, labels=texts) for row, texts in zip(rows, captions, strict=True)]
    np.testing.assert_array_equal(result[: len(strips[0])], strips[0])
    np.testing.assert_array_equal(result[len(strips[0]) :, : strips[1].shape[1]], strips[1])
    assert (result[len(strips[0]) :, strips[1].shape[1] :] == 255).all()
    with pytest.raises(ValueError, match="shorter"):
        captioned_sheet(rows, captions[:1])
