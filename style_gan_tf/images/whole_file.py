"""Files that are either whole or not there."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from style_gan_tf.errors import UserError


@contextlib.contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Write a file atomically: at every moment it is the old one, or the new one, whole.

    Args:
        path: The file that shall be.

    Yields:
        An empty file beside it, with its suffix, to be written. It takes `path`'s place when the
        block ends, and is deleted when that raises.

    Raises:
        UserError: When the folder is missing or not writable, or the disk is full.
    """
    target = Path(path)
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(
            prefix=f".{target.stem}.", suffix=target.suffix, dir=target.parent
        )
        os.close(descriptor)
        yield Path(temporary)
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except BaseException as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        if isinstance(error, OSError):
            reason = error.strerror or str(error)
            raise UserError(f"{target}: cannot be written ({reason})") from error
        raise


def write_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file atomically, see `whole_file`.

    Raises:
        UserError: When the folder is missing or not writable, or the disk is full.
    """
    with whole_file(path) as temporary:
        temporary.write_bytes(data)


def _umask() -> int:
    """The permissions that new files do not get; mkstemp gives files that others cannot read."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
