"""The style encoder: statistics that know no place, and sizes of all kinds."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.networks.style_encoder import (
    MapStatistics,
    build_style_encoder,
    mean_and_deviation,
)

RNG = np.random.default_rng(0)


def test_statistics_against_numpy():
    maps = RNG.normal(2, 3, (2, 5, 4, 3)).astype(np.float32)
    found = MapStatistics()(maps)
    assert found.dtype == tf.float32
    np.testing.assert_allclose(found[:, :3], maps.mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(found[:, 3:], maps.std((1, 2)), rtol=1e-4)


def test_a_silent_channel_has_a_gradient():
    maps = tf.Variable(tf.ones([1, 4, 4, 2]))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(mean_and_deviation(maps)[1])
    assert np.isfinite(tape.gradient(loss, maps)).all()


@pytest.mark.parametrize("size", [(16, 16), (33, 50), (128, 17)])
@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_codes_are_float32_of_any_size(size, dtype):
    encoder = build_style_encoder(6, dtype)
    code = encoder(RNG.uniform(-1, 1, (2, *size, 3)).astype(np.float32))
    assert code.shape == (2, 6) and code.dtype == tf.float32 and np.isfinite(code).all()


def test_a_mirrored_wall_of_tiles_has_the_code_of_the_tile():
    """A pattern that repeats looks the same wherever it starts: the borders alone differ."""
    keras.utils.set_random_seed(0)
    encoder = build_style_encoder(6)
    tile = RNG.uniform(-1, 1, (1, 16, 16, 3)).astype(np.float32)
    small, large = np.tile(tile, (1, 12, 12, 1)), np.tile(tile, (1, 24, 24, 1))
    other = np.tile(RNG.uniform(-1, 1, (1, 16, 16, 3)).astype(np.float32), (1, 12, 12, 1))
    same = np.abs(encoder(small) - encoder(large)).max()
    assert same < 0.2 * np.abs(encoder(small) - encoder(other)).max()
