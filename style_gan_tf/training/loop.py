"""The training loop: resume, step, show, save, until a limit or a signal."""

import dataclasses
import math
import shlex
import time
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UserError
from style_gan_tf.images import encode, write_file
from style_gan_tf.networks import Network, rebuild
from style_gan_tf.training import checkpoints
from style_gan_tf.training.evaluation import open_evaluation
from style_gan_tf.training.progress import MetricsFile, Progress, broken_loss
from style_gan_tf.training.run import Run
from style_gan_tf.training.run_folder import RunFolder
from style_gan_tf.training.run_page import RunPage, Standing
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
    facts = _restore(folder, step) if resuming else {}
    minutes = float(facts.get("minutes", 0.0))
    first = int(step.step.numpy())
    loop = _Loop(run, folder, first, facts, chief)
    if loop.finished():
        loop.progress.say(
            f"nothing to do: {folder.path} has {first} steps in {minutes:.1f} minutes; "
            "raise --steps, --epochs or --max_minutes to go on"
        )
        return Outcome(folder.path, run.generator(), first)
    with StopRequest() as stop:
        try:
            loop.go(stop)
        except BaseException as error:
            told = " ".join(str(error).split())[:200] or type(error).__name__
            loop.show(f"ended by an error ({told})")
            raise
        finally:
            loop.progress.close()
    return Outcome(folder.path, run.generator(), int(step.step.numpy()), stop.signal)


def _restore(folder: RunFolder, step: TrainStep) -> dict[str, Any]:
    """Load the newest good checkpoint and return its facts; none: an empty dict."""
    for path in checkpoints.find(folder.checkpoints):
        try:
            facts = checkpoints.load(path, step.state)
        except checkpoints.CorruptCheckpoint as error:
            print(f"warning: {error}; trying the one before", flush=True)
            continue
        print(f"resuming {folder.path} at step {facts['step']}", flush=True)
        return facts
    return {}


