"""The training loop: resume, step, show, save, until a limit or a signal."""

import dataclasses
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from style_gan_tf import data
from style_gan_tf.errors import UserError
from style_gan_tf.networks import Network, load_network
from style_gan_tf.objectives import NetworkChoice, Setting, find_objective, read_options
from style_gan_tf.precision import choose_precision
from style_gan_tf.training import checkpoints
from style_gan_tf.training.progress import MetricsFile, Progress, broken_loss
from style_gan_tf.training.run_folder import RunFolder
from style_gan_tf.training.samples import Samples
from style_gan_tf.training.settings import Settings
from style_gan_tf.training.signals import StopRequest
from style_gan_tf.training.step import StepResult, TrainStep
from style_gan_tf.training.strategy import is_chief, make_strategy, worker_positions


@dataclasses.dataclass
class Data:
    """What a run reads: endless batches from any step on, an epoch's size, pictures to show."""

    stream: Any  # (start step, positions) -> tf.data.Dataset
    epoch_images: int
    held_out: np.ndarray


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        run_dir: The run folder.
        generator: The averaged generator, float32.
        step: Steps done.
        signal: The signal that ended it early, or None.
    """

    run_dir: Path
    generator: Network
    step: int
    signal: Any = None


def open_data(settings: Settings) -> tuple[data.Source, data.Source, data.Augmentation]:
    """Open the content and style sources and check them, without TensorFlow.

    Raises:
        UserError: For a spec that names nothing usable.
    """
    augmentation = data.Augmentation(
        crop=settings.crop,
        load_size=settings.load_size or None,
        flip=settings.flip,
        color_jitter=settings.color_jitter,
    )
    sources = []
    for spec in (settings.content_data, settings.style_data):
        source = data.open_source(spec, max_pixels=settings.max_pixels)
        data.validate(source, augmentation)
        sources.append(source)
    return sources[0], sources[1], augmentation


def read_sources(
    settings: Settings, content: data.Source, style: data.Source, augmentation: data.Augmentation
) -> Data:
    """Training batches of the two sources' training parts, and held-out content to look at."""

    def stream(start: int, positions: range) -> tf.data.Dataset:
        both = [
            data.batches(
                data.split(source, "train"),
                augmentation,
                batch_size=settings.batch_size,
                seed=seed,
                start=start,
                positions=positions,
                cache=settings.cache,
                max_pixels=settings.max_pixels,
            )
            for source, seed in (
                (content, settings.seed),
                (style, data.style_seed(settings.seed)),
            )
        ]
        return data.content_and_style(*both)

    size = _sample_size(data.split(content, "held_out"), augmentation)
    held_out = data.held_out_pictures(content, settings.samples, size)
    return Data(stream, len(data.split(content, "train")), held_out)


def _sample_size(held_out: data.Source, augmentation: data.Augmentation) -> int:
    """256 pixels a side where the pictures have them, never less than training resizes to."""
    sides = [min(size) for i in range(len(held_out)) if (size := held_out.known_size(i))]
    return max(augmentation.short_side, min([256, *sides])) if sides else augmentation.short_side


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
        if settings.crop % network.stride or settings.crop < network.minimum:
            raise UserError(
                f"--crop={settings.crop}: does not fit the {name} ({network.recipe['architecture']}"
                f"), which takes multiples of {network.stride} from {network.minimum} on"
            )


def train_run(run: Run, folder: RunFolder) -> Outcome:
    """Train until a limit or a signal, resuming what the folder holds.

    Raises:
        UserError: When a loss is no number any more, or something cannot be written.
    """
    settings, step = run.settings, run.train_step
    chief = is_chief(run.strategy)
    resuming = folder.check(settings)
    if chief:
        folder.open(settings)
    minutes = _restore(folder, step) if resuming else 0.0
    first = int(step.step.numpy())
    loop = _Loop(run, folder, first, minutes, chief)
    if loop.finished():
        loop.progress.say(
            f"nothing to do: {folder.path} has {first} steps in {minutes:.1f} minutes; "
            "raise --steps, --epochs or --max_minutes to go on"
        )
        return Outcome(folder.path, step.average, first)
    with StopRequest() as stop:
        try:
            loop.go(stop)
        finally:
            loop.progress.close()
    return Outcome(folder.path, step.average, int(step.step.numpy()), stop.signal)


