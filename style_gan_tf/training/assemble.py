"""From settings to a run that is ready to train: its data, its networks, its state."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from style_gan_tf.data import Augmentation
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.networks import Network, fixed_noise, load_network, rebuild
from style_gan_tf.objectives import NetworkChoice, Setting, find_objective, read_options
from style_gan_tf.precision import choose_precision
from style_gan_tf.training.reading import Data, open_data, read_data
from style_gan_tf.training.settings import Settings
from style_gan_tf.training.step import TrainStep
from style_gan_tf.training.strategy import make_strategy, worker_positions


@dataclasses.dataclass
class Run:
    """Everything that a run holds in memory, ready to train; `assemble` makes it.

    Attributes:
        settings: The run's settings.
        data: What it reads.
        strategy: The devices that it trains on.
        positions: Of the global batch, those that this process reads.
        total_steps: The limit; 0 where time alone limits the run.
        train_step: State and step.
    """

    settings: Settings
    data: Data
    strategy: Any
    positions: range
    total_steps: int
    train_step: TrainStep
    # At which step, and what the averaged generator came to.
    _settled: tuple[int, Network] | None = dataclasses.field(default=None, init=False)

    @property
    def step(self) -> int:
        """Steps done."""
        return int(self.train_step.step.numpy())

    @property
    def shown(self) -> np.ndarray:
        """What sheets of samples are made of.

        Held-out content images, or, for a generator that takes it, noise `[n, latent]`.
        """
        noise = self.noise(self.settings.samples)
        return self.data.held_out if noise is None else noise

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
        if self._settled is None or self._settled[0] != self.step:
            settled = rebuild(average, "float32")
            if collections := self.data.collections(objective.settled_size):
                objective.settle(settled, collections)
            self._settled = self.step, settled
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


def assemble(
    settings: Settings,
    networks: Mapping[str, Network] | None = None,
    data: Data | None = None,
) -> Run:
    """Build a run: open its data, make its networks and their state on all devices.

    Args:
        settings: The run's settings.
        networks: `generator` and `discriminator`, one or both: networks to build the run's own
            like, instead of those that the settings name.
        data: What it reads; default: what the settings name.

    Raises:
        UserError: For a spec that names nothing usable, an option that is none, or a crop that
            the networks do not take.
    """
    patterns = dict(networks or {})
    if data is None:
        data = read_data(settings, open_data(settings))
    if settings.deterministic:
        tf.config.experimental.enable_op_determinism()
    strategy = make_strategy()
    positions = worker_positions(strategy, settings.batch_size)
    keras.utils.set_random_seed(settings.seed)
    total_steps = settings.steps or round(
        settings.epochs * max(data.epoch_images // settings.batch_size, 1)
    )
    if settings.init_from:
        patterns["generator"] = load_network(settings.init_from)
    objective_class = find_objective(settings.objective)
    options = read_options(
        objective_class.Options, settings.options["objective"], settings.objective
    )
    with strategy.scope():
        objective = objective_class(options, _setting(settings, patterns))
        if settings.init_from:
            weights = patterns["generator"].get_weights()
            objective.networks[objective.exported].set_weights(weights)
        train_step = TrainStep(objective, settings, total_steps, strategy)
    _check_crop(settings, objective)
    _check_extractor(settings, objective)
    if objective.studied_size is not None:
        objective.study(data.whole_styles(objective.studied_size))
    return Run(settings, data, strategy, positions, total_steps, train_step)


def _setting(settings: Settings, patterns: Mapping[str, Network]) -> Setting:
    """What the objective is given."""
    named = {"generator": settings.generator, "discriminator": settings.discriminator}
    options = settings.options
    return Setting(
        **{
            role: NetworkChoice(patterns.get(role, name), options[role])
            for role, name in named.items()
        },
        dtype=choose_precision(settings.precision),
        batch=settings.batch_size,
        crop=settings.crop,
        styles=tuple(settings.styles),
        short_side=Augmentation(settings.crop, settings.load_size or None).short_side,
    )


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


def _check_extractor(settings: Settings, objective: Any) -> None:
    """Refuse figures over the features that training itself follows: they always look good."""
    trained_by = {objective.sees_through}
    trained_by |= {getattr(network, "sees_through", "") for network in objective.networks.values()}
    if settings.eval_every and settings.extractor in trained_by:
        raise UsageError(
            f"--extractor={settings.extractor}: a loss of this run is taken over its features, so "
            "it cannot judge it: give another, or --eval_every=0"
        )
