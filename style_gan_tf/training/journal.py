"""What a run tells of itself while it goes: figures, summaries, sheets of samples, its page."""

import numpy as np
import tensorflow as tf

from style_gan_tf.images import encode, write_file
from style_gan_tf.training.assemble import Run
from style_gan_tf.training.evaluation import Evaluation
from style_gan_tf.training.progress import MetricsFile, Progress
from style_gan_tf.training.run_folder import RunFolder
from style_gan_tf.training.run_page import RunPage, Standing
from style_gan_tf.training.samples import Samples
from style_gan_tf.training.step import StepResult


class Journal:
    """Writes `metrics.csv`, TensorBoard's summaries, `samples/` and the page of a run.

    Args:
        run: The run.
        folder: Its folder, made already.
        progress: How far it is, and its minutes.
        evaluation: What measures it, or None.
    """

    def __init__(
        self, run: Run, folder: RunFolder, progress: Progress, evaluation: Evaluation | None
    ) -> None:
        self.run, self.folder, self.progress = run, folder, progress
        self.metrics = MetricsFile(folder.metrics, progress.first)
        self.summaries = tf.summary.create_file_writer(str(folder.summaries))
        self.samples = Samples(run.shown, run.data.targets, run.data.references)
        name, untouched = (evaluation.name, evaluation.untouched) if evaluation else (None, None)
        self.page = RunPage(folder, run.settings, name, untouched)

    def log(self, result: StepResult) -> None:
        """Note the losses of a step, its learning rate and the pace."""
        figures = {
            **result.losses,
            "learning_rate": result.learning_rate,
            "images_per_second": self.progress.images_per_second,
        }
        self.add(result.step, figures)
        self.summaries.flush()

    def add(self, step: int, figures: dict[str, float]) -> None:
        """Add a row of figures by name to `metrics.csv`, and the same to the summaries."""
        minutes = round(self.progress.minutes, 4)
        self.metrics.append({"step": step, "minutes": minutes, **figures})
        with self.summaries.as_default(step=step):
            for name, value in figures.items():
                tf.summary.scalar(name, value)

    def draw(self, step: int) -> None:
        """Write a sheet of samples, where there is something to make them of."""
        if not len(self.samples.pictures):
            return
        shown = self.samples.paint(self.run.train_step.average)
        picture = shown.plain()
        path = self.folder.samples / f"step_{step:08d}.png"
        write_file(path, encode(picture, format="png"))
        self.page.show(shown)
        with self.summaries.as_default(step=step):
            tf.summary.image("held_out", picture[np.newaxis])

    def show(self, state: str = "training") -> None:
        """Write the run's page.

        Args:
            state: "training", or how the run ended.
        """
        step = self.run.step
        left = self.progress.left(step)
        minutes = self.progress.minutes
        self.page.update(Standing(step, self.run.total_steps, minutes, left, state))
