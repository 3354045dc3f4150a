"""Named styles and noise that fit the codes of an encoder that stands still."""

import keras
import numpy as np
import pytest

from style_gan_tf.networks import build_generator, named_codes
from style_gan_tf.networks.coded_styles import encode_style, rendered_codes
from style_gan_tf.networks.mapping import build_mapping
from style_gan_tf.objectives.settled_styles import fit_noise, settle_styles


def pictures(seed: int, count: int = 19) -> np.ndarray:
    rng = np.random.default_rng(seed)
    colours = rng.uniform(-1, 1, (count, 1, 1, 3))
    return (0.7 * colours + 0.3 * rng.uniform(-1, 1, (count, 24, 24, 3))).astype(np.float32)


@pytest.mark.parametrize("latent_dim", [0, 4])
def test_a_named_style_is_the_mean_code(latent_dim):
    keras.utils.set_random_seed(0)
    options = {"num_styles": 2, "style_encoder": True, "latent_dim": latent_dim}
    network = build_generator("fast", filters=4, n_blocks=1, **options)
    network.recipe["reference_side"] = 24
    collections = [pictures(0), 0.3 * pictures(1)]
    settle_styles(network, collections)
    for named, collection in zip(named_codes(network), collections, strict=True):
        codes = encode_style(network, collection).numpy()
        np.testing.assert_allclose(named, codes.mean(axis=0), atol=1e-4)
    if not latent_dim:
        return
    noise = np.random.default_rng(2).normal(size=(400, latent_dim)).astype(np.float32)
    spreads = []
    for style, collection in enumerate(collections):
        codes = encode_style(network, collection).numpy()
        weights = np.tile(np.eye(2, dtype=np.float32)[style], (400, 1))
        drawn = rendered_codes(network, named_codes(network), noise, weights).numpy()
        np.testing.assert_array_equal(drawn[:, 0], 1.0)
        real = np.linalg.norm(codes - codes.mean(axis=0), axis=1).mean()
        spreads.append(np.linalg.norm(drawn - codes.mean(axis=0), axis=1).mean() / real)
    assert min(spreads) > 0.6 and max(spreads) < 1.4, spreads


def test_noise_is_fitted_to_the_spread_of_each_style():
    keras.utils.set_random_seed(0)
    mapping = build_mapping(3, 2, 5)
    rng = np.random.default_rng(0)
    # One direction each, another for each style.
    along = np.eye(5, dtype=np.float32)[[1, 3]]
    added = [
        scale * rng.normal(size=(200, 1)).astype(np.float32) * direction
        for scale, direction in zip((0.3, 2.0), along, strict=True)
    ]
    fit_noise(mapping, added, steps=600)
    noise = rng.normal(size=(1000, 3)).astype(np.float32)
    for style, real in enumerate(added):
        drawn = mapping([noise, np.tile(np.eye(2)[style], (1000, 1))]).numpy()
        wanted = real.std(axis=0)
        np.testing.assert_allclose(drawn.std(axis=0), wanted, atol=0.2 * wanted.max())


def test_the_same_codes_teach_the_same():
    def fitted() -> list[np.ndarray]:
        keras.utils.set_random_seed(0)
        mapping = build_mapping(2, 1, 3)
        fit_noise(mapping, [np.eye(3, dtype=np.float32)], steps=5)
        return mapping.get_weights()

    for one, other in zip(fitted(), fitted(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_single_picture_has_one_rendering():
    keras.utils.set_random_seed(0)
    mapping = build_mapping(2, 1, 3)
    fit_noise(mapping, [np.zeros((1, 3), np.float32)], steps=300)
    noise = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    assert np.abs(mapping([noise, np.ones((50, 1))])).max() < 0.1
