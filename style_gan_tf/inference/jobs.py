"""Which pictures to read and where to write them, settled before any work begins."""

import glob
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import format_of
from style_gan_tf.inference.shard import Shard

# What a folder or glob is searched for; a file that is named itself may have any suffix.
_WRITTEN_SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff")
_READ_SUFFIXES = (*_WRITTEN_SUFFIXES, ".gif", ".bmp")

ALL = Shard()


@dataclass(frozen=True)
class Job:
    """One picture: the file to read and the file to write."""

    source: Path
    target: Path


def plan_jobs(
    input: str | Path,
    output: str | Path,
    *,
    overwrite: bool = False,
    keep_existing: bool = False,
    shard: Shard = ALL,
    numbered: int = 0,
) -> list[Job]:
    """Pair each picture that `input` means with the file that it becomes.

    Args:
        input: A file; a folder, searched recursively for pictures; or a glob (`**` goes into
            folders). A path that exists is never taken for a glob.
        output: For one input file a file or a folder, for all else a folder, which need not
            exist; not one inside a folder that is searched: what a run writes would be input of
            the next. Folders below the input folder, or below the part of the glob before its
            first wildcard, are kept; so are names, but for pictures of a kind that is not
            written (GIF, BMP), which become PNG.
        overwrite: Whether files that exist may be replaced. Inputs never are.
        keep_existing: Whether files that exist are no error: `unfinished` leaves them out.
        shard: Only these jobs.
        numbered: 1 and on: what is written is called NAME_1 and on, for one of several renderings.

    Raises:
        UsageError: When there is no picture to read, when a file would be overwritten, when two
            pictures would become one file, or when `output` cannot be what it is meant to be.
    """
    if not str(input):
        raise UsageError("--input is empty: name a picture, a folder or a glob")
    if not str(output):
        raise UsageError("--output is empty: name a file or a folder")
    source = Path(input).expanduser()
    target = Path(output).expanduser()
    if source.is_file():
        jobs = [Job(source, _target_of_file(source, target, str(output)))]
        folder = jobs[0].target.parent
    else:
        folder = target
        root, pictures = _pictures(input, source, target)
        _check_is_folder(target, len(pictures))
        jobs = [
            Job(picture, target / name)
            for picture, name in zip(pictures, _names(pictures, root), strict=True)
        ]
    if numbered:
        jobs = [
            Job(job.source, job.target.with_stem(f"{job.target.stem}_{numbered}")) for job in jobs
        ]
    _check_collisions(jobs)
    jobs = [job for job in jobs if shard.takes(job.target.relative_to(folder).as_posix())]
    check_existing(jobs, overwrite or keep_existing)
    check_places(jobs)
    return jobs


def unfinished(jobs: Iterable[Job]) -> list[Job]:
    """The jobs whose pictures are not there yet; a picture that is there is whole."""
    return [job for job in jobs if not os.path.lexists(job.target)]


def plan_samples(count: int, output: str | Path, *, overwrite: bool = False) -> list[Job]:
    """Where generated pictures go: `sample_0000.png` and on, in the folder `output`.

    A job's source is its target: there is no file to read.

    Raises:
        UsageError: When a file would be overwritten, or `output` cannot be a folder.
    """
    if not str(output):
        raise UsageError("--output is empty: name a folder")
    folder = Path(output).expanduser()
    _check_is_folder(folder, count)
    targets = [folder / f"sample_{index:04d}.png" for index in range(count)]
    jobs = [Job(target, target) for target in targets]
    check_existing(jobs, overwrite)
    check_places(jobs)
    return jobs


def _target_of_file(source: Path, target: Path, written: str) -> Path:
    """Where the one picture goes: `target` itself, or the picture's name in the folder."""
    if target.is_dir() or written.endswith(("/", os.sep)):
        return target / _names([source], source.parent)[0]
    if not target.suffix and not target.is_file():
        return target / _names([source], source.parent)[0]
    try:
        format_of(target)
    except UserError as error:
        raise UsageError(f"--output={error}") from None
    return target


