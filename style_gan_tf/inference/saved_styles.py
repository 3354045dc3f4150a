"""Style codes in files: the style of a picture or a mixture, kept under a name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import Picture, write_file
from style_gan_tf.inference.references import REFERENCE

_FORMAT = 1
_ROUNDING = 1e-4  # by which a code's strength may exceed 1
_ALIKE = 0.02  # of a code's size: encoders that differ by rounding alone
_Encode = Callable[[Picture], np.ndarray]


def save_style(folder: str | Path, name: str, code: np.ndarray, encode: _Encode) -> Path:
    """Write `folder/NAME.json`, in the place of what is there.

    A code means nothing to another encoder. So the file holds what this one makes of a test
    picture.

    Args:
        folder: Made if it is missing.
        name: How `--style` shall call it.
        code: float32 `[numbers]`.
        encode: The encoder that it came from.

    Raises:
        UsageError: See `check_name`.
        UserError: When it cannot be written.
    """
    path = _file(folder, name)
    probe = encode(_test_picture())
    text = {"format": _FORMAT, "style_code": _listed(code), "encoder_test": _listed(probe)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, (json.dumps(text) + "\n").encode())
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror})") from None
    return path


def read_style(folder: str | Path, name: str, encode: _Encode) -> np.ndarray:
    """The code of `folder/NAME.json`, float32 `[numbers]`.

    Args:
        folder: Where it lies.
        name: Of the style.
        encode: The encoder of the model that shall take it.

    Raises:
        UserError: When the file is damaged or another model's.
    """
    path = _file(folder, name)
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        with np.errstate(over="ignore"):  # what is too large is not finite, and is told below
            code, probe = (np.array(held[k], np.float32) for k in ("style_code", "encoder_test"))
        version = held["format"]
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        raise UserError(f"{path}: not a saved style: save it again with --save_style") from None
    if version != _FORMAT:
        raise UserError(f"{path}: format {version}; this version reads format {_FORMAT}")
    own = encode(_test_picture())
    alike = probe.shape == own.shape and np.abs(probe - own).max() <= _ALIKE * np.abs(own).max()
    if code.shape != own.shape:
        raise UserError(
            f"{path}: a code of {code.size} numbers, not of {own.size}: it is another model's, or "
            "damaged; save it again with --save_style"
        )
    if not np.isfinite(code).all():
        raise UserError(
            f"{path}: damaged, not all of its code's numbers are finite; save it again with "
            "--save_style"
        )
    if not 0.0 <= code[0] <= 1.0 + _ROUNDING:
        raise UserError(
            f"{path}: damaged, its code's first number, the strength, is {code[0]:g}, not between "
            "0 and 1; save it again with --save_style"
        )
    if not alike:
        raise UserError(
            f"{path}: a code of another model's encoder: save it again with --save_style and this "
            "--model"
        )
    return code


def saved_names(folder: str | Path) -> set[str]:
    """The names that have a file there and that a style may have."""
    names = {path.stem for path in Path(folder).expanduser().glob("*.json")}
    return {name for name in names if _is_readable(name) and name != REFERENCE}


def check_name(name: str) -> None:
    """Refuse names that `--style` could not read, or would read as another style.

    Raises:
        UsageError: See there.
    """
    if not _is_readable(name):
        raise UsageError(f"--save_style={name}: a name has no comma, colon, slash or space")
    if name == REFERENCE:
        raise UsageError(
            f"--save_style={name}: --style calls the picture of --style_image so; take another name"
        )


def _is_readable(name: str) -> bool:
    return bool(name) and not set(name) & set(",:/\\ ") and not name.startswith(".")


def _file(folder: str | Path, name: str) -> Path:
    check_name(name)
    return Path(folder).expanduser() / f"{name}.json"


def _listed(code: np.ndarray) -> list[Any]:
    return np.asarray(code, np.float64).round(6).tolist()


def _test_picture() -> Picture:
    """Waves of all directions in three colours; the same on every machine."""
    places = np.linspace(0, 1, 176)
    down, across = np.meshgrid(places, places, indexing="ij")
    waves = [
        np.sin(40 * across),
        np.sin(25 * (down + across)),
        np.sin(90 * down * across),
    ]
    return Picture(np.round(127.5 + 127.5 * np.stack(waves, axis=-1)).astype(np.uint8))
