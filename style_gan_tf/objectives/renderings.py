"""Many renderings of one photo in one style, by noise (Choi et al. 2020, "StarGAN v2")."""

from typing import Any

import tensorflow as tf

from style_gan_tf.networks import Network

_PLAIN = 0.25  # share of the pictures that are painted without noise


class Renderings:
    """Draws noise for a generator with a mapping network, and asks that it makes a difference.

    The weight of the difference falls to nothing over the training (StarGAN v2, section 2.2), or
    the generator would go on until its renderings leave the style. It is a variable, so that a
    resumed run goes on where it was. Used in replica context, once a step.

    Args:
        generator: With a mapping network.
        weight: At the first step.
        steps: Until it is nothing.
    """

    def __init__(self, generator: Network, weight: float, steps: int) -> None:
        self.generator, self.initial, self.steps = generator, weight, steps
        self.weight = tf.Variable(
            weight,
            trainable=False,
            dtype=tf.float32,
            name="diversity_weight",
            aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
        )
        self.state = {"diversity_weight": self.weight}

    def added(self, positions: Any, batch: int, seed: Any, style_weights: Any) -> tuple[Any, Any]:
        """What two draws of noise add to what drives the normalizations, `[n, numbers]` each.

        The first adds nothing for some of the pictures, so that the style without noise, which is
        what its name stands for, is learned as well.

        Args:
            positions: int32 `[n]`, each example's position in the global batch.
            batch: Pictures in the global batch.
            seed: int32 `[2]`, the same on all replicas.
            style_weights: `[n, styles]`.
        """
        latent = self.generator.mapping.inputs[0].shape[1]
        draws = tf.random.stateless_normal([2, batch, latent], tf.random.fold_in(seed, 30))
        noise = tf.concat(tf.unstack(tf.gather(draws, positions, axis=1)), 0)
        weights = tf.concat([style_weights, style_weights], 0)
        one, other = tf.split(self.generator.mapping([noise, weights], training=True), 2)
        share = tf.random.stateless_uniform([batch, 1], tf.random.fold_in(seed, 31))
        noisy = tf.cast(tf.gather(share, positions) >= _PLAIN, one.dtype)
        return noisy * one, other

    def loss(self, pictures: Any, others: Any) -> Any:
        """Minus the mean absolute difference of two renderings, times today's weight.

        No gradient flows into `others` (as in the authors' code): each picture moves away from
        where the other one is.
        """
        today = tf.convert_to_tensor(self.weight)
        difference = tf.reduce_mean(tf.abs(pictures - tf.stop_gradient(others)))
        self.weight.assign(tf.maximum(today - self.initial / self.steps, 0.0))
        return -today * difference
