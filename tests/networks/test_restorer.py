import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.networks import any_size, build_generator
from style_gan_tf.networks.generators.restorer import Restore


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


def test_parameter_count():
    filters, blocks = 64, 4
    stem, block = (9 * 12 + 1) * filters, 2 * (9 * filters + 1) * filters
    head = (9 * filters + 1) * 12
    assert build_generator("restorer").count_params() == stem + blocks * block + head


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
def test_untrained_it_gives_the_photo(dtype):
    images = draw(2, 9, 14, 3)
    network = build_generator("restorer", filters=8, n_blocks=1, dtype=dtype)
    np.testing.assert_allclose(any_size(network, images), images, atol=1e-6)


def test_restore_is_numpys_and_gradients_pass_the_clip():
    photo, missing = draw(2, 4, 6, 3), 2 * draw(2, 2, 3, 12)
    wanted = photo.copy()
    for row in range(2):
        for column in range(2):
            channels = slice(3 * (2 * row + column), 3 * (2 * row + column) + 3)
            wanted[:, row::2, column::2] += missing[..., channels]
    assert np.abs(wanted).max() > 1
    layer = Restore()
    with tf.GradientTape() as tape:
        given = tf.constant(missing)
        tape.watch(given)
        restored = layer([photo, given])
        total = tf.reduce_sum(restored)
    np.testing.assert_allclose(restored, np.clip(wanted, -1, 1), atol=1e-6)
    np.testing.assert_allclose(tape.gradient(total, given), np.ones_like(missing))


def test_it_learns_to_take_noise_off():
    """Half of the noise on flat pictures, after a hundred steps."""
    keras.utils.set_random_seed(0)
    network = build_generator("restorer", filters=8, n_blocks=1)
    optimizer = keras.optimizers.Adam(1e-2)
    rng = np.random.default_rng(0)

    def pairs(count: int) -> tuple[np.ndarray, np.ndarray]:
        flat = np.broadcast_to(rng.uniform(-0.7, 0.7, (count, 1, 1, 3)), (count, 16, 16, 3))
        return (flat + rng.normal(0, 0.2, flat.shape)).astype(np.float32), flat.astype(np.float32)

    optimizer.build(network.trainable_variables)

    @tf.function
    def step(noisy: tf.Tensor, flat: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.abs(network(noisy, training=True) - flat))
        gradients = tape.gradient(loss, [w.value for w in network.trainable_weights])
        optimizer.apply(gradients, network.trainable_weights)

    for _ in range(100):
        step(*map(tf.constant, pairs(8)))
    noisy, flat = pairs(8)
    before, after = (np.mean((x - flat) ** 2) for x in (noisy, network(noisy).numpy()))
    assert after < 0.5 * before


def test_encoder_layers_and_a_file(tmp_path):
    network = build_generator("restorer", filters=8, n_blocks=3)
    shapes = {
        layer.name: layer.output.shape[-1]
        for layer in network.layers
        if layer.name.startswith("encoder_")
    }
    assert shapes == {"encoder_0": 12, **{f"encoder_{i}": 8 for i in range(1, 4)}}
    rng = np.random.default_rng(0)
    network.set_weights([w + rng.normal(0, 0.1, w.shape) for w in network.get_weights()])
    network.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    images = draw(1, 8, 8, 3)
    np.testing.assert_array_equal(loaded(images), network(images))