def _pictures(input: str | Path, source: Path, target: Path) -> tuple[Path, list[Path]]:
    """The folder that names are relative to, and the pictures of a folder or glob, sorted."""
    if source.is_dir():
        root, candidates = source, _walk(source)
        _check_is_outside(root, target)
    elif glob.has_magic(str(source)):
        root = _fixed_part(source)
        matches = sorted(Path(match) for match in glob.glob(str(source), recursive=True))
        candidates = [match for match in matches if match.is_file()]
        if "**" in source.parts:
            _check_is_outside(root, target)
    else:
        raise UsageError(f"--input={input}: no such file or folder")
    pictures = [path for path in candidates if path.suffix.lower() in _READ_SUFFIXES]
    if not pictures:
        raise UsageError(f"--input={input}: no picture there ({', '.join(_READ_SUFFIXES)})")
    return root, pictures


def _walk(folder: Path) -> list[Path]:
    """All files below a folder but hidden ones."""
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(parent) / name for name in sorted(files) if not name.startswith(".")]
    return found


def _check_is_outside(folder: Path, target: Path) -> None:
    """Refuse to write into a folder that is searched for pictures."""
    place = target.resolve()
    if place == folder.resolve():
        raise UsageError(f"--output={target} is the input folder: name another one")
    if folder.resolve() in place.parents:
        raise UsageError(f"--output={target} lies inside the input folder {folder}: name another")


def _fixed_part(pattern: Path) -> Path:
    """The folders of a glob before its first wildcard."""
    fixed = []
    for part in pattern.parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return Path(*fixed)


def _names(pictures: list[Path], root: Path) -> list[Path]:
    """What each picture is called in the output folder.

    `a.gif` becomes `a.png`, or `a.gif.png` where another picture has that name already.
    """
    relative = [picture.relative_to(root) for picture in pictures]
    names = [
        path if path.suffix.lower() in _WRITTEN_SUFFIXES else path.with_suffix(".png")
        for path in relative
    ]
    count = Counter(names)
    return [
        name if name == path or count[name] == 1 else path.with_name(path.name + ".png")
        for path, name in zip(relative, names, strict=True)
    ]


def _check_is_folder(target: Path, count: int) -> None:
    pictures = "1 picture" if count == 1 else f"{count} pictures"
    if target.is_file():
        raise UsageError(f"--output={target} is a file, for {pictures}: name a folder")
    if target.suffix.lower() in _READ_SUFFIXES and not target.is_dir():
        raise UsageError(f"--output={target} names one file, for {pictures}: name a folder")


def _check_collisions(jobs: Iterable[Job]) -> None:
    sources = {job.source.resolve() for job in jobs}
    taken: dict[Path, Path] = {}
    for job in jobs:
        place = job.target.resolve()
        if place in sources:
            raise UsageError(f"--output: {job.target} is one of the inputs: name another place")
        if place in taken:
            raise UsageError(
                f"--output: {taken[place]} and {job.source} would both become {job.target}: "
                "rename one of them"
            )
        taken[place] = job.source


def check_existing(jobs: Iterable[Job], overwrite: bool) -> None:
    """Refuse to replace folders, and files unless `overwrite`.

    Raises:
        UsageError: Names the first one.
    """
    existing = [job.target for job in jobs if os.path.lexists(job.target)]
    folder = next((target for target in existing if target.is_dir()), None)
    if folder is not None:
        raise UsageError(f"--output: {folder} is a folder where a picture would be written")
    if existing and not overwrite:
        more = f" (and {len(existing) - 1} more)" if len(existing) > 1 else ""
        raise UsageError(
            f"--output: {existing[0]}{more} exists: --overwrite replaces, --skip_existing keeps it"
        )


def check_places(jobs: Iterable[Job]) -> None:
    """Refuse folders that cannot be made or written to.

    Raises:
        UsageError: Names the first one.
    """
    for folder in sorted({job.target.parent for job in jobs}):
        existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not existing.is_dir():
            raise UsageError(f"--output: {folder} cannot be a folder, because {existing} is a file")
        if not os.access(existing, os.W_OK | os.X_OK):
            raise UsageError(f"--output: the folder {existing} cannot be written to")
