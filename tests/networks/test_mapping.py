"""Noise makes renderings of a style: heads by style, codes, and the generator that takes them."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import (
    any_size,
    build_generator,
    by_code,
    is_coded,
    load_network,
    named_codes,
    rendered_codes,
)
from style_gan_tf.networks.mapping import OfStyles, build_mapping

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def generator():
    keras.utils.set_random_seed(0)
    network = build_generator("fast", filters=4, n_blocks=1, num_styles=2, latent_dim=5)
    rng = np.random.default_rng(1)
    network.set_weights([w + rng.normal(0, 0.05, w.shape) for w in network.get_weights()])
    return network


def noise(count: int = 2) -> np.ndarray:
    return RNG.normal(size=(count, 5)).astype(np.float32)


def test_heads_against_numpy():
    values, weights = RNG.normal(size=(3, 8)), RNG.uniform(size=(3, 2))
    found = OfStyles(2)([tf.constant(values, tf.float32), tf.constant(weights, tf.float32)])
    expected = np.einsum("bkn,bk->bn", values.reshape(3, 2, 4), weights)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_each_style_has_a_head_of_its_own():
    mapping = build_mapping(5, 2, 7)
    z = tf.constant(noise(1))
    one, other = (mapping([z, tf.constant([w])]) for w in ([1.0, 0.0], [0.0, 1.0]))
    assert one.shape == (1, 7) and np.abs(one - other).max() > 1e-3
    half = mapping([z, tf.constant([[0.5, 0.5]])])
    np.testing.assert_allclose(half, (one + other) / 2, atol=1e-5)
    np.testing.assert_array_equal(mapping([z, tf.zeros([1, 2])]), np.zeros((1, 7)))


def test_renderings_of_a_style_differ_around_it(generator):
    assert is_coded(generator) and generator.takes_weights
    weights = np.array([[0.0, 1.0]] * 2, np.float32)
    names = named_codes(generator)
    codes = rendered_codes(generator, names, noise(), weights)
    assert codes.shape == (2, 65) and (codes[:, 0].numpy() == 1).all()
    driven = by_code(generator)
    photo = tf.constant(RNG.uniform(-1, 1, (1, 20, 24, 3)).astype(np.float32))
    pictures = [any_size(driven, photo, style_weights=code[tf.newaxis]) for code in codes]
    assert np.abs(pictures[0] - pictures[1]).max() > 1e-3
    plain = any_size(generator, photo, style_weights=weights[:1])
    np.testing.assert_allclose(any_size(driven, photo, style_weights=names[1:]), plain, atol=1e-6)


def test_files_keep_the_mapping(generator, tmp_path):
    generator.save(tmp_path / "g.keras")
    z, weights = tf.constant(noise()), tf.constant([[1.0, 0.0]] * 2)
    expected = generator.mapping([z, weights])
    for network in (load_network(tmp_path / "g.keras"), by_code(generator)):
        np.testing.assert_array_equal(network.mapping([z, weights]), expected)


def test_noise_of_less_than_nothing_is_refused():
    with pytest.raises(UsageError, match=r"generator\.latent_dim=-1: must be at least 0"):
        build_generator("fast", latent_dim=-1)
    assert build_generator("fast", filters=4, latent_dim=0).mapping is None
