import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.objectives.image_pool import ImagePool

SHAPE = (2, 2, 1)


def pictures(step: int, batch: int) -> np.ndarray:
    """Pictures that are told apart by their value: the hundreds say when, the units where."""
    values = 100.0 * (step + 1) + np.arange(batch)
    return np.broadcast_to(values[:, None, None, None], (batch, *SHAPE)).astype(np.float32)


class PlainPool:
    """The reference's history of one position, as in pytorch-CycleGAN-and-pix2pix."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.images: list[np.ndarray] = []

    def query(self, image: np.ndarray, slot: float, coin: float) -> np.ndarray:
        if len(self.images) < self.size:
            self.images.append(image)
            return image
        if coin >= 0.5:
            return image
        index = int(np.float32(slot) * np.float32(self.size))
        stored, self.images[index] = self.images[index], image
        return stored


@pytest.mark.parametrize(("size", "batch"), [(5, 1), (50, 1), (12, 4), (10, 4), (2, 4)])
def test_is_the_reference_algorithm_for_each_position(size, batch):
    pool = ImagePool(size, batch, SHAPE)
    slots = max(size // batch, 1)
    plain = [PlainPool(slots) for _ in range(batch)]
    exchange = tf.function(pool.exchange)
    older = 0
    for step in range(200):
        seed = tf.constant([7, step])
        images = pictures(step, batch)
        slot, coin = tf.random.stateless_uniform([2, batch], seed).numpy()
        shown = exchange(tf.constant(images), seed).numpy()
        wanted = [plain[i].query(images[i], slot[i], coin[i]) for i in range(batch)]
        np.testing.assert_array_equal(shown, wanted)
        stored = [[plain[i].images[s] for i in range(batch)] for s in range(len(plain[0].images))]
        np.testing.assert_array_equal(pool.variables["pictures"][: len(stored)], stored)
        older += int((shown[:, 0, 0, 0] < 100 * (step + 1)).sum())
    # With probability one half an earlier picture is seen.
    share = older / batch / (200 - slots)
    assert 0.35 < share < 0.65


def test_state_is_in_two_variables():
    pool = ImagePool(6, 2, SHAPE)
    assert set(pool.variables) == {"pictures", "calls"}
    assert pool.variables["pictures"].shape == (3, 2, *SHAPE)
    for step in range(5):
        pool.exchange(tf.constant(pictures(step, 2)), tf.constant([0, step]))
    assert pool.variables["calls"].numpy() == 3
    # A pool that gets the state goes on in the same way.
    copy = ImagePool(6, 2, SHAPE)
    for name, variable in pool.variables.items():
        copy.variables[name].assign(variable)
    for step in range(5, 15):
        arguments = tf.constant(pictures(step, 2)), tf.constant([0, step])
        np.testing.assert_array_equal(pool.exchange(*arguments), copy.exchange(*arguments))


def test_the_seed_alone_decides():
    def shown(seed: int) -> np.ndarray:
        pool = ImagePool(3, 1, SHAPE)
        return np.stack(
            [pool.exchange(tf.constant(pictures(i, 1)), tf.constant([seed, i])) for i in range(20)]
        )

    np.testing.assert_array_equal(shown(1), shown(1))
    assert (shown(1) != shown(2)).any()


def test_size_zero_shows_every_picture_as_it_is():
    pool = ImagePool(0, 4, SHAPE)
    assert pool.variables == {}
    for step in range(3):
        shown = pool.exchange(tf.constant(pictures(step, 4)), tf.constant([0, step]))
        np.testing.assert_array_equal(shown, pictures(step, 4))


@pytest.mark.parametrize("size", [0, 4])
def test_no_gradient_flows_back(size):
    images = tf.constant(pictures(0, 2))
    with tf.GradientTape() as tape:
        tape.watch(images)
        shown = tf.reduce_sum(ImagePool(size, 2, SHAPE).exchange(images, tf.constant([0, 0])))
    assert tape.gradient(shown, images) is None
