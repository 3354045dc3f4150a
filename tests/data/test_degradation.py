import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.data import DAMAGES, degrade, degrade_all, parse_degradations
from style_gan_tf.data.degradation import Degradation
from style_gan_tf.errors import UsageError

PHOTO = np.random.default_rng(0).uniform(-1, 1, (24, 32, 3)).astype(np.float32)
LEVEL = 2 / 255  # one grey level


def damaged(text: str, image: np.ndarray = PHOTO, seed: int = 0) -> np.ndarray:
    return degrade(tf.constant(image), parse_degradations(text), tf.constant([seed, 3])).numpy()


def flat(value: float, side: int = 64) -> np.ndarray:
    return np.full((side, side, 3), value, np.float32)


def test_what_is_parsed():
    assert parse_degradations("") == parse_degradations("  ") == ()
    assert parse_degradations("noise:25, jpeg:30-90,grey") == (
        Degradation("noise", 25, 25),
        Degradation("jpeg", 30, 90),
        Degradation("grey", 1, 1),
    )
    assert parse_degradations("jpeg:30-90@0.5,grey@.25,noise:5@1") == (
        Degradation("jpeg", 30, 90, 0.5),
        Degradation("grey", 1, 1, 0.25),
        Degradation("noise", 5, 5),
    )
    assert parse_degradations("blur:.5-1.5") == (Degradation("blur", 0.5, 1.5),)
    for name, damage in DAMAGES.items():
        (usual,) = parse_degradations(name)
        assert damage.least <= usual.low <= usual.high <= damage.most


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fog", "choose from noise, blur"),
        ("noise:25,", "choose from"),
        ("noise:", "noise:STRENGTH"),
        ("noise:loud", "noise:LOW-HIGH"),
        ("noise:-5", "noise:LOW-HIGH"),
        ("noise:300", "[0, 255]"),
        ("noise:50-20", "the lower one first"),
        ("jpeg:0", "[1, 100]"),
        ("jpeg:50.5", "whole number"),
        ("downscale:0.5", "[1, 16]"),
        ("fade:2", "[0, 1]"),
        ("noise:25@", "after @ comes the part of the pictures, up to 1"),
        ("noise@0", "after @"),
        ("noise@1.5", "after @"),
        ("noise@0.2-0.5", "after @"),
    ],
)
def test_a_wrong_text_gives_one_line(text, words):
    with pytest.raises(UsageError) as error:
        parse_degradations(text)
    assert words in str(error.value) and f"--degrade={text.split(',')[-1]}" in str(error.value)
    assert "\n" not in str(error.value)


def test_noise_has_the_sigma_that_is_named():
    difference = (damaged("noise:25", flat(0.0, 128)) - flat(0.0, 128)) / LEVEL
    count = difference.size
    # Rounding to 8 bits adds a uniform error of one level.
    assert difference.std() == pytest.approx(np.sqrt(25**2 + 1 / 12), rel=4 / np.sqrt(2 * count))
    assert abs(difference.mean()) < 4 * 25 / np.sqrt(count) + 0.51
    kurtosis = np.mean(difference**4) / np.mean(difference**2) ** 2
    assert kurtosis == pytest.approx(3, abs=0.1)
    colours = np.corrcoef(difference.reshape(-1, 3).T)
    assert np.abs(colours - np.eye(3)).max() < 0.05


def test_strengths_of_a_range_are_drawn_evenly():
    (degradation,) = parse_degradations("noise:10-40")
    drawn = [damaged("noise:10-40", flat(0.0), seed).std() / LEVEL for seed in range(60)]
    assert min(drawn) < 14 and max(drawn) > 36 and degradation.low <= min(drawn) + 1
    assert np.mean(drawn) == pytest.approx(25, abs=4)


def test_blur_of_an_impulse_is_a_gaussian():
    impulse = flat(-1.0, 33)
    impulse[16, 16] = 1.0
    x = np.arange(-16, 17)
    bell = np.exp(-(x**2) / (2 * 1.5**2))
    bell /= bell[np.abs(x) <= 5].sum()  # cut off at 3 sigma, rounded up
    wanted = np.outer(bell, bell) * (np.abs(x) <= 5) * (np.abs(x) <= 5)[:, np.newaxis]
    found = (damaged("blur:1.5", impulse) + 1) / 2
    np.testing.assert_allclose(found[..., 0], wanted, atol=0.51 / 255)
    np.testing.assert_array_equal(found[..., 0], found[..., 2])


def test_blur_keeps_what_is_flat_and_takes_pictures_smaller_than_its_kernel():
    np.testing.assert_allclose(damaged("blur:5", flat(0.2, 9)), flat(0.2, 9), atol=LEVEL / 2)
    np.testing.assert_allclose(damaged("blur:0"), PHOTO, atol=LEVEL / 2 + 1e-6)


def test_grey_is_luma():
    luma = PHOTO @ np.array([0.299, 0.587, 0.114], np.float32)
    for strength in (1.0, 0.25):
        wanted = PHOTO + strength * (luma[..., np.newaxis] - PHOTO)
        found = damaged(f"grey:{strength}")
        np.testing.assert_allclose(found, wanted, atol=LEVEL / 2 + 1e-6)


