"""Stylizing many pictures: reading and writing go on while the network computes."""

import errno
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from style_gan_tf.errors import UserError
from style_gan_tf.images import Picture, decode, encode, format_of, write_file
from style_gan_tf.inference.color import ColorControl
from style_gan_tf.inference.jobs import Job
from style_gan_tf.inference.large_pictures import is_large, stylize_large
from style_gan_tf.inference.models import Model
from style_gan_tf.inference.pictures import (
    Stylizes,
    at_strength,
    check_strength,
    finish,
    prepare,
)

# Decoded pictures that wait for the network, and stylized ones that wait to be written. With
# the one at work that bounds the memory, however many pictures there are.
_AHEAD = 2
_THREADS = 2
# Larger pictures are made ready for the network one at a time: as float32 they take four times
# the memory.
_READY_AHEAD = 4_000_000  # pixels
_HOPELESS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}  # for all pictures that follow, too


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
    color: ColorControl | None = None,
    precise: Callable[[], Stylizes] | None = None,
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
        color: Changes the colours of what the network gives.
        precise: Gives the model for pictures of 16 bits, in float32; default: `model`.
        on_written: Called after each picture that was written, in order, in this thread.
        on_failure: Called after each that failed, likewise.

    Returns:
        What was written and what failed.

    Raises:
        UsageError: When strength lies outside [0, 1].
        UserError: When the disk is full: no picture that follows could be written.
    """
    check_strength(strength)
    report = Report()
    if strength == 0.0:
        model = None
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
                _stop_when_hopeless(error)
                failed(job, error)
            else:
                report.written.append(job.target)
                on_written(job)

    def write_by_rows(job: Job) -> None:
        # What waits to be written is written first: the memory is all that large one's.
        settle(0)
        job.target.parent.mkdir(parents=True, exist_ok=True)
        assert isinstance(model, Model)
        stylize_large(
            model,
            job.source,
            job.target,
            strength=strength,
            quality=quality,
            color=color,
            precise=precise,
        )
        report.written.append(job.target)
        on_written(job)

    def is_too_large(path: Path) -> bool:
        return read is None and isinstance(model, Model) and is_large(path, model.memory)

    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            ahead = _read_ahead(pool, jobs, read or _read, model is not None, is_too_large)
            for job, reading in ahead:
                try:
                    picture, images = reading.result()
                    if picture is None:
                        write_by_rows(job)
                        continue
                    stylized, blended = None, False
                    if model is not None:
                        chosen = precise() if precise and picture.white > 255 else model
                        chosen, blended = at_strength(chosen, strength)
                        stylized = chosen.stylize(prepare(picture) if images is None else images)[0]
                except _PICTURE_ERRORS as error:
                    _stop_when_hopeless(error)
                    failed(job, error)
                    continue
                del images
                finishing = (job.target, picture, stylized, strength, color, blended, quality)
                writing.append((job, pool.submit(_write, *finishing)))
                settle(_AHEAD)
            settle(0)
        except BaseException:
            # Ctrl-C: what is being written is finished, nothing new is begun.
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return report


# What one picture can be guilty of; everything else is a fault of the program.
_PICTURE_ERRORS = (UserError, OSError, MemoryError)


# None where it is too large; and what the network is shown, if that is ready.
_Read = tuple[Picture | None, np.ndarray | None]


def _read_ahead(
    pool: ThreadPoolExecutor,
    jobs: Sequence[Job],
    read: Callable[[Path], Picture],
    ready: bool,
    is_too_large: Callable[[Path], bool],
) -> Iterator[tuple[Job, "Future[_Read]"]]:
    def work(path: Path) -> _Read:
        if is_too_large(path):
            return None, None
        picture = read(path)
        small = picture.rgb[..., 0].size <= _READY_AHEAD
        return picture, prepare(picture) if ready and small else None

    reading: deque[tuple[Job, Future[_Read]]] = deque()
    for job in jobs:
        reading.append((job, pool.submit(work, job.source)))
        if len(reading) > _AHEAD:
            yield reading.popleft()
    while reading:
        yield reading.popleft()


def _read(path: Path) -> Picture:
    return decode(path.read_bytes(), name=str(path), faithful=True)


def _write(
    path: Path,
    picture: Picture,
    stylized: np.ndarray | None,
    strength: float,
    color: ColorControl | None,
    blended: bool,
    quality: int,
) -> None:
    if stylized is not None:
        picture = finish(picture, stylized, strength, color, blended=blended)
    data = encode(
        picture.rgb,
        picture.alpha,
        format=format_of(path),
        quality=quality,
        profile=picture.profile,
        exif=picture.exif,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, data)


def _stop_when_hopeless(error: BaseException) -> None:
    system = error if isinstance(error, OSError) else error.__cause__
    if isinstance(system, OSError) and system.errno in _HOPELESS:
        raise UserError(f"{error}: make room, then --skip_existing goes on") from error


def _reason(error: BaseException, source: Path) -> str:
    if isinstance(error, MemoryError):
        return "too large for the memory"
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        # A folder that cannot be made is another file than the picture.
        named = error.filename is not None and str(error.filename) != str(source)
        text = f"{error.filename}: {error.strerror}" if named else error.strerror
    line = (text or type(error).__name__).splitlines()[0]
    return line.removeprefix(f"{source}: ")
