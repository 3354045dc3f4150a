"""What a run shows while it goes: a bar on a terminal, plain lines elsewhere, CSV in the folder."""

import csv
import math
import os
import sys
import time
from pathlib import Path

from tqdm import tqdm

from style_gan_tf.training.step import StepResult


class Progress:
    """Shows steps, pictures per second, losses and the time left.

    Args:
        first: Steps done before.
        total: Steps of the whole run; 0 where time alone limits it.
        minutes: Minutes of training done before.
        max_minutes: The limit in minutes; 0: none.
        batch_size: Content images a step.
        log_every: Steps between plain lines.
    """

    def __init__(
        self,
        first: int,
        total: int,
        minutes: float,
        max_minutes: float,
        batch_size: int,
        log_every: int,
    ) -> None:
        self.first, self.total = first, total
        self.minutes_before, self.max_minutes = minutes, max_minutes
        self.batch_size, self.log_every = batch_size, log_every
        self.start = time.monotonic()
        self._window = (self.start, first)
        self.images_per_second = 0.0
        self._bar = None
        if sys.stderr.isatty():
            self._bar = tqdm(total=total or None, initial=first, unit="step", dynamic_ncols=True)

    @property
    def minutes(self) -> float:
        """Minutes of training, earlier parts of the run included."""
        return self.minutes_before + (time.monotonic() - self.start) / 60

    def update(self, result: StepResult) -> None:
        """Count a finished step; every `log_every` steps show where the run is."""
        if self._bar is not None:
            self._bar.update(1)
        # The first step holds the compilation: it says nothing about the pace.
        if result.step == self.first + 1:
            self._window = (time.monotonic(), result.step)
        if result.step % self.log_every == 0:
            self._show(result)

    def _show(self, result: StepResult) -> None:
        now = time.monotonic()
        then, step = self._window
        if result.step > step:
            self.images_per_second = (result.step - step) * self.batch_size / (now - then)
        self._window = (now, result.step)
        losses = "  ".join(f"{name} {value:.3g}" for name, value in result.losses.items())
        if self._bar is not None:
            self._bar.set_postfix_str(f"{self.images_per_second:.1f} images/s  {losses}")
            return
        of = f"/{self.total}" if self.total else ""
        print(
            f"step {result.step}{of}  {self.images_per_second:.1f} images/s  {losses}  "
            f"{self.left(result.step)}",
            flush=True,
        )

    def left(self, step: int) -> str:
        """The time left, by the nearer of the two limits; without one, the time so far."""
        left = []
        if self.max_minutes:
            left.append(self.max_minutes - self.minutes)
        if self.total and self.images_per_second:
            left.append((self.total - step) * self.batch_size / self.images_per_second / 60)
        return f"{max(min(left), 0):.1f} min left" if left else f"{self.minutes:.1f} min"

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        if self._bar is not None:
            self._bar.write(text)
        else:
            print(text, flush=True)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._bar is not None:
            self._bar.close()


def broken_loss(result: StepResult) -> str | None:
    """The first loss that is no number, or None."""
    return next((name for name, v in result.losses.items() if not math.isfinite(v)), None)


class MetricsFile:
    """`metrics.csv`: one row a logged step, columns `step`, `minutes` and the figures by name.

    Args:
        path: The file; rows after `step` (of a part of the run that is done anew) are dropped.
        step: Steps done before.
    """

    def __init__(self, path: Path, step: int) -> None:
        self.path = path
        self.columns: list[str] = []
        rows: list[dict[str, str]] = []
        if path.exists():
            with open(path, encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file)
                self.columns = list(reader.fieldnames or [])
                rows = [row for row in reader if int(row.get("step") or 0) <= step]
        self._rewrite(rows)

    def append(self, row: dict[str, float | int]) -> None:
        """Add a row; columns that are new get added to the file."""
        if missing := [name for name in row if name not in self.columns]:
            with open(self.path, encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            self.columns += missing
            self._rewrite(rows)
        with open(self.path, "a", encoding="utf-8", newline="") as file:
            csv.DictWriter(file, self.columns, restval="").writerow(row)

    def _rewrite(self, rows: list[dict[str, str]]) -> None:
        temporary = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        with open(temporary, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, self.columns, restval="", extrasaction="ignore")
            if self.columns:
                writer.writeheader()
            writer.writerows(rows)
        os.replace(temporary, self.path)