def test_fade_leaves_a_part_of_every_difference():
    found = damaged("fade:0.6")
    paper = (found - 0.4 * PHOTO) / 0.6
    # One colour for the whole picture, warm: red above green above blue.
    np.testing.assert_allclose(paper, np.broadcast_to(paper.mean((0, 1)), paper.shape), atol=LEVEL)
    red, green, blue = paper.mean((0, 1))
    assert red > green > blue
    tones = {tuple(np.round(damaged("fade:1", seed=seed)[0, 0], 2)) for seed in range(8)}
    assert len(tones) > 3


def test_jpeg_is_tensorflows_and_worse_at_a_lower_quality():
    pixels = np.rint((PHOTO + 1) * 127.5).astype(np.uint8)
    encoded = tf.io.encode_jpeg(pixels, quality=40)
    wanted = tf.io.decode_jpeg(encoded, dct_method="INTEGER_ACCURATE").numpy()
    found = (damaged("jpeg:40") + 1) * 127.5
    np.testing.assert_allclose(found, wanted, atol=1e-3)
    errors = [np.abs(damaged(f"jpeg:{quality}") - PHOTO).mean() for quality in (95, 50, 10)]
    assert errors == sorted(errors)


def test_jpeg_draws_every_quality_of_its_range():
    sizes = {damaged("jpeg:10-12", seed=seed).tobytes() for seed in range(30)}
    alone = {damaged(f"jpeg:{quality}").tobytes() for quality in (10, 11, 12)}
    assert sizes == alone


def test_downscaling_takes_away_what_is_too_fine():
    board = np.indices((32, 32)).sum(0) % 2 * 2.0 - 1
    board = np.repeat(board[..., np.newaxis], 3, -1).astype(np.float32)
    assert np.abs(damaged("downscale:2", board)[4:-4, 4:-4]).max() < 0.1
    np.testing.assert_allclose(damaged("downscale:3.7", flat(0.4)), flat(0.4), atol=LEVEL)
    np.testing.assert_allclose(damaged("downscale:1"), PHOTO, atol=LEVEL / 2 + 1e-6)


def test_scratches_cover_more_and_more_and_leave_the_rest():
    grey = flat(0.0, 96)
    covered = []
    for strength in (0.0, 0.3, 1.0):
        touched = [
            np.abs(damaged(f"scratches:{strength}", grey, seed)) > LEVEL for seed in range(12)
        ]
        covered.append(np.mean(touched))
    assert covered[0] == 0 < covered[1] < covered[2] < 0.5
    one = damaged("scratches:1", grey)
    assert one.min() < -0.5 and one.max() > 0.5
    np.testing.assert_array_equal(one[..., 0], one[..., 1])


@pytest.mark.parametrize("name", DAMAGES)
def test_the_seed_alone_decides_and_the_result_is_an_8_bit_picture(name):
    first, again = damaged(name), damaged(name)
    np.testing.assert_array_equal(first, again)
    assert first.dtype == np.float32 and first.shape == PHOTO.shape
    assert np.abs(first).max() <= 1
    levels = (first + 1) * 127.5
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-3)
    if name not in ("grey", "jpeg"):  # No draw, or one of few.
        assert np.abs(damaged(name, seed=1) - first).max() > 0
    traced = tf.function(lambda image, seed: degrade(image, parse_degradations(name), seed))
    in_graph = traced(tf.constant(PHOTO), tf.constant([0, 3]))
    np.testing.assert_allclose(in_graph, first, atol=LEVEL + 1e-6)


def test_order_is_that_of_the_text():
    """Grey after noise is grey; noise after grey has colours."""
    grey_last, noise_last = damaged("noise:25,grey:1"), damaged("grey:1,noise:25")
    assert np.ptp(grey_last, axis=-1).max() < LEVEL / 2
    assert np.ptp(noise_last, axis=-1).max() > 10 * LEVEL


def test_a_chance_leaves_the_others_as_they_are():
    found = [damaged("grey@0.3", seed=seed) for seed in range(200)]
    whole, grey = (damaged(text) for text in ("", "grey"))
    befallen = [np.array_equal(picture, grey) for picture in found]
    assert all(b or np.array_equal(p, whole) for b, p in zip(befallen, found, strict=True))
    assert 40 <= sum(befallen) <= 80  # 60 with a deviation of 6.5
    # Whether it befalls a picture hangs on nothing that comes before it or after.
    np.testing.assert_array_equal(damaged("noise:20@1", seed=4), damaged("noise:20", seed=4))


def test_pictures_to_measure_on_are_always_damaged_alike():
    pictures = np.stack([PHOTO, PHOTO])
    noise = parse_degradations("noise:25")
    first = degrade_all(pictures, noise)
    np.testing.assert_array_equal(first, degrade_all(pictures, noise))
    assert np.abs(first[0] - first[1]).max() > 0.1
    assert degrade_all(pictures[:0], noise).shape == (0, *PHOTO.shape)
