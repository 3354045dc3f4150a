import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax

from style_gan_tf.networks import build_generator
from style_gan_tf.objectives.patch_nce import (
    build_projection,
    encoder_of,
    patch_nce_loss,
    sample_patches,
    with_features,
)

SEED = tf.constant([1, 2])
GENERATORS = {
    "fast": {"filters": 4, "n_blocks": 3},
    "resnet": {"filters": 2, "n_blocks": 2},
}


def units(*shape: int, seed: int = 0) -> np.ndarray:
    x = np.random.default_rng(seed).normal(size=shape)
    return (x / np.linalg.norm(x, axis=-1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("temperature", [0.07, 1.0])
def test_loss_is_numpys(temperature):
    queries, keys = units(3, 7, 5), units(3, 7, 5, seed=1)
    terms = [
        -log_softmax(keys[picture].astype(np.float64) @ queries[picture, own] / temperature)[own]
        for picture in range(3)
        for own in range(7)
    ]
    found = patch_nce_loss(tf.constant(queries), tf.constant(keys), temperature)
    assert found.shape == ()
    np.testing.assert_allclose(found, np.mean(terms), rtol=1e-5)


def test_loss_in_closed_form():
    # Orthogonal places that find themselves, and places that cannot be told apart.
    one_hot = tf.eye(5)[None]
    np.testing.assert_allclose(
        patch_nce_loss(one_hot, one_hot, 1.0), np.log(1 + 4 * np.exp(-1.0)), rtol=1e-6
    )
    same = tf.tile(one_hot[:, :1], [1, 5, 1])
    np.testing.assert_allclose(patch_nce_loss(same, same), np.log(5), rtol=1e-6)


@pytest.mark.parametrize("hard_negatives", [0.5, 1.0])
def test_hard_negatives_are_numpys(hard_negatives):
    queries, keys = units(2, 6, 5), units(2, 6, 5, seed=1)
    logits = (queries @ keys.transpose(0, 2, 1)).astype(np.float64) / 0.3
    terms = []
    for picture in range(2):
        for own in range(6):
            row = logits[picture, own]
            others = np.delete(row, own)
            factors = np.exp(hard_negatives * others)
            factors /= factors.mean()
            negatives = np.sum(factors * np.exp(others))
            terms.append(np.log(np.exp(row[own]) + negatives) - row[own])
    found = patch_nce_loss(queries, keys, 0.3, hard_negatives=hard_negatives)
    np.testing.assert_allclose(found, np.mean(terms), rtol=1e-5)
    assert found > patch_nce_loss(queries, keys, 0.3)


def test_negatives_as_far_as_each_other_count_as_before():
    one_hot = tf.eye(5)[None]
    np.testing.assert_allclose(
        patch_nce_loss(one_hot, one_hot, 1.0, hard_negatives=2.0),
        np.log(1 + 4 * np.exp(-1.0)),
        rtol=1e-6,
    )


def test_a_single_place_has_no_negatives():
    alone = tf.constant(units(2, 1, 4))
    assert patch_nce_loss(alone, alone, hard_negatives=1.0) == 0


def test_no_gradient_flows_into_the_keys():
    queries, keys = tf.constant(units(2, 4, 3)), tf.constant(units(2, 4, 3, seed=1))
    with tf.GradientTape() as tape:
        tape.watch([queries, keys])
        loss = patch_nce_loss(queries, keys)
    to_queries, to_keys = tape.gradient(loss, [queries, keys])
    assert to_keys is None
    logits = np.einsum("bqw,bkw->bqk", queries, keys) / 0.07
    share = np.exp(log_softmax(logits.astype(np.float64), axis=-1))
    wanted = np.einsum("bqk,bkw->bqw", share - np.eye(4), keys) / 0.07 / 8
    np.testing.assert_allclose(to_queries, wanted, rtol=1e-3, atol=1e-4)


def numbered(batch: int, rows: int, columns: int) -> tf.Tensor:
    """Maps whose value names the place; the second channel names the picture."""
    places = np.tile(np.arange(rows * columns).reshape(1, rows, columns, 1), (batch, 1, 1, 1))
    pictures = np.broadcast_to(np.arange(batch).reshape(-1, 1, 1, 1), places.shape)
    return tf.constant(np.concatenate([places, pictures], -1), tf.float32)


def test_sampling_is_without_replacement_and_the_same_for_every_picture():
    (sampled,) = sample_patches([numbered(3, 5, 6)], 12, SEED)
    places, pictures = sampled[..., 0].numpy(), sampled[..., 1].numpy()
    assert places.shape == (3, 12)
    assert len(set(places[0])) == 12
    assert set(places[0]) <= set(range(30))
    assert (places == places[0]).all()
    np.testing.assert_array_equal(pictures, np.repeat([[0], [1], [2]], 12, axis=1))


def test_maps_differ_and_the_seed_decides():
    maps = [numbered(1, 6, 6), numbered(1, 6, 6)]
    first, second = (s[0, :, 0].numpy() for s in sample_patches(maps, 20, SEED))
    assert (first != second).any()
    np.testing.assert_array_equal(sample_patches(maps, 20, SEED)[0][0, :, 0], first)
    assert (sample_patches(maps, 20, tf.constant([1, 3]))[0][0, :, 0].numpy() != first).any()


def test_every_place_is_as_likely():
    counts = np.zeros(16)
    for step in range(300):
        (sampled,) = sample_patches([numbered(1, 4, 4)], 4, tf.constant([0, step]))
        counts[sampled[0, :, 0].numpy().astype(int)] += 1
    # Each is drawn 75 times, with a deviation of seven and a half.
    assert np.abs(counts - 75).max() < 35


def test_a_small_map_gives_all_its_places():
    (sampled,) = sample_patches([numbered(2, 2, 3)], 256, SEED)
    np.testing.assert_array_equal(np.sort(sampled[1, :, 0]), np.arange(6))


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_projection_has_unit_length(dtype):
    keras.utils.set_random_seed(0)
    projection = build_projection([3, 8], 32, dtype)
    inputs = [tf.constant(100 * units(2, 7, 3)), tf.constant(units(2, 4, 8))]
    for output, shape in zip(projection(inputs), [(2, 7, 32), (2, 4, 32)], strict=True):
        assert output.shape == shape
        assert output.dtype == tf.float32
        np.testing.assert_allclose(np.linalg.norm(output, axis=-1), 1.0, rtol=1e-4)


def test_projection_is_numpys():
    keras.utils.set_random_seed(0)
    projection = build_projection([3, 2], 4, "float32")
    rng = np.random.default_rng(0)
    projection.set_weights([rng.normal(size=w.shape) for w in projection.get_weights()])
    maps = [units(2, 6, 3), units(2, 5, 2)]
    # Keras orders by depth: both first layers, then both second ones.
    weights = projection.get_weights()
    perceptrons = [weights[:2] + weights[4:6], weights[2:4] + weights[6:]]
    found = projection([tf.constant(x) for x in maps])
    for x, y, (first, first_bias, second, second_bias) in zip(
        maps, found, perceptrons, strict=True
    ):
        wanted = np.maximum(x @ first + first_bias, 0) @ second + second_bias
        wanted /= np.linalg.norm(wanted, axis=-1, keepdims=True)
        np.testing.assert_allclose(y, wanted, rtol=1e-4, atol=1e-5)


def test_every_perceptron_draws_weights_of_its_own():
    keras.utils.set_random_seed(0)
    kernels = [
        w.ravel() for w in build_projection([16, 16, 16], 16, "float32").get_weights() if w.ndim > 1
    ]
    assert len(kernels) == 6
    correlation = np.corrcoef(kernels) - np.eye(6)
    assert np.abs(correlation).max() < 0.4


@pytest.mark.parametrize("architecture", GENERATORS)
def test_encoder_gives_the_generators_own_maps(architecture):
    keras.utils.set_random_seed(0)
    generator = build_generator(architecture, **GENERATORS[architecture])
    images = np.random.default_rng(0).uniform(-1, 1, (2, 16, 24, 3)).astype(np.float32)
    names = sorted(layer.name for layer in generator.layers if layer.name.startswith("encoder_"))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        maps = encoder_of(generator)(images, training=True)
        picture, *beside = with_features(generator)(images, training=True)
    np.testing.assert_array_equal(picture, generator(images, training=True))
    assert len(maps) == len(beside) == len(names) >= 4
    for left, right, name in zip(maps, beside, names, strict=True):
        np.testing.assert_array_equal(left, right)
        # One layer alone, cut out of the generator.
        layer = keras.Model(generator.input, generator.get_layer(name).output)
        np.testing.assert_array_equal(left, layer(images, training=True))
    # Shallow maps first: pixels.
    assert maps[0].shape[1] >= maps[-1].shape[1]


def test_encoder_shares_the_generators_weights():
    generator = build_generator("fast", **GENERATORS["fast"])
    ours = {id(weight) for weight in generator.weights}
    assert {id(weight) for weight in encoder_of(generator).weights} < ours
    assert {id(weight) for weight in with_features(generator).weights} == ours
