"""Stylizing many pictures at a server: several requests at once, results in order."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from style_gan_tf.inference import Failure, Job, Report, stylize_files
from style_gan_tf.serving.remote_model import RemoteModel


def stylize_at_server(
    model: RemoteModel,
    jobs: Sequence[Job],
    *,
    at_once: int = 4,
    on_written: Callable[[Job], None] = lambda job: None,
    on_failure: Callable[[Failure], None] = lambda failure: None,
    **options: Any,
) -> Report:
    """As `stylize_files`, with several requests on their way.

    Pictures are read, sent as PNG with 8 bits, blended and written here, so that sizes, alpha
    channels, formats and strength are treated as with a model in this process.

    Args:
        model: What `connect` gave.
        jobs: What `plan_jobs` gives.
        at_once: Requests on their way, and pictures in memory.
        on_written: Called after each picture that was written, in order, in this thread.
        on_failure: Called after each that failed, likewise.
        options: Of `stylize_files`.

    Raises:
        UserError: As `stylize_files` does.
    """
    report = Report()
    waiting: deque[tuple[Job, Future[Report]]] = deque()

    def settle(at_most: int) -> None:
        while len(waiting) > at_most:
            job, future = waiting.popleft()
            part = future.result()
            report.written += part.written
            report.failures += part.failures
            for _ in part.written:
                on_written(job)
            for failure in part.failures:
                on_failure(failure)

    with ThreadPoolExecutor(at_once) as pool:
        try:
            for job in jobs:
                waiting.append((job, pool.submit(stylize_files, model, [job], **options)))
                settle(2 * at_once)
            settle(0)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return report
