"""Adam for one network (Kingma and Ba 2015), in replica context and with exact skipping."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf


class Adam:
    """Adam over TensorFlow's fused kernel.

    Keras' optimizers clip before the replicas' gradients are summed, and make several passes
    over each weight. This one takes gradients that are summed and clipped already, and a step
    with `apply=False` leaves weights and moments bit for bit as they are.

    Args:
        variables: The weights, created under the current strategy.
        beta1: Decay of the gradient's mean.
        beta2: Decay of its square's mean.
        epsilon: Added to the root.
    """

    def __init__(
        self, variables: Sequence[Any], beta1: float, beta2: float, epsilon: float = 1e-8
    ) -> None:
        self.weights = [v.value if isinstance(v, keras.Variable) else v for v in variables]
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.count = tf.Variable(0, dtype=tf.int64, trainable=False, name="adam_count")
        self.moments = []
        for weight in self.weights:
            zeros = tf.zeros(weight.shape, weight.dtype)
            self.moments.append(
                tuple(tf.Variable(zeros, trainable=False, name=f"adam_{n}") for n in ("m", "v"))
            )

    @property
    def variables(self) -> dict[str, Any]:
        """The state that checkpoints hold, by name."""
        state = {"count": self.count}
        for index, (mean, square) in enumerate(self.moments):
            state[f"{index:04d}/mean"] = mean
            state[f"{index:04d}/square"] = square
        return state

    def apply(self, gradients: Sequence[Any], rate: Any, finite: Any) -> None:
        """One step; called in replica context.

        Args:
            gradients: One a weight, the same on all replicas.
            rate: Learning rate, float32 scalar.
            finite: bool scalar: False changes nothing.
        """
        gradients = [tf.where(finite, g, tf.zeros_like(g)) for g in gradients]
        time = tf.cast(self.count, tf.float32) + 1.0
        # With both betas 1 and a gradient of zero the moments stay; with a rate of 0 the weight.
        scalars = {
            "beta1": tf.where(finite, self.beta1, 1.0),
            "beta2": tf.where(finite, self.beta2, 1.0),
            "beta1_power": tf.where(finite, tf.pow(self.beta1, time), 0.0),
            "beta2_power": tf.where(finite, tf.pow(self.beta2, time), 0.0),
            "lr": tf.where(finite, rate, 0.0),
        }
        context = tf.distribute.get_replica_context()
        context.merge_call(self._update, args=(gradients, scalars, tf.cast(finite, tf.int64)))

    def _update(self, strategy: Any, gradients: Any, scalars: Any, increment: Any) -> None:
        for weight, gradient, moments in zip(self.weights, gradients, self.moments, strict=True):
            strategy.extended.update(
                weight, self._step, args=(gradient, *moments, scalars), group=False
            )
        strategy.extended.update(
            self.count, lambda count, n: count.assign_add(n), args=(increment,), group=False
        )

    def _step(self, weight: Any, gradient: Any, mean: Any, square: Any, scalars: Any) -> None:
        tf.raw_ops.ResourceApplyAdam(
            var=weight.handle,
            m=mean.handle,
            v=square.handle,
            grad=gradient,
            epsilon=self.epsilon,
            **scalars,
        )