class _Loop:
    def __init__(
        self, run: Run, folder: RunFolder, first: int, facts: dict[str, Any], chief: bool
    ) -> None:
        self.run, self.folder, self.first, self.chief = run, folder, first, chief
        settings = run.settings
        minutes = float(facts.get("minutes", 0.0))
        self.progress = Progress(
            first,
            run.total_steps,
            minutes,
            settings.max_minutes,
            settings.batch_size,
            settings.log_every,
        )
        self.saved_step = first if facts else -1
        self.saved_minutes = minutes
        self.samples = Samples(run.shown, run.data.targets, run.data.references)
        noise = run.noise(settings.eval_images)
        self.evaluation = open_evaluation(run.data.judged, settings, noise) if chief else None
        # Of the averaged generator, by the in-loop metric: the smaller the better. A run that was
        # measured by another metric before has no best yet.
        same = self.evaluation and facts.get("metric") == self.evaluation.name
        self.best = float(facts["best"]) if same else math.inf
        self.evaluation_seconds = 0.0
        if chief:
            self.metrics = MetricsFile(folder.metrics, first)
            self.summaries = tf.summary.create_file_writer(str(folder.summaries))
            judge = self.evaluation
            self.page = RunPage(
                folder,
                settings,
                None if judge is None else judge.name,
                None if judge is None else judge.untouched,
            )

    def finished(self) -> bool:
        total, limit = self.run.total_steps, self.run.settings.max_minutes
        step = int(self.run.train_step.step.numpy())
        return bool((total and step >= total) or (limit and self.progress.minutes >= limit))

    def go(self, stop: StopRequest) -> None:
        settings = self.run.settings
        batches = self.run.batches(self.first)
        if self.chief:
            self.progress.say(f"page: {self.folder.page}")
            if not self.first:
                self.draw(0)
            self.show()
        while not self.finished() and stop.signal is None:
            result = self.run.train_step(next(batches))
            if name := broken_loss(result):
                raise UserError(self.broken(result, name))
            self.progress.update(result)
            if result.step % settings.log_every == 0:
                self.log(result)
            if settings.sample_every and result.step % settings.sample_every == 0:
                self.draw(result.step)
            if settings.eval_every and result.step % settings.eval_every == 0:
                self.evaluate(result.step)
            if self.progress.minutes - self.saved_minutes >= settings.checkpoint_minutes:
                self.save(result.step)
            if self.chief and self.page.stale:
                self.show()
        step = int(self.run.train_step.step.numpy())
        self.save(step)
        if stop.signal is not None:
            self.progress.say(
                f"stopped by {stop.signal.name} at step {step}; resume: "
                f"python -m style_gan_tf.train --flagfile={shlex.quote(str(self.folder.flags))}"
            )
        elif not settings.sample_every or step % settings.sample_every:
            self.draw(step)
        self.show(f"stopped by {stop.signal.name}" if stop.signal is not None else "finished")

    def show(self, state: str = "training") -> None:
        """Write the run's page."""
        if not self.chief:
            return
        step = int(self.run.train_step.step.numpy())
        left = self.progress.left(step)
        self.page.update(Standing(step, self.run.total_steps, self.progress.minutes, left, state))

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
        shown = self.samples.paint(self.run.train_step.average)
        picture = shown.plain()
        write_file(path, encode(picture, format="png"))
        self.page.show(shown)
        with self.summaries.as_default(step=step):
            tf.summary.image("held_out", picture[np.newaxis])

    def evaluate(self, step: int) -> None:
        """Measure the averaged generator, and keep the checkpoint if it is the best so far."""
        if self.evaluation is None:
            return
        start = time.monotonic()
        score = self.evaluation.score(self.run.train_step.average)
        spent = self.evaluation_seconds + time.monotonic() - start
        trained = max(time.monotonic() - self.progress.start, 1e-9)
        better = score < self.best
        untouched = self.evaluation.untouched
        beside = "" if untouched is None else f" (untouched photos {untouched:.1f})"
        details = getattr(self.evaluation, "details", {})  # Of several styles alone.
        beside += "".join(f", {name} {value:.4g}" for name, value in details.items())
        self.progress.say(
            f"step {step}: {self.evaluation.name} {score:.1f}{beside}"
            f"{', the best so far' if better else ''}; "
            f"measuring took {100 * spent / trained:.1f} % of the time"
        )
        self.metrics.append(
            {
                "step": step,
                "minutes": round(self.progress.minutes, 4),
                self.evaluation.name: score,
                **details,
            }
        )
        with self.summaries.as_default(step=step):
            for name, value in {self.evaluation.name: score, **details}.items():
                tf.summary.scalar(name, value)
        if better:
            self.best = score
            state = self.run.train_step.state
            best = checkpoints.save(self.folder.best, step, state, self.facts())
            # After a fall-back, a newer "best" of a part that is done anew may lie there.
            checkpoints.keep_only(best)
            self.folder.save_generator(self.run.generator(), self.folder.best_generator)
        # With what keeping the best took, which the next line tells.
        self.evaluation_seconds += time.monotonic() - start
        self.page.stale = True

    def facts(self) -> dict[str, Any]:
        """What a checkpoint remembers beside the variables."""
        facts = {"minutes": self.progress.minutes}
        if self.evaluation is None or math.isinf(self.best):
            return facts
        return {**facts, "best": self.best, "metric": self.evaluation.name}

    def save(self, step: int) -> None:
        self.saved_minutes = self.progress.minutes
        if not self.chief or step == self.saved_step:
            return
        checkpoints.save(self.folder.checkpoints, step, self.run.train_step.state, self.facts())
        checkpoints.prune(self.folder.checkpoints, self.run.settings.keep)
        self.folder.save_generator(self.run.generator())
        objective = self.run.train_step.objective
        for name in objective.beside:
            network = rebuild(objective.networks[name], "float32")
            self.folder.save_generator(network, self.folder.path / f"{name}.keras")
        self.saved_step = step
        self.page.stale = True

    def broken(self, result: StepResult, name: str) -> str:
        good = next(iter(checkpoints.find(self.folder.checkpoints)), None)
        return (
            f"step {result.step}: loss {name} is {result.losses[name]}; "
            + (f"the last good checkpoint is {good}; " if good else "there is no checkpoint yet; ")
            + "try a lower --learning_rate, --clip_norm=1 or --precision=float32"
        )
