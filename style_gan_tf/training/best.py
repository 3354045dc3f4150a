"""The best state of a run by the in-loop metric: measured every so often, and kept."""

import math
import time
from typing import Any

from style_gan_tf.training.assemble import Run
from style_gan_tf.training.evaluation import Evaluation
from style_gan_tf.training.journal import Journal
from style_gan_tf.training.saving import Saver


class BestKeeper:
    """Measures the averaged generator and keeps the state whose figure is the smallest.

    Args:
        evaluation: What measures.
        run: The run.
        saver: Keeps the best.
        journal: Is told the figures.
        facts: Of the checkpoint that the run goes on from; a run that was measured by another
            metric before has no best yet.
    """

    def __init__(
        self,
        evaluation: Evaluation,
        run: Run,
        saver: Saver,
        journal: Journal,
        facts: dict[str, Any],
    ) -> None:
        self.evaluation, self.run, self.saver, self.journal = evaluation, run, saver, journal
        self.progress = journal.progress
        self._best = float(facts["best"]) if facts.get("metric") == evaluation.name else math.inf
        self._seconds = 0.0  # that measuring took, with keeping the best

    def measure(self, step: int) -> None:
        """Measure, say and note the figures, and keep this state if it is the best so far."""
        start = time.monotonic()
        evaluation = self.evaluation
        score = evaluation.score(self.run.train_step.average)
        better = score < self._best
        self.progress.say(self._line(step, score, better, time.monotonic() - start))
        self.journal.add(step, {evaluation.name: score, **evaluation.details})
        if better:
            self._best = score
            self.saver.save_best(step, {"minutes": self.progress.minutes, **self.facts()})
        # With what keeping the best took, which the next line tells.
        self._seconds += time.monotonic() - start
        self.journal.page.stale = True

    def facts(self) -> dict[str, Any]:
        """What a checkpoint remembers of it: `best` and `metric`; nothing before the first."""
        if math.isinf(self._best):
            return {}
        return {"best": self._best, "metric": self.evaluation.name}

    def _line(self, step: int, score: float, better: bool, seconds: float) -> str:
        evaluation = self.evaluation
        untouched = evaluation.untouched
        beside = "" if untouched is None else f" (untouched photos {untouched:.1f})"
        beside += "".join(f", {name} {value:.4g}" for name, value in evaluation.details.items())
        trained = max(time.monotonic() - self.progress.start, 1e-9)
        share = 100 * (self._seconds + seconds) / trained
        return (
            f"step {step}: {evaluation.name} {score:.1f}{beside}"
            f"{', the best so far' if better else ''}; measuring took {share:.1f} % of the time"
        )
