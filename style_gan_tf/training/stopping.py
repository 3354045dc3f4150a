"""What ends a run early, and that all of its workers end it at the same step.

A worker that left alone would have the others wait for its gradients for ever.
"""

import dataclasses
import signal
import threading
from collections.abc import Callable
from signal import Signals
from types import FrameType, TracebackType
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.errors import UserError
from style_gan_tf.training.strategy import worker_count


class StopRequest:
    """Within the `with`, the first signal is remembered; a second Ctrl-C interrupts at once.

    Of several workers, the others are not asked then.

    Attributes:
        signal: SIGTERM or SIGINT where it came, or None.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._before: dict[int, object] = {}

    def __enter__(self) -> "StopRequest":
        # Python delivers signals to the main thread; elsewhere they are its business.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._before[number] = signal.signal(number, self._remember)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _remember(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self.signal is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = signal.Signals(number)


@dataclasses.dataclass(frozen=True)
class Ending:
    """Why a run ends, as all workers see it.

    Attributes:
        limit: Whether it has had its steps, or its time.
        signal: The signal that one of them got, or None.
    """

    limit: bool = False
    signal: Signals | None = None

    def __bool__(self) -> bool:
        """Whether it ends."""
        return self.limit or self.signal is not None


class Agreement:
    """Tells all workers of a run what any of them has to say; of one worker, what it says itself.

    All must call the same methods in the same order, for each call waits for all.

    Args:
        strategy: The run's.
    """

    def __init__(self, strategy: Any) -> None:
        self._strategy = strategy
        self._several = worker_count(strategy) > 1

    def wait(self) -> None:
        """Go on when all workers are here."""
        self._any(False)

    def same(self, number: int) -> bool:
        """Whether the number is the same for all workers."""
        if not self._several:
            return True
        mean = self._mean(np.array([number], np.float64)).numpy()[0]
        (differs,) = self._any(mean != number)
        return not differs

    def ending(
        self, work: Callable[[], None], stop: StopRequest, limit: Callable[[], bool]
    ) -> Ending:
        """Do this worker's own work, then hear whether the run ends, by whichever worker.

        Args:
            work: What this worker does alone, such as writing a checkpoint.
            stop: The signals that it got.
            limit: Whether, after the work, it has reached a limit.

        Raises:
            Exception: What the work raised.
            UserError: When another worker's work failed.
        """
        failure: Exception | None = None
        try:
            work()
        except Exception as error:
            failure = error
        signals = (signal.SIGTERM, signal.SIGINT)
        got = [stop.signal == number for number in signals]
        failed, limited, *stopped = self._any(
            failure is not None, failure is None and limit(), *got
        )
        if failure is not None:
            raise failure
        if failed:
            raise UserError("another worker of this run has failed; its own message says why")
        return Ending(
            limited, next((s for s, yes in zip(signals, stopped, strict=True) if yes), None)
        )

    def _any(self, *own: bool) -> list[bool]:
        """Of each thing, whether any worker says it."""
        if not self._several:
            return list(own)
        return [bool(share > 0) for share in self._mean(np.array(own, np.float64)).numpy()]

    @tf.function(autograph=False)
    def _mean(self, own: Any) -> Any:
        each = self._strategy.run(tf.identity, args=(own,))
        return self._strategy.reduce(tf.distribute.ReduceOp.MEAN, each, axis=None)
