import numpy as np
import pytest
from PIL import Image

from style_gan_tf import data
from style_gan_tf.errors import UserError


def test_whole_and_resized_by_the_short_side(tmp_path):
    for index, size in enumerate([(60, 40), (40, 80), (50, 50)]):
        Image.new("RGB", size, (255, 255, 51 * index)).save(tmp_path / f"{index}.png")
    source = data.open_source(str(tmp_path))
    pictures = data.whole_pictures(source, 9, 32)
    assert [p.shape for p in pictures] == [(32, 48, 3), (64, 32, 3), (32, 32, 3)]
    for index, picture in enumerate(pictures):
        assert picture.dtype == np.float32
        np.testing.assert_allclose(picture[..., 0], 1)
        np.testing.assert_allclose(picture[..., 2], 51 * index / 127.5 - 1, atol=1e-6)
    assert [p.shape for p in data.whole_pictures(source, 2, 32)] == [(32, 48, 3), (32, 32, 3)]


def test_one_file(tmp_path):
    Image.new("RGB", (60, 40)).save(tmp_path / "one.png")
    source = data.split(data.open_source(str(tmp_path / "one.png")), "train")
    assert len(data.whole_pictures(source, 16, 32)) == 1


def test_none_is_large_enough(tmp_path):
    Image.new("RGB", (60, 40)).save(tmp_path / "one.png")
    with pytest.raises(UserError, match="too small"):
        data.whole_pictures(data.open_source(str(tmp_path)), 16, 100)
