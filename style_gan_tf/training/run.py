"""What a run holds in memory: its data, its networks, its state."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from style_gan_tf.data import Augmentation
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.networks import Network, fixed_noise, load_network, rebuild
from style_gan_tf.objectives import NetworkChoice, Setting, find_objective, read_options
from style_gan_tf.precision import choose_precision
from style_gan_tf.training.reading import Data
from style_gan_tf.training.settings import Settings
from style_gan_tf.training.step import TrainStep
from style_gan_tf.training.strategy import make_strategy, worker_positions


class Run:
    """Everything that a run holds in memory, ready to train.

    Args:
        settings: The run's settings.
        data: What it reads.
        generator: A network to build the generators like, instead of `settings.generator`.
        discriminator: The same for the discriminators.

    Attributes:
        train_step: State and step.
        total_steps: The limit; 0 where time alone limits the run.
        shown: What sheets of samples are made of: held-out content images, or, for a generator
            that takes it, noise `[n, latent]`.
    """

    def __init__(
        self,
        settings: Settings,
        data: Data,
        generator: Network | None = None,
        discriminator: Network | None = None,
    ) -> None:
        self.settings = settings
        self.data = data
        self._settled: tuple[int, Network] | None = None  # at which step, and what it came to
        if settings.deterministic:
            tf.config.experimental.enable_op_determinism()
        self.strategy = make_strategy()
        self.positions = worker_positions(self.strategy, settings.batch_size)
        keras.utils.set_random_seed(settings.seed)
        self.total_steps = settings.steps or round(
            settings.epochs * max(data.epoch_images // settings.batch_size, 1)
        )
        options = settings.options
        initial = load_network(settings.init_from) if settings.init_from else None
        setting = Setting(
            NetworkChoice(initial or generator or settings.generator, options["generator"]),
            NetworkChoice(discriminator or settings.discriminator, options["discriminator"]),
            dtype=choose_precision(settings.precision),
            batch=settings.batch_size,
            crop=settings.crop,
            styles=tuple(settings.styles),
            short_side=Augmentation(settings.crop, settings.load_size or None).short_side,
        )
        objective_class = find_objective(settings.objective)
        objective_options = read_options(
            objective_class.Options, options["objective"], settings.objective
        )
        with self.strategy.scope():
            objective = objective_class(objective_options, setting)
            if initial is not None:
                objective.networks[objective.exported].set_weights(initial.get_weights())
            self.train_step = TrainStep(objective, settings, self.total_steps, self.strategy)
        _check_crop(settings, objective)
        _check_judge(settings, objective)
        if objective.studied_size is not None:
            objective.study(data.whole_styles(objective.studied_size))
        noise = self.noise(settings.samples)
        self.shown = data.held_out if noise is None else noise

    def noise(self, count: int) -> np.ndarray | None:
        """The run's own noise, always the same: float32 `[count, latent]`.

        None where the generator takes pictures.
        """
        latent = self.train_step.trained.latent
        return None if latent is None else fixed_noise(count, latent, self.settings.seed).numpy()

    def generator(self) -> Network:
        """The averaged generator as it is saved and handed out, float32."""
        average, objective = self.train_step.average, self.train_step.objective
        if objective.settled_size is None:
            return average
        step = int(self.train_step.step.numpy())
        if self._settled is None or self._settled[0] != step:
            settled = rebuild(average, "float32")
            if collections := self.data.collections(objective.settled_size):
                objective.settle(settled, collections)
            self._settled = step, settled
        return self._settled[1]

    def batches(self, start: int) -> Iterator[Any]:
        """Distributed batches from step `start` on."""
        local = len(self.positions)
        replicas = self.strategy.num_replicas_in_sync
        per_replica = self.settings.batch_size // replicas

        def worker_batches(context: Any) -> tf.data.Dataset:
            del context
            dataset = self.data.stream(start, self.positions)
            if per_replica != local:
                dataset = dataset.rebatch(per_replica, drop_remainder=True)
            return dataset

        return iter(self.strategy.distribute_datasets_from_function(worker_batches))


def _check_crop(settings: Settings, objective: Any) -> None:
    for name, network in objective.networks.items():
        if not isinstance(network, Network):
            continue
        if network.size not in (None, settings.crop):
            raise UserError(
                f"--crop={settings.crop}: does not fit the {name} ({network.recipe['architecture']}"
                f"), which is made for {network.size}x{network.size} pixels: give "
                f"--crop={network.size} or --set={network.recipe['role']}.size={settings.crop}"
            )
        if settings.crop % network.stride or settings.crop < network.minimum:
            raise UserError(
                f"--crop={settings.crop}: does not fit the {name} ({network.recipe['architecture']}"
                f"), which takes multiples of {network.stride} from {network.minimum} on"
            )


def _check_judge(settings: Settings, objective: Any) -> None:
    """Refuse figures over the features that training itself follows: they always look good."""
    trained_by = {objective.sees_through}
    trained_by |= {getattr(network, "sees_through", "") for network in objective.networks.values()}
    if settings.eval_every and settings.extractor in trained_by:
        raise UsageError(
            f"--extractor={settings.extractor}: a loss of this run is taken over its features, so "
            "it cannot judge it: give another, or --eval_every=0"
        )
