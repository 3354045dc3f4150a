"""The flags of `stylize` for what is done of much work: again, the rest, a share."""

import contextlib
from pathlib import Path

from absl import flags

from style_gan_tf.errors import UsageError
from style_gan_tf.inference import Job, plan_jobs
from style_gan_tf.inference.failure_list import FailureList
from style_gan_tf.inference.jobs import unfinished
from style_gan_tf.inference.shard import parse_shard


def define_flags(values: flags.FlagValues) -> None:
    """Define them."""
    flags.DEFINE_bool("overwrite", False, "Replace files that exist.", flag_values=values)
    flags.DEFINE_bool(
        "skip_existing",
        False,
        "Leave out pictures that are there already: after a stop, the same command with it goes "
        "on.",
        flag_values=values,
    )
    flags.DEFINE_string(
        "shard",
        "",
        "i/n, from 1/n to n/n: stylize one of n shares of the pictures, on one of n machines.",
        flag_values=values,
    )


def plan(values: flags.FlagValues) -> list[Job]:
    """The pictures that are to be stylized; there may be none left.

    Raises:
        UsageError: See `plan_jobs`.
    """
    return _told(values, [_planned(values)])[0]


def plan_renderings(values: flags.FlagValues, count: int) -> list[list[Job]]:
    """The same for each of several renderings, that are called NAME_1 and on.

    Raises:
        UsageError: See `plan_jobs`.
    """
    return _told(values, [_planned(values, numbered=index + 1) for index in range(count)])


def _planned(values: flags.FlagValues, numbered: int = 0) -> list[Job]:
    if values.overwrite and values.skip_existing:
        raise UsageError("--overwrite and --skip_existing: give one of them")
    return plan_jobs(
        values.input,
        values.output,
        overwrite=values.overwrite,
        keep_existing=values.skip_existing,
        shard=parse_shard(values.shard),
        numbered=numbered,
    )


def _told(values: flags.FlagValues, planned: list[list[Job]]) -> list[list[Job]]:
    """What is left of the jobs; it is told how many are not."""
    left = [unfinished(jobs) if values.skip_existing else jobs for jobs in planned]
    remaining, total = (sum(len(jobs) for jobs in lists) for lists in (left, planned))
    if remaining < total:
        print(f"{total - remaining} of {total} pictures are there already", flush=True)
    elif not total:
        print(f"no picture belongs to --shard={values.shard}")
    return left


def failure_list(
    values: flags.FlagValues,
) -> contextlib.AbstractContextManager[FailureList | None]:
    """Where pictures that fail are listed: in the output folder, if several can."""
    if not values.input or Path(values.input).expanduser().is_file():
        return contextlib.nullcontext()
    shard = parse_shard(values.shard)
    name = "failures.txt" if shard.count == 1 else f"failures_{shard.index}_of_{shard.count}.txt"
    return FailureList(Path(values.output).expanduser() / name)
