"""The energy score against its formula, and that the right distribution has the smallest."""

import numpy as np
import tensorflow as tf

from style_gan_tf.objectives.energy_score import energy_score


def test_of_numbers_by_hand():
    # |1 - 4| and |3 - 4| are 2 in the mean; half of |1 - 3| is 1.
    draws, seen = tf.constant([[[1.0], [3.0]]]), tf.constant([[4.0]])
    np.testing.assert_allclose(energy_score(draws, seen), 1.0, rtol=1e-5)


def test_of_vectors_against_numpy():
    rng = np.random.default_rng(0)
    draws, seen = rng.normal(size=(3, 4, 5)), rng.normal(size=(3, 5))
    error = np.linalg.norm(draws - seen[:, None], axis=-1).mean()
    spread = np.mean(
        [
            np.linalg.norm(draws[:, i] - draws[:, j], axis=-1).mean()
            for i in range(4)
            for j in range(4)
            if i != j
        ]
    )
    found = energy_score(tf.constant(draws, tf.float32), tf.constant(seen, tf.float32))
    np.testing.assert_allclose(found, error - 0.5 * spread, rtol=1e-5)


def test_the_right_distribution_scores_best():
    rng = np.random.default_rng(1)
    seen = tf.constant(rng.normal(2, 1, (4000, 3)), tf.float32)
    noise = rng.normal(0, 1, (4000, 8, 3))

    def score(mean, deviation):
        return float(energy_score(tf.constant(mean + deviation * noise, tf.float32), seen))

    best = score(2, 1)
    for mean, deviation in ((2, 0), (2, 0.5), (2, 1.6), (1, 1), (3, 1)):
        assert best < score(mean, deviation) - 0.02, (mean, deviation)


def test_draws_that_coincide_have_a_gradient():
    draws = tf.Variable(tf.ones([1, 3, 2]))
    with tf.GradientTape() as tape:
        loss = energy_score(draws, tf.ones([1, 2]))
    assert np.isfinite(tape.gradient(loss, draws)).all()
