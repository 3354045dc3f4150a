"""The training loop: resume, step, show, save, until a limit or a signal."""

import dataclasses
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UserError
from style_gan_tf.networks import Network
from style_gan_tf.training import checkpoints
from style_gan_tf.training.progress import MetricsFile, Progress, broken_loss
from style_gan_tf.training.run import Run
from style_gan_tf.training.run_folder import RunFolder
from style_gan_tf.training.samples import Samples
from style_gan_tf.training.signals import StopRequest
from style_gan_tf.training.step import StepResult, TrainStep
from style_gan_tf.training.strategy import is_chief


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
