"""Pictures of `stylize`: which there are, and writing what becomes of them."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from style_gan_tf.images import Picture, decode
from style_gan_tf.inference import Failure, Job, Report, plan_jobs, stylize_files
from style_gan_tf.inference.color import ColorControl, MatchColor, preserve_color
from style_gan_tf.inference.failure_list import FailureList
from style_gan_tf.inference.jobs import unfinished
from style_gan_tf.inference.pictures import Stylizes, prepare
from style_gan_tf.inference.shard import parse_shard
from style_gan_tf.serving.remote_batch import stylize_at_server
from style_gan_tf.serving.remote_model import RemoteModel
from style_gan_tf.stylize.progress import Progress
from style_gan_tf.stylize.settings import StylizeSettings


@dataclass(frozen=True)
class Pass:
    """Pictures to write by one model, or by a model in one rendering.

    Attributes:
        model: What stylizes; None: pictures are written as they are read.
        jobs: What to read and to write.
        precise: Gives the same model in float32 for pictures of 16 bits; None: `model` is that.
    """

    model: Stylizes | None
    jobs: list[Job]
    precise: Callable[[], Stylizes] | None = None


def plan(settings: StylizeSettings) -> list[list[Job]]:
    """The pictures to stylize: one list, or with --samples one for each rendering.

    What is there already is left out where that is wished; it is told how much. All lists may be
    empty.

    Raises:
        UsageError: See `plan_jobs`.
    """
    planned = [
        plan_jobs(
            settings.input,
            settings.output,
            overwrite=settings.overwrite,
            keep_existing=settings.skip_existing,
            shard=parse_shard(settings.shard),
            numbered=number,
        )
        for number in (range(1, settings.samples + 1) if settings.samples else [0])
    ]
    left = [unfinished(jobs) if settings.skip_existing else jobs for jobs in planned]
    remaining, total = (sum(map(len, lists)) for lists in (left, planned))
    if remaining < total:
        print(f"{total - remaining} of {total} pictures are there already", flush=True)
    elif not total:
        print(f"no picture belongs to --shard={settings.shard}")
    return left


def color_control(settings: StylizeSettings) -> ColorControl | None:
    """What changes the colours of what the network gives, if anything shall.

    Raises:
        ImageError: For a picture that cannot be read.
    """
    if settings.preserve_color:
        return preserve_color
    if not settings.match_color:
        return None
    path = Path(settings.match_color).expanduser()
    picture = decode(path.read_bytes(), name=f"--match_color={path}", faithful=True)
    return MatchColor(prepare(picture)[0] * np.float32(0.5) + np.float32(0.5), picture.alpha)


def write(
    settings: StylizeSettings,
    passes: Sequence[Pass],
    color: ColorControl | None = None,
    read: Callable[[Path], Picture] | None = None,
    done: str = "stylized",
) -> int:
    """Write the pictures of all passes; 1 when one failed.

    A picture that fails in every pass for the same reason is told once, and one list holds the
    failures of all.

    Args:
        settings: Strength, quality, where failures are listed.
        passes: One or several, with jobs.
        color: See `stylize_files`.
        read: See `stylize_files`.
        done: What was done, for the last line.
    """
    written, told = 0, set[Failure]()
    progress = Progress("picture", sum(len(one.jobs) for one in passes))
    with progress, _failure_list(settings) as failures:

        def failed(failure: Failure) -> None:
            progress.advance()
            if failure in told:
                return
            told.add(failure)
            progress.warn(f"error: {failure.source}: {failure.reason}")
            if failures:
                failures.add(failure)

        for one in passes:
            stylize: Callable[..., Report] = stylize_files
            if isinstance(one.model, RemoteModel):
                stylize = partial(stylize_at_server, at_once=settings.server_requests)
            report = stylize(
                one.model,
                one.jobs,
                read=read,
                strength=settings.strength,
                quality=settings.quality,
                color=color,
                precise=one.precise,
                on_written=lambda job: progress.advance(str(job.target)),
                on_failure=failed,
            )
            written += len(report.written)
    count = "1 picture" if written == 1 else f"{written} pictures"
    and_failed = f", {len(told)} failed" if told else ""
    print(f"{count} {done} in {progress.seconds:.1f} s{and_failed}")
    return 1 if told else 0


def _failure_list(
    settings: StylizeSettings,
) -> contextlib.AbstractContextManager[FailureList | None]:
    """Where pictures that fail are listed: in the output folder, if several can."""
    if not settings.input or Path(settings.input).expanduser().is_file():
        return contextlib.nullcontext()
    shard = parse_shard(settings.shard)
    name = "failures.txt" if shard.count == 1 else f"failures_{shard.index}_of_{shard.count}.txt"
    return FailureList(Path(settings.output).expanduser() / name)
