"""Checkpoints: everything that a run needs to go on, one file each, whole or not there."""

import contextlib
import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.errors import UserError

_FORMAT = 1


class CorruptCheckpoint(Exception):
    """A checkpoint file that is damaged or does not belong to this run."""


def save(folder: Path, step: int, state: dict[str, Any], facts: dict[str, Any]) -> Path:
    """Write `step_XXXXXXXX.npz`, so that it appears whole or not at all.

    Args:
        folder: Where; made if missing.
        step: Steps done.
        state: Variables by name.
        facts: What else to remember, as JSON can hold it.

    Returns:
        The file.

    Raises:
        UserError: When it cannot be written; what was there before is left as it was.
    """
    path = folder / f"step_{step:08d}.npz"
    temporary = folder / f".{path.name}.{os.getpid()}"
    arrays: dict[str, Any] = {
        name: np.asarray(variable.numpy()) for name, variable in state.items()
    }
    arrays["facts"] = np.array(json.dumps({"format": _FORMAT, "step": step, **facts}))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise UserError(
            f"{path}: cannot write the checkpoint ({error.strerror}); "
            "earlier ones are untouched: make room and run the same command again"
        ) from None
    return path


def find(folder: Path) -> list[Path]:
    """Checkpoint files, newest first."""
    if not folder.is_dir():
        return []
    named = (path for path in folder.iterdir() if re.fullmatch(r"step_\d{8,}\.npz", path.name))
    return sorted(named, key=lambda path: int(path.stem.split("_")[1]), reverse=True)


def prune(folder: Path, keep: int) -> None:
    """Remove all but the newest `keep` checkpoints."""
    for path in find(folder)[keep:]:
        path.unlink(missing_ok=True)


def keep_only(path: Path) -> None:
    """Remove every other checkpoint of the file's folder, newer ones included."""
    for other in find(path.parent):
        if other != path:
            other.unlink(missing_ok=True)


def load(path: Path, state: dict[str, Any]) -> dict[str, Any]:
    """Put a checkpoint's values into the variables; nothing is assigned unless all is well.

    Args:
        path: A file that `save` wrote.
        state: The variables by name, as they were saved.

    Returns:
        The facts.

    Raises:
        CorruptCheckpoint: When the file is damaged or holds other variables.
        UserError: When a newer version of the program wrote it.
    """
    try:
        # Opened here: np.load leaves a damaged file open.
        with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        facts: dict[str, Any] = json.loads(str(arrays.pop("facts")))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile) as e:
        raise CorruptCheckpoint(f"{path}: damaged ({e})") from None
    if facts["format"] > _FORMAT:
        raise UserError(f"{path}: written by a newer version of style_gan_tf; update it")
    shapes = {name: tuple(variable.shape) for name, variable in state.items()}
    if {name: array.shape for name, array in arrays.items()} != shapes:
        raise CorruptCheckpoint(f"{path}: holds other variables than this run has")
    for name, variable in state.items():
        variable.assign(arrays[name])
    return facts
