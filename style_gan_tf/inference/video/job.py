"""Which video to read and where to write it, settled before any work begins."""

import os
from pathlib import Path

from style_gan_tf.errors import UsageError
from style_gan_tf.inference.jobs import Job, check_existing, check_places
from style_gan_tf.inference.video.writing import WRITTEN_SUFFIXES

_READ_SUFFIXES = (
    *WRITTEN_SUFFIXES,
    *(".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".wmv", ".flv", ".3gp", ".ogv", ".y4m"),
)


def is_video(path: str | Path) -> bool:
    """Whether a file's name is that of a video."""
    return Path(path).suffix.lower() in _READ_SUFFIXES


def plan_video(input: str | Path, output: str | Path, *, overwrite: bool = False) -> Job:
    """Where the one video `input` is written to.

    Args:
        input: A file.
        output: A file, or a folder: the name is kept there, with `.mp4` for a kind that is not
            written.
        overwrite: Whether a file that exists may be replaced. The input never is.

    Raises:
        UsageError: When there is no such file, a file would be overwritten, or `output` cannot be
            what it is meant to be.
    """
    source, target = Path(input).expanduser(), Path(output).expanduser()
    if not source.is_file():
        raise UsageError(f"--input={input}: no such file")
    if target.is_dir() or str(output).endswith(("/", os.sep)) or not target.suffix:
        kept = source.suffix.lower() in WRITTEN_SUFFIXES
        target = target / (source.name if kept else f"{source.stem}.mp4")
    if target.suffix.lower() not in WRITTEN_SUFFIXES:
        written = ", ".join(WRITTEN_SUFFIXES)
        raise UsageError(f"--output={output}: cannot write videos so; use one of {written}")
    if target.resolve() == source.resolve():
        raise UsageError(f"--output={output} is the input: name another place")
    job = Job(source, target)
    check_existing([job], overwrite)
    check_places([job])
    return job
