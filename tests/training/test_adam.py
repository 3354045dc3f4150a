import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.training.adam import Adam


def _run(optimizer, gradients, rate, finite):
    strategy = tf.distribute.get_strategy()
    strategy.run(
        lambda: optimizer.apply([tf.constant(g) for g in gradients], tf.constant(rate), finite)
    )


def test_steps_equal_the_paper_in_float64():
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(3, 4)), rng.normal(size=5)]
    variables = [tf.Variable(w, dtype=tf.float32) for w in weights]
    optimizer = Adam(variables, beta1=0.5, beta2=0.99)
    means = [np.zeros_like(w) for w in weights]
    squares = [np.zeros_like(w) for w in weights]
    for time in range(1, 6):
        gradients = [rng.normal(size=w.shape) for w in weights]
        rate = 0.01 / time
        _run(optimizer, [g.astype(np.float32) for g in gradients], rate, tf.constant(True))
        for i, gradient in enumerate(gradients):
            means[i] = 0.5 * means[i] + 0.5 * gradient
            squares[i] = 0.99 * squares[i] + 0.01 * gradient**2
            corrected = squares[i] / (1 - 0.99**time)
            weights[i] -= rate * means[i] / (1 - 0.5**time) / (np.sqrt(corrected) + 1e-8)
    for variable, weight in zip(variables, weights, strict=True):
        np.testing.assert_allclose(variable.numpy(), weight, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_skipped_step_changes_nothing(bad):
    variable = tf.Variable([1.0, -2.0])
    optimizer = Adam([variable], beta1=0.5, beta2=0.99)
    _run(optimizer, [np.float32([0.3, 0.1])], 0.1, tf.constant(True))
    before = {name: v.numpy() for name, v in optimizer.variables.items()} | {"w": variable.numpy()}
    _run(optimizer, [np.float32([bad, 0.1])], 0.1, tf.constant(False))
    after = {name: v.numpy() for name, v in optimizer.variables.items()} | {"w": variable.numpy()}
    assert int(after["count"]) == 1
    for name, value in before.items():
        np.testing.assert_array_equal(after[name], value)
