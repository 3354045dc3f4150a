"""Style weights drive the generator: the photo at zero, a style at one, sums in between."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import Network, any_size, build_generator, load_network, rebuild
from style_gan_tf.networks.normalization import InstanceNormalization
from style_gan_tf.networks.style_code import Strength, StyledInstanceNormalization, style_code

RNG = np.random.default_rng(0)


def build(**options) -> Network:
    """A generator of three styles none of whose weights is at the zero that it starts with."""
    keras.utils.set_random_seed(0)
    network = build_generator("fast", filters=8, n_blocks=1, num_styles=3, **options)
    rng = np.random.default_rng(1)
    network.set_weights([w + rng.normal(0, 0.2, w.shape) for w in network.get_weights()])
    return network


@pytest.fixture(scope="module")
def generator() -> Network:
    return build()


def photos(count: int = 2, height: int = 24, width: int = 20) -> np.ndarray:
    return RNG.uniform(-1, 1, (count, height, width, 3)).astype(np.float32)


def test_normalization_against_numpy():
    maps = RNG.normal(2, 3, (2, 5, 4, 3)).astype(np.float32)
    code = RNG.normal(0, 1, (2, 6)).astype(np.float32)
    layer = StyledInstanceNormalization()
    layer([maps, code])
    layer.set_weights([RNG.normal(0, 1, w.shape) for w in layer.get_weights()])
    gamma, beta, to_scale, to_offset = layer.get_weights()
    mean, var = maps.mean((1, 2), keepdims=True), maps.var((1, 2), keepdims=True)
    scale = (gamma + code @ to_scale)[:, None, None]
    offset = (beta + code @ to_offset)[:, None, None]
    expected = scale * (maps - mean) / np.sqrt(var + 1e-5) + offset
    np.testing.assert_allclose(layer([maps, code]), expected, rtol=1e-4, atol=1e-4)


def test_the_code_zero_is_what_all_styles_share():
    maps = RNG.normal(0, 1, (2, 5, 4, 3)).astype(np.float32)
    styled, plain = StyledInstanceNormalization(), InstanceNormalization()
    zero = np.zeros((2, 6), np.float32)
    np.testing.assert_allclose(styled([maps, zero]), plain(maps), atol=1e-6)


def test_the_code_of_a_mixture_is_the_mixture_of_the_codes():
    weights, codes = style_code(3, 5, layers=2)
    model = keras.Model(weights, codes[1])
    one_by_one = model(np.eye(3, dtype=np.float32)).numpy()
    mixed = model(np.array([[0.2, 0.3, 0.5]], np.float32)).numpy()[0]
    np.testing.assert_allclose(mixed, [0.2, 0.3, 0.5] @ one_by_one, rtol=1e-5)


def test_strength_against_numpy():
    photo, stylized = photos(), photos()
    weights = np.array([[0.1, 0.2], [0.9, 0.4]], np.float32)  # The second sums to more than one.
    found = Strength()([photo, stylized, weights])
    way = np.array([0.3, 1.0]).reshape(2, 1, 1, 1)
    np.testing.assert_allclose(found, photo + way * (stylized - photo), atol=1e-6)


def test_zero_weights_give_the_photo_exactly(generator):
    given = photos()
    found = any_size(generator, given, style_weights=np.zeros((2, 3), np.float32))
    np.testing.assert_array_equal(found, given)


def test_each_style_and_each_mixture_looks_another_way(generator):
    photo = photos(1)
    looks = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0], [0.5, 0, 0]]
    found = any_size(
        generator, np.repeat(photo, 5, axis=0), style_weights=np.array(looks, np.float32)
    ).numpy()
    for i in range(5):
        for j in range(i):
            assert np.abs(found[i] - found[j]).mean() > 1e-3


def test_each_picture_has_its_own_weights(generator):
    given = photos()
    weights = np.array([[1, 0, 0], [0, 0.3, 0.3]], np.float32)
    both = any_size(generator, given, style_weights=weights)
    for i in range(2):
        alone = any_size(generator, given[i : i + 1], style_weights=weights[i : i + 1])
        np.testing.assert_allclose(both[i], alone[0], atol=1e-5)


def test_the_first_style_is_the_default(generator):
    given = photos()
    first = np.array([[1, 0, 0]] * 2, np.float32)
    np.testing.assert_array_equal(
        any_size(generator, given), any_size(generator, given, style_weights=first)
    )


def test_names_and_weights_travel_with_the_file(generator, tmp_path):
    assert generator.num_styles == 3
    assert generator.styles == ("style_0", "style_1", "style_2")
    network = rebuild(generator, "float32")
    network.recipe["styles"] = ["ink", "oil", "chalk"]
    network.save(tmp_path / "g.keras")
    loaded = load_network(tmp_path / "g.keras")
    assert loaded.styles == ("ink", "oil", "chalk")
    assert rebuild(loaded, "mixed_bfloat16").styles == ("ink", "oil", "chalk")
    given, weights = photos(), np.array([[0, 1, 0], [0.2, 0, 0.3]], np.float32)
    np.testing.assert_allclose(
        any_size(loaded, given, style_weights=weights),
        any_size(generator, given, style_weights=weights),
        atol=1e-5,
    )


def test_one_style_takes_no_weights():
    plain = build_generator("fast", filters=8, n_blocks=1)
    assert plain.num_styles == 1 and len(plain.inputs) == 1 and plain.styles == ("style_0",)


def test_styles_need_instance_normalization():
    with pytest.raises(UsageError, match="normalization=batch: styles need `instance`"):
        build_generator("fast", num_styles=2, normalization="batch")


def test_bfloat16_is_near_float32(generator):
    given, weights = photos(1, 32, 32), tf.constant([[0.0, 1.0, 0.0]])
    half = rebuild(generator, "mixed_bfloat16")
    difference = np.abs(
        any_size(half, given, style_weights=weights)
        - any_size(generator, given, style_weights=weights)
    )
    assert difference.mean() < 0.05
