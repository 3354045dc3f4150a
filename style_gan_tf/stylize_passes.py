"""Writing what pictures become, once each or in several renderings, and telling how it goes."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from absl import flags

from style_gan_tf import job_flags
from style_gan_tf.images import Picture
from style_gan_tf.inference import Failure, Job, Report, stylize_files
from style_gan_tf.inference.color import ColorControl
from style_gan_tf.inference.pictures import Stylizes
from style_gan_tf.serving.remote_batch import stylize_at_server
from style_gan_tf.serving.remote_model import RemoteModel
from style_gan_tf.stylize_progress import Progress


@dataclasses.dataclass(frozen=True)
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


def write(
    values: flags.FlagValues,
    passes: Sequence[Pass],
    read: Callable[[Path], Picture] | None,
    color: ColorControl | None,
    done: str = "",
) -> int:
    """Write the pictures of all passes; 1 when one failed.

    A picture that fails in every pass for the same reason is told once, and one list holds the
    failures of all.

    Args:
        values: The flags.
        passes: One or several, with jobs.
        read: See `stylize_files`.
        color: See `stylize_files`.
        done: What was done, for the last line; default: generated, stylized or both.
    """
    progress = Progress(sum(len(one.jobs) for one in passes))
    written, told = 0, set[Failure]()
    with progress.bar, job_flags.failure_list(values) as failures:

        def failed(failure: Failure) -> None:
            if failure in told:
                progress.advance()
                return
            told.add(failure)
            progress.failed(failure)
            if failures:
                failures.add(failure)

        for one in passes:
            stylize: Callable[..., Report] = stylize_files
            if isinstance(one.model, RemoteModel):
                stylize = partial(stylize_at_server, at_once=values.server_requests)
            report = stylize(
                one.model,
                one.jobs,
                read=read,
                strength=values.strength,
                quality=values.quality,
                color=color,
                precise=one.precise,
                on_written=progress.written,
                on_failure=failed,
            )
            written += len(report.written)
    and_failed = f", {len(told)} failed" if told else ""
    count = "1 picture" if written == 1 else f"{written} pictures"
    models = any(one.model for one in passes)
    done = done or " and ".join(["generated"] * bool(read) + ["stylized"] * models)
    print(f"{count} {done} in {time.monotonic() - progress.began:.1f} s{and_failed}")
    return 1 if told else 0
