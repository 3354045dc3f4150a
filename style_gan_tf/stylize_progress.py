"""How far `stylize` is with its pictures."""

import sys
import time

from tqdm import tqdm

from style_gan_tf.inference import Failure, Job


class Progress:
    """A bar on a terminal, plain lines elsewhere.

    Args:
        total: How many pictures there are.
    """

    def __init__(self, total: int) -> None:
        self.began = time.monotonic()
        self.total = total
        self.count = 0
        self.is_terminal = sys.stderr.isatty()
        self.bar = tqdm(total=total, unit="picture", disable=not self.is_terminal)

    def written(self, job: Job) -> None:
        """One more is there."""
        self.advance()
        if not self.is_terminal:
            print(f"[{self.count}/{self.total}] {job.target}", flush=True)

    def failed(self, failure: Failure) -> None:
        """One more failed."""
        self.advance()
        self.bar.write(f"error: {failure.source}: {failure.reason}", file=sys.stderr)

    def advance(self) -> None:
        """One more is done with, and nothing needs to be said."""
        self.count += 1
        self.bar.update()