def _restore(folder: RunFolder, step: TrainStep) -> float:
    """Load the newest good checkpoint and return the minutes trained before it."""
    for path in checkpoints.find(folder.checkpoints):
        try:
            facts = checkpoints.load(path, step.state)
        except checkpoints.CorruptCheckpoint as error:
            print(f"warning: {error}; trying the one before", flush=True)
            continue
        print(f"resuming {folder.path} at step {facts['step']}", flush=True)
        return float(facts["minutes"])
    return 0.0


class _Loop:
    def __init__(
        self, run: Run, folder: RunFolder, first: int, minutes: float, chief: bool
    ) -> None:
        self.run, self.folder, self.first, self.chief = run, folder, first, chief
        settings = run.settings
        self.progress = Progress(
            first,
            run.total_steps,
            minutes,
            settings.max_minutes,
            settings.batch_size,
            settings.log_every,
        )
        self.saved_step = first if minutes else -1
        self.saved_minutes = minutes
        self.samples = Samples(run.data.held_out)
        if chief:
            self.metrics = MetricsFile(folder.metrics, first)
            self.summaries = tf.summary.create_file_writer(str(folder.summaries))

    def finished(self) -> bool:
        total, limit = self.run.total_steps, self.run.settings.max_minutes
        step = int(self.run.train_step.step.numpy())
        return bool((total and step >= total) or (limit and self.progress.minutes >= limit))

    def go(self, stop: StopRequest) -> None:
        settings = self.run.settings
        batches = self.run.batches(self.first)
        if self.chief and not self.first:
            self.draw(0)
        while not self.finished() and stop.signal is None:
            result = self.run.train_step(next(batches))
            if name := broken_loss(result):
                raise UserError(self.broken(result, name))
            self.progress.update(result)
            if result.step % settings.log_every == 0:
                self.log(result)
            if settings.sample_every and result.step % settings.sample_every == 0:
                self.draw(result.step)
            if self.progress.minutes - self.saved_minutes >= settings.checkpoint_minutes:
                self.save(result.step)
        step = int(self.run.train_step.step.numpy())
        self.save(step)
        if stop.signal is not None:
            self.progress.say(
                f"stopped by {stop.signal.name} at step {step}; resume: "
                f"python -m style_gan_tf.train --flagfile={shlex.quote(str(self.folder.flags))}"
            )
        elif not settings.sample_every or step % settings.sample_every:
            self.draw(step)

    def log(self, result: StepResult) -> None:
        if not self.chief:
            return
        figures = {
            **result.losses,
            "learning_rate": result.learning_rate,
            "images_per_second": self.progress.images_per_second,
        }
        self.metrics.append(
            {"step": result.step, "minutes": round(self.progress.minutes, 4), **figures}
        )
        with self.summaries.as_default(step=result.step):
            for name, value in figures.items():
                tf.summary.scalar(name, value)
        self.summaries.flush()

    def draw(self, step: int) -> None:
        """Write a sheet of samples; every worker computes, since reading may take all of them."""
        if not len(self.samples.pictures) or not self.chief:
            return
        path = self.folder.samples / f"step_{step:08d}.png"
        picture = self.samples.write(self.run.train_step.average, path)
        with self.summaries.as_default(step=step):
            tf.summary.image("held_out", picture[np.newaxis])

    def save(self, step: int) -> None:
        self.saved_minutes = self.progress.minutes
        if not self.chief or step == self.saved_step:
            return
        facts = {"minutes": self.progress.minutes}
        checkpoints.save(self.folder.checkpoints, step, self.run.train_step.state, facts)
        checkpoints.prune(self.folder.checkpoints, self.run.settings.keep)
        self.folder.save_generator(self.run.train_step.average)
        self.saved_step = step

    def broken(self, result: StepResult, name: str) -> str:
        good = next(iter(checkpoints.find(self.folder.checkpoints)), None)
        return (
            f"step {result.step}: loss {name} is {result.losses[name]}; "
            + (f"the last good checkpoint is {good}; " if good else "there is no checkpoint yet; ")
            + "try a lower --learning_rate, --clip_norm=1 or --precision=float32"
        )
