"""Codes of pictures drive the generator as named styles do."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.networks import (
    any_size,
    build_generator,
    by_code,
    encode_style,
    load_network,
    named_codes,
    rebuild,
)
from style_gan_tf.networks.coded_styles import with_drives

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def generator():
    keras.utils.set_random_seed(0)
    network = build_generator("fast", filters=8, n_blocks=1, num_styles=2, style_encoder=True)
    network.recipe["styles"] = ["ink", "oil"]
    rng = np.random.default_rng(1)
    network.set_weights([w + rng.normal(0, 0.05, w.shape) for w in network.get_weights()])
    return network


def pictures(count: int = 1, height: int = 24, width: int = 20):
    return tf.constant(RNG.uniform(-1, 1, (count, height, width, 3)).astype(np.float32))


def test_a_code_drives_the_generator_as_weights_do(generator):
    photos, driven = pictures(2), by_code(generator)
    names = named_codes(generator)
    assert names.shape == (2, 65) and (names[:, 0] == 1).all()
    for weights in ([0.0, 1.0], [0.0, 0.5], [0.3, 0.6], [0.0, 0.0]):
        weights = tf.constant([weights] * 2, tf.float32)
        by_weights = any_size(generator, photos, style_weights=weights)
        driven_by = any_size(driven, photos, style_weights=weights @ names)
        np.testing.assert_allclose(driven_by, by_weights, atol=1e-6)


def test_the_network_in_training_is_driven_likewise(generator):
    photos, code = pictures(), encode_style(generator, pictures(height=50, width=33))
    expected = by_code(generator)([photos, 0.5 * code])
    found = with_drives(generator)([photos, tf.constant([[0.1, 0.4]]), 0.5 * code[:, 1:]])
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_one_style_with_an_encoder_takes_weights():
    network = build_generator("fast", filters=4, n_blocks=1, style_encoder=True)
    assert network.takes_weights and network.num_styles == 1
    photos = pictures()
    still = any_size(network, photos, style_weights=tf.zeros([1, 1]))
    np.testing.assert_array_equal(still, photos)


def test_files_and_other_precisions_keep_the_encoder(generator, tmp_path):
    reference = pictures(height=40, width=40)
    code = encode_style(generator, reference).numpy()
    generator.save(tmp_path / "g.keras")
    np.testing.assert_array_equal(encode_style(load_network(tmp_path / "g.keras"), reference), code)
    np.testing.assert_array_equal(encode_style(by_code(generator), reference), code)
    half = encode_style(rebuild(generator, "mixed_bfloat16"), reference)
    np.testing.assert_allclose(half, code, atol=0.05 * np.abs(code).max())


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (1, 7)])
def test_references_of_any_size(generator, size):
    code = encode_style(generator, pictures(1, *size))
    assert code.shape == (1, 65) and np.isfinite(code).all()


def test_a_reference_twice_as_large_has_nearly_the_same_code(generator):
    """Of what both sizes show; a picture of finer texture would lose it."""
    smooth = tf.image.resize(pictures(height=8, width=10), [200, 250], "bicubic")
    large = tf.image.resize(smooth, [400, 500], "bicubic")
    other = tf.image.resize(pictures(height=8, width=10), [200, 250], "bicubic")
    codes = [encode_style(generator, tf.clip_by_value(x, -1, 1)) for x in (smooth, large, other)]
    assert np.abs(codes[0] - codes[1]).max() < 0.1 * np.abs(codes[0] - codes[2]).max()


def test_references_are_seen_at_the_size_of_the_training(generator, tmp_path):
    larger = pictures(height=160, width=160)
    copy = rebuild(generator, "float32")
    copy.recipe["reference_side"] = 40
    seen = tf.clip_by_value(tf.image.resize(larger, [40, 40], "bicubic", antialias=True), -1, 1)
    wanted = copy.style_encoder(seen, training=False)
    found = encode_style(copy, larger)[:, 1:]
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert np.abs(encode_style(generator, larger)[:, 1:] - wanted).max() > 0.01
    copy.save(tmp_path / "g.keras")
    again = by_code(load_network(tmp_path / "g.keras"))
    assert again.recipe["reference_side"] == 40
    np.testing.assert_allclose(encode_style(again, larger)[:, 1:], found, atol=1e-5)
