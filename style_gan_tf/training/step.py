"""One training step: losses, gradients, Adam and the moving average, on all replicas."""

import dataclasses
from typing import Any

import tensorflow as tf

from style_gan_tf.networks import Network, dropout_draws, iterate_spectral, rebuild
from style_gan_tf.objectives import Objective
from style_gan_tf.training.adam import Adam
from style_gan_tf.training.schedules import ema_decay, learning_rate
from style_gan_tf.training.settings import Settings

_LOSS_SCALE_GROWTH_STEPS = 2000


@dataclasses.dataclass
class StepResult:
    """What a step reports: the step's number, losses by `network/name`, the learning rate."""

    step: int
    losses: dict[str, float]
    learning_rate: float


class TrainStep:
    """The state of a training and the step that moves it.

    Make it under the strategy's scope. `tf.function` compiles the step at the first call.

    Attributes:
        step: Steps done, an int64 variable.
        average: The exported generator with averaged weights, float32.
    """

    def __init__(
        self, objective: Objective, settings: Settings, total_steps: int, strategy: Any
    ) -> None:
        self.objective = objective
        self.settings = settings
        self.total_steps = total_steps
        self.strategy = strategy
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False, name="step")
        self.optimizers = {
            name: Adam(network.trainable_variables, settings.beta1, settings.beta2)
            for name, network in objective.networks.items()
        }
        self.trained: Network = objective.networks[objective.exported]
        self.average: Network = rebuild(self.trained, "float32")
        # float16 gradients underflow: the losses are scaled up by as much as the gradients bear.
        self.scales_loss = "float16" in self.trained.recipe["dtype"].replace("bfloat16", "")
        self.loss_scale = tf.Variable(
            2.0**15 if self.scales_loss else 1.0, trainable=False, name="loss_scale"
        )
        self.finite_steps = tf.Variable(0, dtype=tf.int64, trainable=False, name="finite_steps")

    @property
    def state(self) -> dict[str, Any]:
        """Every variable that a resumed run needs, by a name that stays the same."""
        state: dict[str, Any] = {
            "step": self.step,
            "loss_scale": self.loss_scale,
            "finite_steps": self.finite_steps,
        }
        for name, network in self.objective.networks.items():
            state |= _weights(f"networks/{name}", network)
        state |= _weights("average", self.average)
        for name, optimizer in self.optimizers.items():
            state |= {f"adam/{name}/{key}": v for key, v in optimizer.variables.items()}
        return state | {f"state/{key}": v for key, v in self.objective.state.items()}

    def __call__(self, batch: Any) -> StepResult:
        """Train on one distributed batch.

        Args:
            batch: Of the distributed dataset: `content`, `style`, `positions`.
        """
        losses, rate = self._distributed(batch)
        return StepResult(
            int(self.step.numpy()),
            {name: float(value) for name, value in losses.items()},
            float(rate),
        )

    @tf.function
    def _distributed(self, batch: Any) -> Any:
        settings = self.settings
        rate = learning_rate(settings.schedule, settings.learning_rate, self.step, self.total_steps)
        losses = self.strategy.run(self._replica_step, args=(batch, rate))
        losses = {
            name: self.strategy.reduce(tf.distribute.ReduceOp.MEAN, value, axis=None)
            for name, value in losses.items()
        }
        decay = ema_decay(settings.ema, self.step)
        for average, weight in zip(self.average.variables, self.trained.variables, strict=True):
            self.strategy.extended.update(
                average.value, _average, args=(weight.value, decay), group=False
            )
        self.step.assign_add(1)
        return losses, rate

    def _replica_step(self, batch: Any, rate: Any) -> dict[str, Any]:
        """Losses and updates of one replica; gradients are summed over all, then clipped."""
        # The step can pass 2^31 only after centuries.
        seed = tf.stack([self.settings.seed % 2**31, tf.cast(self.step, tf.int32)])
        names = list(self.objective.networks)
        scale = tf.convert_to_tensor(self.loss_scale)
        draws = dropout_draws(seed, batch["positions"], self.settings.batch_size)
        with tf.GradientTape(persistent=True) as tape, draws:
            losses = self.objective.losses(batch, seed)
            totals = {name: scale * tf.add_n(list(losses[name].values())) for name in names}
        context = tf.distribute.get_replica_context()
        all_gradients = {
            name: tape.gradient(
                totals[name],
                self.optimizers[name].weights,
                unconnected_gradients=tf.UnconnectedGradients.ZERO,
            )
            for name in names
        }
        del tape
        all_gradients, losses = _complete(all_gradients, losses)
        summed = context.all_reduce(tf.distribute.ReduceOp.SUM, all_gradients)
        replicas = self.strategy.num_replicas_in_sync
        summed = {n: [g / (scale * replicas) for g in summed[n]] for n in names}
        finite = self._watch_scale(summed) if self.scales_loss else tf.constant(True)
        for name in names:
            gradients = summed[name]
            if self.settings.clip_norm:
                gradients, _ = tf.clip_by_global_norm(gradients, self.settings.clip_norm)
            self.optimizers[name].apply(gradients, rate * self._pace(name), finite)
            iterate_spectral(self.objective.networks[name])
        return {
            f"{name}/{loss}": tf.cast(value, tf.float32)
            for name in names
            for loss, value in losses[name].items()
        }

    def _pace(self, name: str) -> float:
        """The network's learning rate as a multiple of the run's."""
        own = self.settings.discriminator_learning_rate
        return own / self.settings.learning_rate if own and "discriminator" in name else 1.0

    def _watch_scale(self, gradients: dict[str, list[Any]]) -> Any:
        """Halve the loss scale after an overflow, double it after many steps without one."""
        checks = [tf.reduce_all(tf.math.is_finite(g)) for gs in gradients.values() for g in gs]
        finite = tf.reduce_all(tf.stack(checks))
        steps = tf.convert_to_tensor(self.finite_steps) + 1
        grow = steps >= _LOSS_SCALE_GROWTH_STEPS
        grown = tf.where(grow, self.loss_scale * 2.0, tf.convert_to_tensor(self.loss_scale))
        scale = tf.where(finite, grown, tf.maximum(self.loss_scale * 0.5, 1.0))
        steps = tf.where(tf.logical_and(finite, tf.logical_not(grow)), steps, 0)

        def assign(strategy: Any, scale: Any, steps: Any) -> None:
            for variable, value in ((self.loss_scale, scale), (self.finite_steps, steps)):
                strategy.extended.update(
                    variable, lambda v, new: v.assign(new), args=(value,), group=False
                )

        tf.distribute.get_replica_context().merge_call(assign, args=(scale, steps))
        return finite


def _complete(*values: Any) -> Any:
    """The same values, none of which is there before all of them are.

    So that no weight changes while another gradient still needs it. The order in which the graph is
    traced should see to that, but TensorFlow's dependency optimizer drops some of its control edges
    from a read of a weight to the weight's update (docs/tensorflow.md).
    """
    flat = tf.nest.flatten(values)
    return tf.nest.pack_sequence_as(values, tf.tuple(flat))


def _average(average: Any, weight: Any, decay: Any) -> None:
    average.assign(decay * average + (1.0 - decay) * tf.cast(weight, average.dtype))


def _weights(prefix: str, network: Any) -> dict[str, Any]:
    """A network's variables by their place, which stays when Keras counts names anew."""
    return {f"{prefix}/{i:04d}": v.value for i, v in enumerate(network.variables)}
