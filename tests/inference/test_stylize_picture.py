"""One picture: size, alpha and strength."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from style_gan_tf.errors import UsageError
from style_gan_tf.images import Picture
from style_gan_tf.inference import stylize_picture


class Negative:
    """Gives the negative and keeps what it saw."""

    def stylize(self, images: np.ndarray) -> np.ndarray:
        self.seen = images
        return -images


class Same:
    """Gives back what it gets."""

    def stylize(self, images: np.ndarray) -> np.ndarray:
        return images


def picture(height: int, width: int, with_alpha: bool) -> Picture:
    random = np.random.default_rng([height, width])
    rgb = random.integers(0, 256, (height, width, 3), np.uint8)
    alpha = random.integers(0, 256, (height, width), np.uint8)
    return Picture(rgb, alpha if with_alpha else None)


@hypothesis.given(strategies.integers(1, 67), strategies.integers(1, 41), strategies.booleans())
def test_size_and_alpha_stay(height: int, width: int, with_alpha: bool) -> None:
    photo = picture(height, width, with_alpha)
    stylized = stylize_picture(Negative(), photo)
    assert stylized.rgb.shape == photo.rgb.shape and stylized.rgb.dtype == np.uint8
    if with_alpha:
        np.testing.assert_array_equal(stylized.alpha, photo.alpha)
    else:
        assert stylized.alpha is None
        np.testing.assert_array_equal(stylized.rgb, 255 - photo.rgb)


@hypothesis.given(strategies.integers(1, 67), strategies.integers(1, 41))
def test_a_network_that_changes_nothing_changes_nothing_to_see(height: int, width: int) -> None:
    photo = picture(height, width, with_alpha=True)
    stylized = stylize_picture(Same(), photo)
    difference = stylized.on_white().astype(int) - photo.on_white().astype(int)
    assert np.abs(difference).max() <= 1
    opaque = photo.alpha == 255
    np.testing.assert_array_equal(stylized.rgb[opaque], photo.rgb[opaque])


def test_hidden_colours_are_not_seen_by_the_network() -> None:
    rgb = np.zeros((8, 8, 3), np.uint8)
    rgb[..., 0] = 255
    model = Negative()
    stylize_picture(model, Picture(rgb, np.zeros((8, 8), np.uint8)))
    np.testing.assert_array_equal(model.seen, 1.0)


def test_strength_blends_pixels() -> None:
    photo = Picture(np.full((2, 3, 3), 200, np.uint8))
    assert stylize_picture(Negative(), photo, 0.0) is photo
    # The negative of 200 is 55.
    np.testing.assert_array_equal(stylize_picture(Negative(), photo, 0.2).rgb, 171)
    np.testing.assert_array_equal(stylize_picture(Negative(), photo, 1.0).rgb, 55)


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan"), float("inf")])
def test_strength_outside_is_refused(strength: float) -> None:
    with pytest.raises(UsageError, match="strength"):
        stylize_picture(Same(), Picture(np.zeros((1, 1, 3), np.uint8)), strength)
