"""Whose colours a stylized picture has."""

import numpy as np
import pytest

from style_gan_tf.images import Picture, oklab
from style_gan_tf.inference.color import ColorStatistics, MatchColor, preserve_color
from style_gan_tf.inference.pictures import finish, prepare, stylize_picture

RANDOM = np.random.default_rng(0)


def muted(height: int = 40, width: int = 30, offset: float = 0.0) -> np.ndarray:
    """Colours that stay within sRGB when they are moved a little."""
    noise = RANDOM.multivariate_normal(
        (0.45 + offset, 0.5, 0.4), np.diag((0.004, 0.003, 0.005)), (height, width)
    )
    return np.clip(noise, 0, 1).astype(np.float32)


def test_preserve_color_takes_lightness_from_one_and_the_rest_from_the_other() -> None:
    stylized, photo = muted(offset=0.1), muted()
    lab = oklab(preserve_color(stylized, photo))
    np.testing.assert_allclose(lab[..., 0], oklab(stylized)[..., 0], atol=2e-3)
    np.testing.assert_allclose(lab[..., 1:], oklab(photo)[..., 1:], atol=2e-3)
    np.testing.assert_allclose(preserve_color(photo, photo), photo, atol=1e-3)


def test_match_color_gives_mean_and_covariance() -> None:
    stylized, target = muted(offset=0.1), muted(20, 50, -0.05)[..., ::-1] * 0.9 + 0.05
    lab = oklab(MatchColor(target)(stylized, stylized))
    wanted, got = ColorStatistics.of(oklab(target)), ColorStatistics.of(lab)
    np.testing.assert_allclose(got.mean, wanted.mean, atol=2e-3)
    np.testing.assert_allclose(got.covariance, wanted.covariance, atol=1e-4)


def test_the_map_is_the_optimal_one() -> None:
    """Symmetric and positive, and none at all between the same."""
    match, source = MatchColor(muted()), ColorStatistics.of(oklab(muted(offset=0.1)))
    corners = np.eye(3, dtype=np.float32)[None]
    matrix = (match.mapped(corners, source) - match.mapped(0 * corners, source))[0].T
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-4)
    assert np.linalg.eigvalsh(matrix).min() > 0
    np.testing.assert_allclose(match.mapped(corners, match.target), corners, atol=1e-3)


def test_one_colour_is_moved_and_noise_is_not_amplified() -> None:
    flat = np.full((8, 8, 3), 0.5, np.float32)
    flat[::2] += 0.001
    matched = MatchColor(muted())(flat, flat)
    assert np.ptp(oklab(matched)[..., 0]) < 0.02
    target = ColorStatistics.of(oklab(muted()))
    np.testing.assert_allclose(oklab(matched).mean((0, 1)), target.mean, atol=0.02)


def test_what_is_transparent_does_not_count() -> None:
    picture = muted()
    alpha = np.zeros(picture.shape[:2], np.uint8)
    alpha[:20] = 255
    half = ColorStatistics.of(oklab(picture[:20]))
    weighted = ColorStatistics.of(oklab(picture), alpha)
    np.testing.assert_allclose(weighted.mean, half.mean, atol=1e-9)
    np.testing.assert_allclose(weighted.covariance, half.covariance, atol=1e-9)
    nothing = ColorStatistics.of(oklab(picture), 0 * alpha)
    np.testing.assert_allclose(nothing.mean, oklab(picture).mean((0, 1)), atol=1e-5)


def test_mixture_of_statistics() -> None:
    one, other = oklab(muted(30, 10)), oklab(muted(10, 10, 0.2))
    mixed = ColorStatistics.of(one).mixed(ColorStatistics.of(other), 0.25)
    both = ColorStatistics.of(np.concatenate([one, other]))
    np.testing.assert_allclose(mixed.mean, both.mean, atol=1e-9)
    np.testing.assert_allclose(mixed.covariance, both.covariance, atol=1e-9)


class Reddish:
    def stylize(self, images: np.ndarray) -> np.ndarray:
        return np.clip(images + np.float32([0.4, 0.1, -0.3]), -1, 1)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_in_a_picture(dtype: type) -> None:
    white = np.iinfo(dtype).max
    photo = Picture(np.rint(muted() * white).astype(dtype))
    plain = stylize_picture(Reddish(), photo)
    kept = stylize_picture(Reddish(), photo, color=preserve_color)
    half = stylize_picture(Reddish(), photo, 0.5, preserve_color)
    chroma = [oklab(p.rgb / white)[..., 1:].mean((0, 1)) for p in (photo, plain, kept)]
    assert np.abs(chroma[2] - chroma[0]).max() < 3e-3 < np.abs(chroma[1] - chroma[0]).max()
    between = (photo.rgb.astype(float) + kept.rgb) / 2
    assert np.abs(half.rgb - between).max() <= 1.01


def test_16_bits_are_computed_in_float32() -> None:
    """All 65536 values come through a network that changes nothing."""
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    photo = Picture(np.stack([values, values[::-1], values.T], -1))
    images = prepare(photo)
    assert images.dtype == np.float32
    np.testing.assert_array_equal(finish(photo, images[0]).rgb, photo.rgb)
