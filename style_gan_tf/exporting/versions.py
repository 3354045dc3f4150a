"""Numbered folders of versions, as TF Serving watches them: each appears whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from style_gan_tf.errors import UserError
from style_gan_tf.inference.naming import versions


def write_version(
    folder: Path, write: Callable[[Path], None], *, version: int | None = None
) -> Path:
    """Write `folder/<version>/`.

    Args:
        folder: The folder of versions; made if it is missing.
        write: Makes the folder that it is given and all that is inside.
        version: 1 or more; default one more than the highest that is there.

    Returns:
        The folder of the new version.

    Raises:
        UserError: When the folder cannot be written or the version exists.
    """
    if version is not None and version < 1:
        raise ValueError(f"version {version}: versions are counted from 1")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Beside its goal, so that the last step is a rename. TF Serving looks at numbers only.
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror})") from None
    try:
        write(unfinished / "model")
        return _move(unfinished / "model", folder, version)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written ({error.strerror or error})") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _move(written: Path, folder: Path, version: int | None) -> Path:
    while True:
        number = version or max(versions(folder), default=0) + 1
        target = folder / str(number)
        if version and target.exists():
            raise UserError(f"{target} exists: choose another version, or leave the choice to us")
        try:
            # Refused where a folder that is not empty has appeared in the meantime.
            os.rename(written, target)
            return target
        except OSError:
            if version or not target.exists():
                raise
