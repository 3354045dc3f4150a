import threading

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.networks import dropout_draws
from style_gan_tf.networks.dropout import Dropout

SEED = tf.constant([3, 5])
ONES = tf.ones([4, 8, 6, 16])


def dropped(
    images: tf.Tensor = ONES, positions=(0, 1, 2, 3), batch: int = 4, seed: tf.Tensor = SEED
) -> np.ndarray:
    with dropout_draws(seed, tf.constant(positions), batch):
        return Dropout(0.25)(images, training=True).numpy()


def test_values_become_zero_or_grow():
    found = dropped(tf.ones([4, 32, 32, 16]))
    np.testing.assert_allclose(np.unique(found), [0, 4 / 3], rtol=1e-6)
    assert abs(found.mean() - 1) < 0.01
    # Each picture and each channel by itself.
    assert np.abs(found.mean((1, 2)) - 1).max() < 0.1


def test_gradient_is_that_of_the_kept_values():
    images = tf.constant(np.random.default_rng(0).normal(size=(4, 3, 3, 2)).astype(np.float32))
    with tf.GradientTape() as tape, dropout_draws(SEED, tf.range(4), 4):
        tape.watch(images)
        outputs = Dropout(0.5)(images, training=True)
    gradient = tape.gradient(outputs, images)
    assert set(np.unique(gradient)) == {0.0, 2.0}
    np.testing.assert_allclose(outputs, images * gradient, rtol=1e-6)


def test_nothing_is_dropped_out_of_training_or_at_rate_zero():
    np.testing.assert_array_equal(Dropout(0.5)(ONES), ONES)
    np.testing.assert_array_equal(Dropout(0.5)(ONES, training=False), ONES)
    np.testing.assert_array_equal(Dropout(0.0)(ONES, training=True), ONES)


def test_the_same_seed_repeats_and_another_does_not():
    np.testing.assert_array_equal(dropped(), dropped())
    assert (dropped() != dropped(seed=tf.constant([3, 6]))).mean() > 0.2


def test_pictures_and_calls_draw_for_themselves():
    with dropout_draws(SEED, tf.range(4), 4):
        first, second = (Dropout(0.25)(ONES, training=True).numpy() for _ in range(2))
    assert (first != second).mean() > 0.2
    assert (first[0] != first[1]).mean() > 0.2


def test_parts_of_the_batch_draw_as_the_whole_does():
    whole = dropped()
    parts = [dropped(ONES[:2], positions) for positions in ((0, 1), (2, 3))]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    np.testing.assert_array_equal(dropped(ONES[:3], (3, 0, 2)), whole[[3, 0, 2]])


def test_so_do_parts_of_several_batches_in_one():
    twice = tf.ones([8, 4, 4, 2])
    whole = dropped(twice).reshape(2, 4, 4, 4, 2)
    parts = [dropped(twice[:4], p).reshape(2, 2, 4, 4, 2) for p in ((0, 1), (2, 3))]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)
    assert (whole[0] != whole[1]).mean() > 0.2


def test_in_a_graph_and_in_bfloat16():
    layer = Dropout(0.25, dtype="mixed_bfloat16")

    @tf.function(input_signature=[tf.TensorSpec([None] * 3 + [16]), tf.TensorSpec([2], tf.int32)])
    def run(images, seed):
        with dropout_draws(seed, tf.range(4), 4):
            return layer(images, training=True)

    found = run(ONES, SEED)
    assert found.dtype == tf.bfloat16
    np.testing.assert_array_equal(found.numpy() == 0, dropped() == 0)


def test_outside_draws_are_the_global_generators():
    layer = Dropout(0.25)
    tf.random.set_seed(1)
    first, second = layer(ONES, training=True).numpy(), layer(ONES, training=True).numpy()
    assert (first != second).mean() > 0.2
    tf.random.set_seed(1)
    np.testing.assert_array_equal(layer(ONES, training=True), first)


def test_threads_and_nested_draws_do_not_disturb_each_other():
    wanted = dropped()
    seen = []

    def elsewhere() -> None:
        seen.append(dropped(seed=tf.constant([9, 9])))

    with dropout_draws(SEED, tf.range(4), 4):
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        elsewhere()
        np.testing.assert_array_equal(Dropout(0.25)(ONES, training=True), wanted)
    np.testing.assert_array_equal(seen[0], seen[1])


def test_config_and_file(tmp_path):
    inputs = keras.Input((None, None, 2))
    model = keras.Model(inputs, Dropout(0.25, name="drop")(inputs))
    assert model.output_shape == (None, None, None, 2)
    assert model.weights == []
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.get_layer("drop").rate == 0.25
    with pytest.raises(Exception, match="rate"):
        Dropout()
