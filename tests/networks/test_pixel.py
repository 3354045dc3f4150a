import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.networks import build_discriminator


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        # Kernels and biases, with the scale and offset of batch normalization for two of these.
        ({}, 3 * 64 + 64 + 64 * 128 + 128 + 128 + 1),
        ({"normalization": "batch"}, 3 * 64 + 64 + 64 * 128 + 2 * 128 + 128),
        ({"channels": 6}, 6 * 64 + 64 + 64 * 128 + 128 + 128 + 1),
    ],
)
def test_parameter_count(options, count):
    network = build_discriminator("pixel", **options)
    assert sum(int(np.prod(w.shape)) for w in network.trainable_weights) == count


def test_each_pixel_is_judged_by_itself():
    network = build_discriminator("pixel", filters=4, normalization="none")
    images = tf.constant(draw(1, 5, 7, 3))
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = network(images)
        logit = logits[0, 2, 3, 0]
    assert logits.shape == (1, 5, 7, 1) and logits.dtype == tf.float32
    seen = np.abs(tape.gradient(logit, images)[0]).sum(-1) > 0
    assert seen.sum() == 1 and seen[2, 3]


def test_judgement_is_numpys():
    network = build_discriminator("pixel", filters=2, normalization="none", probability=True)
    rng = np.random.default_rng(1)
    weights = [rng.normal(size=w.shape).astype(np.float32) for w in network.get_weights()]
    network.set_weights(weights)
    images = draw(2, 3, 4, 3)
    x = images
    for kernel, bias in zip(weights[::2], weights[1::2], strict=True):
        x = x @ kernel[0, 0] + bias
        if kernel.shape[-1] > 1:
            x = np.where(x > 0, x, 0.2 * x)
    np.testing.assert_allclose(network(images), 1 / (1 + np.exp(-x)), atol=1e-5)
