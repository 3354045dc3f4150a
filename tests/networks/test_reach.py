"""How far networks see: by their layers, and by gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.networks import Network, build_generator, reach, run_tile, statistics_channels

NETWORKS = {
    "fast": {"filters": 4, "n_blocks": 2},
    "resnet": {"filters": 2, "n_blocks": 2},
    "resnet transpose": {"filters": 2, "n_blocks": 2, "upsampling": "transpose"},
    "resnet blur": {"filters": 2, "n_blocks": 2, "upsampling": "blur"},
    "restorer": {"filters": 4, "n_blocks": 2},
    "unet": {"filters": 2, "depth": 3, "normalization": "none"},
}


def test_closed_forms():
    # Stem and ten convolutions at a quarter, one place further for the enlarged map, two
    # convolutions at half, then a block and the 2x2 window over pixels.
    assert reach(build_generator("fast", filters=4)).pixels == 11 * 4 + 2 + 2 * 2 + 1 + 1
    # 7x7; two halvings; eighteen convolutions; enlarged map and convolution, twice; 7x7.
    expected = 3 + 1 + 2 + 18 * 4 + (2 + 2) + (1 + 1) + 3
    assert reach(build_generator("resnet", filters=2)).pixels == expected
    assert reach(build_generator("restorer", filters=4, n_blocks=3)).pixels == 8 * 2 + 1
    more = [reach(build_generator("fast", filters=4, n_blocks=n)).pixels for n in (1, 2, 3)]
    assert np.diff(more).tolist() == [8, 8]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_pixel_depends_on_pixels_so_far_and_no_further(name):
    network = build_generator(name.split()[0], **NETWORKS[name])
    random = np.random.default_rng(0)
    for weight in network.trainable_weights:
        # All positive, and small: no ReLU and no tanh stops what a pixel adds.
        weight.assign(random.uniform(0.5, 1.0, weight.shape) / np.prod(weight.shape[:-1]))
    layers = len(statistics_channels(network))
    channels = sum(statistics_channels(network))
    given = tf.zeros([1, channels]), tf.ones([1, channels])
    found = reach(network).pixels
    size = 2 * (found // network.stride + 3) * network.stride
    x = tf.fill([1, size, size, 3], 0.1)
    furthest = 0
    for place in range(size // 2, size // 2 + network.stride):
        with tf.GradientTape() as tape:
            tape.watch(x)
            stylized, _ = run_tile(network, x, [0, 0, size, size], layers, *given)
            pixel = tf.reduce_sum(stylized[0, place, place])
        depends = np.flatnonzero(np.any(tape.gradient(pixel, x)[0] != 0, axis=(1, 2)))
        furthest = max(furthest, place - depends[0], depends[-1] - place)
    assert furthest <= found
    # Rounding up may add a place of the smallest map on the way down, and one on the way up.
    assert furthest > found - 2 * network.stride


def test_memory_of_a_pixel_follows_the_largest_map():
    small, large = (reach(build_generator("fast", filters=n)).bytes_per_pixel for n in (64, 128))
    assert large == 2 * small
    half = build_generator("fast", filters=64, dtype="mixed_bfloat16")
    assert reach(half).bytes_per_pixel == small // 2
    assert reach(build_generator("resnet", filters=64, n_blocks=1)).bytes_per_pixel > 4 * small


def test_an_unknown_layer_is_named():
    inputs = keras.Input((None, None, 3))
    outputs = keras.layers.AveragePooling2D(2)(inputs)
    network = Network(inputs, outputs, recipe={"architecture": "pooled"})
    with pytest.raises(TypeError, match="AveragePooling2D"):
        reach(network)
