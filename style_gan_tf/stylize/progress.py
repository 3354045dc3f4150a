"""How far `stylize` is: with pictures, frames, tiles or steps."""

import sys
import time
from collections.abc import Callable

from tqdm import tqdm

_RATE_EVERY = 10.0  # seconds between two lines about the rate


class Progress:
    """A bar on a terminal, plain lines elsewhere.

    Args:
        unit: What is counted: picture, frame, tile, step.
        total: How many there are; 0: that is not known.
        stays: Whether the bar is left on the terminal at the end.
    """

    def __init__(self, unit: str, total: int = 0, stays: bool = True) -> None:
        self.count = 0
        self._unit, self._total = unit, total
        self._began = self._told = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        disable = not self._is_terminal
        self._bar = tqdm(total=total or None, unit=unit, leave=stays, disable=disable)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing more is counted."""
        self._bar.close()

    @property
    def seconds(self) -> float:
        """Since it began; more than 0."""
        return max(time.monotonic() - self._began, 1e-9)

    def expect(self, total: int) -> None:
        """It is known now how many there are; 0: it is not."""
        self._total = total
        self._bar.total = total or None
        self._bar.refresh()

    def advance(self, line: str = "") -> None:
        """One more is done with; `line` says so where there is no terminal."""
        self.count += 1
        self._bar.update()
        if line and not self._is_terminal:
            of_all = f"/{self._total}" if self._total else ""
            print(f"[{self.count}{of_all}] {line}", flush=True)

    def advance_at_a_rate(self) -> None:
        """One more is done, of many that are each too small for a line."""
        now = time.monotonic()
        line = ""
        if now - self._told > _RATE_EVERY:
            self._told = now
            line = f"{(self.count + 1) / self.seconds:.1f} {self._unit}s/s"
        self.advance(line)

    def reach(self, count: int, total: int, **figures: str) -> None:
        """So many are done, of so many; `figures` stand beside the bar."""
        self.count, self._total = count, total
        self._bar.total = total
        if figures:
            self._bar.set_postfix(figures, refresh=False)
        self._bar.update(count - self._bar.n)

    def warn(self, text: str) -> None:
        """Write a line to standard error, above the bar."""
        self._bar.write(text, file=sys.stderr)


def passing_bars(unit: str) -> Callable[..., None]:
    """What shows a bar, on a terminal alone, for each picture whose parts take their time.

    Returns:
        To be called as `Progress.reach`; the bar goes with the last part.
    """
    progress: Progress | None = None

    def reach(done: int, total: int, **figures: str) -> None:
        nonlocal progress
        progress = progress or Progress(unit, total, stays=False)
        progress.reach(done, total, **figures)
        if done == total:
            progress.close()
            progress = None

    return reach
