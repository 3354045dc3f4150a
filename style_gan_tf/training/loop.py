"""The training loop: resume, step, show, save, until a limit or a signal."""

import dataclasses
import functools
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from style_gan_tf.errors import UserError
from style_gan_tf.networks import Network
from style_gan_tf.training.assemble import Run
from style_gan_tf.training.best import BestKeeper
from style_gan_tf.training.evaluation import open_evaluation
from style_gan_tf.training.journal import Journal
from style_gan_tf.training.progress import Progress, broken_loss
from style_gan_tf.training.run_folder import RunFolder
from style_gan_tf.training.saving import Saver
from style_gan_tf.training.step import StepResult
from style_gan_tf.training.stopping import Agreement, Ending, StopRequest
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

    Of several workers the first one writes the folder, which all must be able to read.

    Raises:
        UserError: When a loss is no number any more, or something cannot be written.
    """
    agreement = Agreement(run.strategy)
    saver = Saver(run, folder)
    facts = saver.restore() if folder.check(run.settings) else {}
    # Asked before the first worker makes the folder, which the others look into.
    if not agreement.same(run.step):
        raise UserError(
            f"--run_dir={folder.path}: the workers find different checkpoints there; name a "
            "folder on a disk that all of them share"
        )
    loop = _Loop(run, saver, facts, agreement)
    with StopRequest() as stop:
        try:
            return loop.go(stop)
        except BaseException as error:
            told = " ".join(str(error).split())[:200] or type(error).__name__
            if loop.writer is not None:
                loop.writer.journal.show(f"ended by an error ({told})")
            raise
        finally:
            loop.progress.close()


class _Loop:
    """Steps, and what is done after each, until all workers agree on an end."""

    def __init__(self, run: Run, saver: Saver, facts: dict[str, Any], agreement: Agreement) -> None:
        self.run, self.saver, self.agreement = run, saver, agreement
        settings = run.settings
        self.progress = Progress(
            run.step,
            run.total_steps,
            float(facts.get("minutes", 0.0)),
            settings.max_minutes,
            settings.batch_size,
            settings.log_every,
        )
        self.facts = facts
        self.writer: _Writer | None = None

    def go(self, stop: StopRequest) -> Outcome:
        """Train to the end; the state of all workers is that of the same step then."""
        run, folder, first = self.run, self.saver.folder, self.run.step
        if self._ending(self._open, stop).limit:
            self.progress.say(
                f"nothing to do: {folder.path} has {first} steps in "
                f"{self.progress.minutes_before:.1f} minutes; "
                "raise --steps, --epochs or --max_minutes to go on"
            )
            return Outcome(folder.path, run.generator(), first)
        ending = self._ending(self.writer.begin if self.writer else _nothing, stop)
        batches = run.batches(first)
        while not ending:
            result = run.train_step(next(batches))
            ending = self._ending(functools.partial(self._after, result), stop)
        self._ending(functools.partial(self._finish, ending), stop)
        outcome = Outcome(folder.path, run.generator(), run.step, ending.signal)
        self.agreement.wait()  # Who left earlier would be missed by those who still work.
        return outcome

    def _open(self) -> None:
        if is_chief(self.run.strategy):
            self.saver.folder.open(self.run.settings)
            self.writer = _Writer(self.run, self.saver, self.progress, self.facts)

    def _ending(self, work: Callable[[], None], stop: StopRequest) -> Ending:
        return self.agreement.ending(work, stop, self._at_limit)

    def _at_limit(self) -> bool:
        total, minutes = self.run.total_steps, self.run.settings.max_minutes
        return bool(
            (total and self.run.step >= total) or (minutes and self.progress.minutes >= minutes)
        )

    def _after(self, result: StepResult) -> None:
        """What follows a step."""
        if name := broken_loss(result):
            good = self.saver.newest()
            raise UserError(
                f"step {result.step}: loss {name} is {result.losses[name]}; "
                + (f"the last good checkpoint is {good}" if good else "there is no checkpoint yet")
                + "; try a lower --learning_rate, --clip_norm=1 or --precision=float32"
            )
        self.progress.update(result)
        if self.writer is not None:
            self.writer.after(result)

    def _finish(self, ending: Ending) -> None:
        if self.writer is not None:
            self.writer.save(self.run.step)
        if ending.signal is not None:
            flagfile = shlex.quote(str(self.saver.folder.flags))
            self.progress.say(
                f"stopped by {ending.signal.name} at step {self.run.step}; resume: "
                f"python -m style_gan_tf.train --flagfile={flagfile}"
            )
        if self.writer is not None:
            self.writer.finish(ending)


class _Writer:
    """What the first worker writes while all of them train."""

    def __init__(self, run: Run, saver: Saver, progress: Progress, facts: dict[str, Any]) -> None:
        self.run, self.saver, self.progress = run, saver, progress
        noise = run.noise(run.settings.eval_images)
        evaluation = open_evaluation(run.data.judged, run.settings, noise)
        self.journal = Journal(run, saver.folder, progress, evaluation)
        self.best = (
            None if evaluation is None else BestKeeper(evaluation, run, saver, self.journal, facts)
        )

    def begin(self) -> None:
        """The page, and at the very beginning a sheet of samples."""
        self.progress.say(f"page: {self.saver.folder.page}")
        if not self.run.step:
            self.journal.draw(0)
        self.journal.show()

    def after(self, result: StepResult) -> None:
        """What is due after a step."""
        settings, step = self.run.settings, result.step
        if step % settings.log_every == 0:
            self.journal.log(result)
        if settings.sample_every and step % settings.sample_every == 0:
            self.journal.draw(step)
        if self.best is not None and settings.eval_every and step % settings.eval_every == 0:
            self.best.measure(step)
        if self.saver.due(self.progress.minutes):
            self.save(step)
        if self.journal.page.stale:
            self.journal.show()

    def save(self, step: int) -> None:
        """Write a checkpoint."""
        facts = {"minutes": self.progress.minutes}
        if self.best is not None:
            facts |= self.best.facts()
        if self.saver.save(step, facts):
            self.journal.page.stale = True

    def finish(self, ending: Ending) -> None:
        """The last sheet of samples, where the run was not stopped, and the last page."""
        every, step = self.run.settings.sample_every, self.run.step
        if ending.signal is None and not (every and step % every == 0):
            self.journal.draw(step)
        self.journal.show(
            "finished" if ending.signal is None else f"stopped by {ending.signal.name}"
        )


def _nothing() -> None:
    """What workers write that are not the first."""
