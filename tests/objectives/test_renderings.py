"""Renderings by noise: they are pushed apart, by a weight that falls and is kept."""

import dataclasses

import numpy as np
import tensorflow as tf

from style_gan_tf.objectives import NetworkChoice
from style_gan_tf.objectives.multistyle import Multistyle
from tests.objectives.test_multistyle import BATCH, SEED, draw, make


def make_renderings(**options) -> Multistyle:
    setting = dataclasses.replace(
        make().setting,
        generator=NetworkChoice("fast", {"filters": 4, "n_blocks": 1, "latent_dim": 3}),
    )
    objective = Multistyle(Multistyle.Options(patches=16, projection=8, **options), setting)
    rng = np.random.default_rng(0)
    for network in objective.networks.values():
        network.set_weights([w + rng.normal(0, 0.1, w.shape) for w in network.get_weights()])
    return objective


def test_the_weight_falls_to_nothing_and_is_in_the_state():
    objective = make_renderings(diversity_weight=2.0, diversity_steps=4)
    weight = objective.state["diversity_weight"]
    found, losses = [], []
    for _ in range(6):
        found.append(float(weight.numpy()))
        losses.append(float(objective.losses(draw(), SEED)["generator"]["diversity"]))
    np.testing.assert_allclose(found, [2.0, 1.5, 1.0, 0.5, 0.0, 0.0])
    # Noise and weights stay: the loss falls as its weight does.
    np.testing.assert_allclose(losses[1], 0.75 * losses[0], rtol=1e-4)
    assert losses[0] < 0 and losses[4] == 0


def test_mapping_and_generator_learn_from_it():
    objective = make_renderings()
    with tf.GradientTape() as tape:
        loss = objective.losses(draw(), SEED)["generator"]["diversity"]
    variables = objective.generator.mapping.trainable_variables
    assert all(np.abs(g).max() > 0 for g in tape.gradient(loss, variables))


def test_noise_belongs_to_the_position():
    renderings = make_renderings().renderings
    weights = tf.one_hot(tf.zeros([BATCH], tf.int32), 2)
    whole = renderings.added(tf.range(BATCH), BATCH, SEED, weights)
    part = renderings.added(tf.constant([2, 3]), BATCH, SEED, weights[2:])
    for one, other in zip(whole, part, strict=True):
        np.testing.assert_allclose(one[2:], other, rtol=1e-5, atol=1e-5)
    assert np.abs(whole[0] - whole[1]).max() > 0


def test_some_pictures_are_painted_without_noise():
    renderings = make_renderings().renderings
    count = 400
    weights = tf.one_hot(tf.zeros([count], tf.int32), 2)
    one, other = (x.numpy() for x in renderings.added(tf.range(count), count, SEED, weights))
    plain = (one == 0).all(axis=1)
    assert 0.15 < plain.mean() < 0.35 and not (other == 0).all(axis=1).any()


def test_without_noise_there_is_no_such_loss():
    assert "diversity" not in make().losses(draw(), SEED)["generator"]
    assert make().state == {}
