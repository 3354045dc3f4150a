"""The styles of a model and those that are added: which is meant, and which are its own."""

from pathlib import Path

import numpy as np
from PIL import Image

from style_gan_tf.images import Picture
from style_gan_tf.inference.style_table import StyleTable, choose


def mean_color(picture: Picture) -> np.ndarray:
    """Stands in for an encoder."""
    return np.array([1.0, picture.rgb.mean()], np.float32)


def table(*names: str) -> StyleTable:
    rows = np.stack([np.array([1.0, -index - 1.0], np.float32) for index in range(len(names))])
    return StyleTable(names, rows, encode=mean_color)


def picture(folder: Path) -> Path:
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4] = 100
    Image.fromarray(pixels).save(folder / "half.png")
    return folder / "half.png"


def test_the_picture_wins_over_a_style_of_its_name(tmp_path: Path) -> None:
    for names in (("reference", "ink"), ("ink", "oil")):
        for style in ("", "reference"):
            _, row = choose(table(*names), style, picture(tmp_path))
            np.testing.assert_array_equal(row, [1, 50])
    # Without a picture it is the model's.
    np.testing.assert_array_equal(choose(table("ink", "reference"), "reference")[1], [1, -2])


def test_what_is_added_is_not_the_models_own(tmp_path: Path) -> None:
    chosen, _ = choose(table("ink", "oil"), "reference:0.5,ink:0.5", picture(tmp_path))
    assert chosen.names == ("ink", "oil", "reference") and chosen.own == ("ink", "oil")
