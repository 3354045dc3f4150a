"""The sheet of samples that goes with an export."""

import numpy as np
import pytest

from style_gan_tf.images import Picture, resize_short_side
from style_gan_tf.inference import load_model, stylize_picture
from style_gan_tf.inference.sample_sheet import sample_sheet
from style_gan_tf.networks import build_generator
from tests import reference_model

SIDE, GAP = 24, 4


@pytest.fixture
def pictures() -> list[Picture]:
    rng = np.random.default_rng(0)
    return [Picture(rng.integers(0, 256, (30, 40, 3)).astype(np.uint8)) for _ in range(3)]


def cell(sheet: np.ndarray, row: int, column: int) -> np.ndarray:
    top, left = (GAP + place * (SIDE + GAP) for place in (row, column))
    return sheet[top : top + SIDE, left : left + SIDE]


def test_a_row_for_each_style(tmp_path, pictures):
    build_generator("fast", filters=4, n_blocks=1, num_styles=2).save(tmp_path / "g.keras")
    found = sample_sheet(load_model(tmp_path / "g.keras"), pictures, SIDE)
    assert found.shape == (GAP + 3 * (SIDE + GAP), GAP + 3 * (SIDE + GAP), 3)


def test_pictures_in_the_style_of_one_another(tmp_path, pictures):
    reference_model.build().save(tmp_path / "g.keras")
    found = sample_sheet(load_model(tmp_path / "g.keras", "float32"), pictures, SIDE)
    # The pictures, two styles by name, and three by picture.
    assert found.shape == (GAP + 6 * (SIDE + GAP), GAP + 4 * (SIDE + GAP), 3)
    assert (cell(found, 0, 0) == 255).all()
    for index in range(3):
        np.testing.assert_array_equal(cell(found, 3 + index, 0), cell(found, 0, 1 + index))
    by_first, by_second = cell(found, 3, 1).astype(int), cell(found, 4, 1)
    assert np.abs(by_first - by_second).max() > 3


def test_pictures_are_painted_at_their_own_size_and_shown_smaller(tmp_path, pictures):
    generator = build_generator("fast", filters=4, n_blocks=1)
    rng = np.random.default_rng(2)
    generator.set_weights([w + rng.normal(0, 0.2, w.shape) for w in generator.get_weights()])
    generator.save(tmp_path / "g.keras")
    model = load_model(tmp_path / "g.keras", "float32")
    found = sample_sheet(model, pictures, SIDE)
    painted = stylize_picture(model, pictures[0]).rgb
    middle = resize_short_side(painted, SIDE)
    left = (middle.shape[1] - SIDE) // 2
    np.testing.assert_array_equal(cell(found, 1, 0), middle[:, left : left + SIDE])
