import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives.diff_augment import POLICIES, diff_augment, parse_policy

SEED = tf.constant([3, 5])
BATCH = 6
IMAGES = np.random.default_rng(0).uniform(-1, 1, (BATCH, 19, 26, 3)).astype(np.float32)


def augment(images, names, positions=None):
    positions = tf.range(len(images)) if positions is None else tf.constant(positions)
    return diff_augment(tf.constant(images), names, SEED, positions, BATCH)


def draws(index: int, count: int) -> np.ndarray:
    return tf.random.stateless_uniform([BATCH, count], tf.random.fold_in(SEED, index)).numpy()


def colored(image: np.ndarray, draw: np.ndarray) -> np.ndarray:
    brightness, saturation, contrast = draw
    image = image.astype(np.float64) + brightness - 0.5
    grey = image.mean(-1, keepdims=True)
    image = grey + 2 * saturation * (image - grey)
    return image.mean() + (0.5 + contrast) * (image - image.mean())


def translated(image: np.ndarray, draw: np.ndarray) -> np.ndarray:
    out = np.zeros_like(image)
    height, width = image.shape[:2]
    reach = height // 8, width // 8
    down, right = (int(d * (2 * r + 1)) - r for d, r in zip(draw, reach, strict=True))
    for row, column in np.ndindex(height, width):
        if 0 <= row + down < height and 0 <= column + right < width:
            out[row + down, column + right] = image[row, column]
    return out


def cut_out(image: np.ndarray, draw: np.ndarray) -> np.ndarray:
    out = image.copy()
    height, width = image.shape[:2]
    top, left = (int(d * n) - n // 2 // 2 for d, n in zip(draw, (height, width), strict=True))
    out[max(top, 0) : max(top + height // 2, 0), max(left, 0) : max(left + width // 2, 0)] = 0
    return out


MODELS = {"color": (colored, 1, 3), "translation": (translated, 2, 2), "cutout": (cut_out, 3, 2)}


@pytest.mark.parametrize("name", POLICIES)
def test_each_is_numpys(name):
    model, index, count = MODELS[name]
    wanted = [model(image, draw) for image, draw in zip(IMAGES, draws(index, count), strict=True)]
    found = augment(IMAGES, (name,))
    assert found.dtype == tf.float32
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    # Every picture has draws of its own.
    same = augment(np.repeat(IMAGES[:1], BATCH, axis=0), (name,)).numpy()
    assert len(np.unique(same.reshape(BATCH, -1), axis=0)) > 3


def test_all_follow_each_other_in_one_order_whatever_the_order_of_names():
    wanted = IMAGES
    for model, index, count in MODELS.values():
        wanted = [model(image, d) for image, d in zip(wanted, draws(index, count), strict=True)]
    for names in (POLICIES, POLICIES[::-1]):
        np.testing.assert_allclose(augment(IMAGES, names), wanted, atol=1e-5)


def test_none_changes_nothing():
    np.testing.assert_array_equal(augment(IMAGES, ()), IMAGES)


def test_draws_depend_on_the_position_alone():
    whole = augment(IMAGES, POLICIES)
    halves = [
        augment(IMAGES[part], POLICIES, list(range(BATCH))[part])
        for part in (slice(None, 3), slice(3, None))
    ]
    np.testing.assert_allclose(tf.concat(halves, 0), whole, atol=1e-6)
    np.testing.assert_allclose(augment(IMAGES[4:5], POLICIES, [4])[0], whole[4], atol=1e-6)


@pytest.mark.parametrize("name", POLICIES)
def test_gradients_flow_through(name):
    """Each is linear in the picture: the gradient of <u, f(x)> along x - x' is the difference."""
    other, upstream = np.random.default_rng(1).normal(size=(2, *IMAGES.shape)).astype(np.float32)
    images = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(images)
        value = tf.reduce_sum(
            diff_augment(images, (name,), SEED, tf.range(BATCH), BATCH) * upstream
        )
    gradient = tape.gradient(value, images).numpy()
    change = (augment(IMAGES + other, (name,)) - augment(IMAGES, (name,))).numpy() * upstream
    np.testing.assert_allclose((gradient * other).sum(), change.sum(), rtol=1e-3)
    assert np.abs(gradient).max() > 0


def test_second_order_gradients_flow_through():
    images = tf.constant(IMAGES)
    with tf.GradientTape() as outer:
        outer.watch(images)
        with tf.GradientTape() as inner:
            inner.watch(images)
            seen = diff_augment(images, POLICIES, SEED, tf.range(BATCH), BATCH)
            value = tf.reduce_sum(seen**3)
        norm = tf.reduce_sum(inner.gradient(value, images) ** 2)
    assert np.abs(outer.gradient(norm, images)).max() > 0


def test_pictures_smaller_than_the_reach():
    tiny = IMAGES[:, :1, :2]
    for name in POLICIES:
        assert np.isfinite(augment(tiny, (name,))).all()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("color", ("color",)),
        ("cutout, translation", ("cutout", "translation")),
        ("color,translation,cutout", POLICIES),
        ("color,,", ("color",)),
    ],
)
def test_policy_is_read(text, names):
    assert parse_policy(text) == names


def test_unknown_policy():
    with pytest.raises(UsageError, match="diff_augment=blur: choose from color") as error:
        parse_policy("color,blur")
    assert "\n" not in str(error.value)
