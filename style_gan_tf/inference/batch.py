"""Stylizing many pictures: reading and writing go on while the network computes."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from style_gan_tf.errors import UserError
from style_gan_tf.images import Picture, decode, encode, format_of, write_file
from style_gan_tf.inference.jobs import Job
from style_gan_tf.inference.pictures import Stylizes, check_strength, stylize_picture

# Decoded pictures that wait for the network, and stylized ones that wait to be written. With
# the one at work that bounds the memory, however many pictures there are.
_AHEAD = 2
_THREADS = 2


@dataclass(frozen=True)
class Failure:
    """A picture that could not be stylized, and why, in one line."""

    source: Path
    reason: str


@dataclass
class Report:
    """What became of the pictures.

    Attributes:
        written: The files that were written, in the order of the jobs.
        failures: The pictures that were not stylized.
    """

    written: list[Path] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def stylize_files(
    model: Stylizes | None,
    jobs: Sequence[Job],
    *,
    read: Callable[[Path], Picture] | None = None,
    strength: float = 1.0,
    quality: int = 95,
    on_written: Callable[[Job], None] = lambda job: None,
    on_failure: Callable[[Failure], None] = lambda failure: None,
) -> Report:
    """Stylize each job's picture; one that fails does not stop the rest.

    Args:
        model: What `load_model` gives; None: pictures are written as they are read.
        jobs: What `plan_jobs` gives.
        read: From a job's source to its picture, in other threads; default: decode the file.
        strength: 0 (the photo) to 1 (fully stylized).
        quality: Of JPEG and WebP, 1 to 100.
        on_written: Called after each picture that was written, in order, in this thread.
        on_failure: Called after each that failed, likewise.

    Returns:
        What was written and what failed.

    Raises:
        UsageError: When strength lies outside [0, 1].
    """
    check_strength(strength)
    report = Report()
    writing: deque[tuple[Job, Future[None]]] = deque()

    def failed(job: Job, error: BaseException) -> None:
        report.failures.append(Failure(job.source, _reason(error, job.source)))
        on_failure(report.failures[-1])

    def settle(at_most: int) -> None:
        while len(writing) > at_most:
            job, future = writing.popleft()
            try:
                future.result()
            except _PICTURE_ERRORS as error:
                failed(job, error)
            else:
                report.written.append(job.target)
                on_written(job)

    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            for job, reading in _read_ahead(pool, jobs, read or _read):
                try:
                    picture = reading.result()
                    if model is not None:
                        picture = stylize_picture(model, picture, strength)
                except _PICTURE_ERRORS as error:
                    failed(job, error)
                    continue
                writing.append((job, pool.submit(_write, job.target, picture, quality)))
                settle(_AHEAD)
            settle(0)
        except BaseException:
            # Ctrl-C: what is being written is finished, nothing new is begun.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return report


# What one picture can be guilty of; everything else is a fault of the program.
_PICTURE_ERRORS = (UserError, OSError, MemoryError)


def _read_ahead(
    pool: ThreadPoolExecutor, jobs: Sequence[Job], read: Callable[[Path], Picture]
) -> Iterator[tuple[Job, "Future[Picture]"]]:
    reading: deque[tuple[Job, Future[Picture]]] = deque()
    for job in jobs:
        reading.append((job, pool.submit(read, job.source)))
        if len(reading) > _AHEAD:
            yield reading.popleft()
    while reading:
        yield reading.popleft()


def _read(path: Path) -> Picture:
    return decode(path.read_bytes(), name=str(path))


def _write(path: Path, picture: Picture, quality: int) -> None:
    data = encode(picture.rgb, picture.alpha, format=format_of(path), quality=quality)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, data)


def _reason(error: BaseException, source: Path) -> str:
    if isinstance(error, MemoryError):
        return "too large for the memory"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    line = (text or type(error).__name__).splitlines()[0]
    return line.removeprefix(f"{source}: ")
