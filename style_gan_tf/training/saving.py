"""What a run saves: checkpoints to go on from, and generators to use."""

from pathlib import Path
from typing import Any

from style_gan_tf.networks import rebuild
from style_gan_tf.training import checkpoints
from style_gan_tf.training.assemble import Run
from style_gan_tf.training.run_folder import RunFolder


class Saver:
    """Writes a run's state into its folder and reads it back.

    What a checkpoint remembers beside the variables are its facts: `minutes` of training, and,
    where the run was measured, the `best` figure and the `metric` that it is of.

    Args:
        run: The run.
        folder: Its folder.
    """

    def __init__(self, run: Run, folder: RunFolder) -> None:
        self.run, self.folder = run, folder
        self._step, self._minutes = -1, 0.0  # of the newest checkpoint

    def restore(self) -> dict[str, Any]:
        """Load the newest good checkpoint and return its facts; none: an empty dict.

        Raises:
            UserError: When a newer version of the program wrote it.
        """
        for path in checkpoints.find(self.folder.checkpoints):
            try:
                facts = checkpoints.load(path, self.run.train_step.state)
            except checkpoints.CorruptCheckpoint as error:
                print(f"warning: {error}; trying the one before", flush=True)
                continue
            print(f"resuming {self.folder.path} at step {facts['step']}", flush=True)
            self._step, self._minutes = int(facts["step"]), float(facts.get("minutes", 0.0))
            return facts
        return {}

    def due(self, minutes: float) -> bool:
        """Whether the newest checkpoint is old enough for another, after `minutes` of training."""
        return minutes - self._minutes >= self.run.settings.checkpoint_minutes

    def save(self, step: int, facts: dict[str, Any]) -> bool:
        """Write a checkpoint and the generators, unless those of this step lie there.

        Args:
            step: Steps done.
            facts: What the checkpoint remembers.

        Returns:
            Whether something was written.

        Raises:
            UserError: When it cannot be written; what was there before is left as it was.
        """
        self._minutes = facts["minutes"]
        if step == self._step:
            return False
        checkpoints.save(self.folder.checkpoints, step, self.run.train_step.state, facts)
        checkpoints.prune(self.folder.checkpoints, self.run.settings.keep)
        self.folder.save_generator(self.run.generator())
        objective = self.run.train_step.objective
        for name in objective.beside:
            network = rebuild(objective.networks[name], "float32")
            self.folder.save_generator(network, self.folder.path / f"{name}.keras")
        self._step = step
        return True

    def save_best(self, step: int, facts: dict[str, Any]) -> None:
        """Write this state and its generator as the run's best, in the place of the one before.

        Args and errors are those of `save`.
        """
        state = self.run.train_step.state
        best = checkpoints.save(self.folder.best, step, state, facts)
        # After a fall-back, a newer "best" of a part that is done anew may lie there.
        checkpoints.keep_only(best)
        self.folder.save_generator(self.run.generator(), self.folder.best_generator)

    def newest(self) -> Path | None:
        """The newest checkpoint's file, or None."""
        return next(iter(checkpoints.find(self.folder.checkpoints)), None)
