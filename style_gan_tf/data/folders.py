"""Folders and globs of picture files."""

import glob
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from style_gan_tf.data.source import Source
from style_gan_tf.errors import UserError
from style_gan_tf.images import ImageError, read_size

_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".gif", ".bmp")
)


class FileSource(Source):
    """Picture files under one folder; their headers are read once, at opening."""

    def __init__(self, spec: str, root: Path, keys: Sequence[str], *, max_pixels: int) -> None:
        super().__init__(spec, [], max_pixels=max_pixels)
        self._root = root
        with ThreadPoolExecutor(8) as pool:  # network disks answer slowly, but many at a time
            headers = list(pool.map(self._header, keys))
        usable = [(k, h) for k, h in zip(keys, headers, strict=True) if not isinstance(h, str)]
        self.keys = [key for key, _ in usable]
        self._sizes = [size for _, size in usable]
        self.skip_all([(k, h) for k, h in zip(keys, headers, strict=True) if isinstance(h, str)])

    def read(self, index: int) -> bytes:
        return (self._root / self.keys[index]).read_bytes()

    def known_size(self, index: int) -> tuple[int, int]:
        return self._sizes[index]

    def name(self, index: int) -> str:
        return str(self._root / self.keys[index])

    def _header(self, key: str) -> tuple[int, int] | str:
        """The size in pixels, or why the file is unusable."""
        try:
            with open(self._root / key, "rb") as file:
                width, height = read_size(file)
        except OSError as error:
            return error.strerror or str(error)
        except ImageError as error:
            return str(error).removeprefix("the picture: ")
        if width * height > self.max_pixels:
            return f"{width} x {height} pixels are above the limit of {self.max_pixels}"
        return width, height


def open_folder(spec: str, *, max_pixels: int) -> Source:
    """Open a folder, searched recursively, or a single picture file.

    Hidden files and folders are left out, as are files without the suffix of a picture; links are
    followed. The order is that of the sorted paths.

    Raises:
        UserError: When it is missing or holds no usable picture.
    """
    root = Path(spec).expanduser()
    if root.is_file():
        return _with_pictures(FileSource(spec, root.parent, [root.name], max_pixels=max_pixels))
    if not root.is_dir():
        raise UserError(f"{spec}: no such folder; name a folder of pictures, or quote a glob")
    try:
        os.listdir(root)
    except OSError as error:
        raise UserError(f"{spec}: the folder cannot be read ({error.strerror})") from error
    keys = sorted(path.relative_to(root).as_posix() for path in _walk(root, set()))
    if not keys:
        raise UserError(
            f"{spec}: no pictures in the folder; it needs files ending in"
            f" {', '.join(sorted(_SUFFIXES))}"
        )
    return _with_pictures(FileSource(spec, root, keys, max_pixels=max_pixels))


def open_glob(spec: str, *, max_pixels: int) -> Source:
    """Open the files that a glob names; `**` stands for any depth of folders.

    Raises:
        UserError: When no usable picture matches.
    """
    pattern = os.path.expanduser(spec)
    root = Path(*_before_wildcards(Path(pattern).parts))
    paths = [Path(name) for name in glob.glob(pattern, recursive=True) if os.path.isfile(name)]
    if not paths:
        raise UserError(f"{spec}: no file matches; check the folder and the suffix")
    keys = sorted(path.relative_to(root).as_posix() for path in paths)
    return _with_pictures(FileSource(spec, root, keys, max_pixels=max_pixels))


def _walk(folder: Path, seen: set[str]) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if real in seen:  # a link that leads back up
        return
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = folder / entry.name
        if entry.is_dir():
            yield from _walk(path, seen | {real})
        elif path.suffix.lower() in _SUFFIXES:
            yield path


def _before_wildcards(parts: Sequence[str]) -> Sequence[str]:
    for i, part in enumerate(parts):
        if any(character in part for character in "*?["):
            return parts[:i]
    return parts[:-1]


def _with_pictures(source: FileSource) -> FileSource:
    if source.keys:
        return source
    key, reason = source.skipped[0]
    raise UserError(
        f"{source.spec}: no usable picture among {len(source.skipped)} files"
        f" (the first, {key}: {reason}); replace them or name another folder"
    )
