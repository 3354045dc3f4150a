"""Statistics as data: measured in windows, given, and the same as the layers' own."""

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.networks import (
    build_generator,
    normalizing_by,
    run_tile,
    statistics_channels,
    tile_facts,
)
from style_gan_tf.networks.normalization import InstanceNormalization
from style_gan_tf.networks.style_code import StyledInstanceNormalization


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(1.0, 2.0, shape).astype(np.float32)


def small(architecture="fast", **options):
    network = build_generator(architecture, **{"filters": 4, "n_blocks": 1, **options})
    random = np.random.default_rng(1)
    for weight in network.trainable_weights:
        weight.assign_add(0.2 * random.standard_normal(weight.shape))
    return network


def none_given(network):
    return [tf.zeros([1, sum(statistics_channels(network))])] * 2


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_a_layer_normalizes_by_what_is_given(dtype):
    x, mean, variance = draw(2, 5, 4, 3), draw(1, 3, seed=1), draw(1, 3, seed=2) ** 2
    layer = InstanceNormalization(dtype=dtype)
    layer.build(x.shape)
    gamma, beta = draw(3, seed=3), draw(3, seed=4)
    layer.set_weights([gamma, beta])
    with normalizing_by(mean, variance, 1, [0, 0, 5, 4], [5, 4]) as measured:
        found = tf.cast(layer(x), tf.float32)
    assert not measured.means
    expected = gamma * (x - mean[:, None, None]) / np.sqrt(variance + 1.001e-5) + beta
    tolerance = 1e-4 if dtype == "float32" else 0.05
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
    # Outside the layer takes its own again.
    alone = InstanceNormalization(affine=False)
    np.testing.assert_allclose(np.mean(alone(x), axis=(1, 2)), 0.0, atol=1e-5)


def test_a_styled_layer_too():
    x, code = draw(1, 5, 4, 3), draw(1, 2)
    layer = StyledInstanceNormalization()
    own = layer([x, code])
    mean, variance = x.mean((1, 2)), x.var((1, 2))
    with normalizing_by(mean, variance, 1, [0, 0, 5, 4], [5, 4]):
        np.testing.assert_allclose(layer([x, code]), own, atol=1e-5)
    with normalizing_by(mean + 1.0, variance, 1, [0, 0, 5, 4], [5, 4]):
        assert np.abs(layer([x, code]) - own).max() > 0.1


def test_windows_are_numpys_and_scale_with_the_map():
    x = draw(2, 8, 12, 3)
    layer = InstanceNormalization(affine=False)
    # The picture is four times as high and wide as the map.
    with normalizing_by(tf.zeros([1, 3]), tf.ones([1, 3]), 0, [8, 12, 16, 32], [32, 48]) as found:
        layer(x)
    inside = x[:, 2:6, 3:11]
    np.testing.assert_allclose(found.means[0], inside.mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(found.variances[0], inside.var((1, 2)), rtol=1e-5)
    assert int(found.counts[0]) == 32


def test_bfloat16_is_measured_in_float32():
    x = np.ones((1, 64, 64, 1), np.float32)
    x[0, :32] = 2.0
    layer = InstanceNormalization(affine=False, dtype="mixed_bfloat16")
    with normalizing_by(tf.zeros([1, 1]), tf.ones([1, 1]), 0, [0, 0, 64, 64], [64, 64]) as found:
        layer(x)
    assert found.means[0].dtype == tf.float32
    assert (float(found.means[0][0, 0]), float(found.variances[0][0, 0])) == (1.5, 0.25)


@pytest.mark.parametrize(
    ("architecture", "options"),
    [("fast", {}), ("fast", {"num_styles": 2}), ("resnet", {}), ("restorer", {})],
)
def test_what_is_measured_and_given_back_is_the_networks_own(architecture, options):
    network = small(architecture, **options)
    x = np.tanh(draw(2, 16, 24, 3))
    takes = [x, np.eye(2, dtype=np.float32)] if options else x
    weights = np.eye(2, dtype=np.float32) if options else None
    own = network(takes)
    window = [0, 0, 16, 24]
    stylized, found = run_tile(network, x, window, 0, *none_given(network), weights)
    np.testing.assert_allclose(stylized, own, atol=1e-4)
    assert tuple(mean.shape[1] for mean in found.means) == statistics_channels(network)
    if not found.means:
        return
    given = tf.concat(found.means, 1), tf.concat(found.variances, 1)
    layers = len(found.means)
    for known in (1, layers):
        again, fewer = run_tile(network, x, window, known, *given, weights)
        np.testing.assert_allclose(again, own, atol=1e-4)
        assert len(fewer.means) == layers - known
        # A tensor, as in a SavedModel, which must hand out all.
        traced, all_ = run_tile(network, x, window, tf.constant(known), *given, weights)
        np.testing.assert_allclose(traced, again, atol=1e-5)
        assert len(all_.means) == layers
    elsewhere, _ = run_tile(network, x, window, layers, given[0] + 0.5, given[1], weights)
    assert np.abs(elsewhere - own).max() > 0.01


def test_windows_of_a_network_add_up_to_the_whole():
    network = small()
    x = np.tanh(draw(1, 16, 24, 3))
    given = none_given(network)
    _, whole = run_tile(network, x, [0, 0, 16, 24], 0, *given)
    # Of the first layer; those after it depend on what the first one takes.
    parts = [
        run_tile(network, x, window, 0, *given)[1]
        for window in ([0, 0, 8, 24], [8, 0, 8, 4], [8, 4, 8, 20])
    ]
    counts = [int(part.counts[0]) for part in parts]
    assert counts == [2 * 6, 2 * 1, 2 * 5] and sum(counts) == int(whole.counts[0])
    means = np.stack([part.means[0] for part in parts])
    np.testing.assert_allclose(
        np.average(means, axis=0, weights=counts), whole.means[0], rtol=1e-4, atol=1e-5
    )


def test_facts():
    assert tile_facts(small(n_blocks=5)) == {
        "stride": 4,
        "minimum": 4,
        "overlap": 52,
        "channels": (4,) * 11,
        "bytes_per_pixel": tile_facts(small())["bytes_per_pixel"],
    }
    assert tile_facts(build_generator("fast", filters=4, normalization="batch"))["channels"] == ()
