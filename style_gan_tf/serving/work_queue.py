"""Work that waits its turn: so much at once, so much in line, and no more."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Result = TypeVar("_Result")


class QueueFull(Exception):
    """No room in line: told at once, so that the client can go elsewhere or come again."""


class WorkQueue:
    """A thread pool whose line has an end.

    Args:
        workers: Jobs at work at once.
        waiting: Jobs in line behind them.
    """

    def __init__(self, workers: int, waiting: int) -> None:
        self.capacity = workers + waiting
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="worker")
        self._lock = threading.Lock()
        self._held = 0

    @property
    def held(self) -> int:
        """Jobs at work and in line."""
        return self._held

    def submit(self, job: Callable[[], _Result]) -> "Future[_Result]":
        """Put a job in line; cancelling its future takes it out again, unless it has begun.

        Raises:
            QueueFull: When there is no room.
        """
        with self._lock:
            if self._held >= self.capacity:
                raise QueueFull
            self._held += 1
        try:
            future = self._pool.submit(job)
        except BaseException:
            self._left()
            raise
        # A job whose client has gone counts until it ends: it is still at work.
        future.add_done_callback(lambda _: self._left())
        return future

    def close(self) -> None:
        """Take nothing more, and do not wait for what is at work."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _left(self) -> None:
        with self._lock:
            self._held -= 1
