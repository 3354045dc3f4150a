"""Flagfiles by path or, where they came with the package, by name: `--flagfile=quickstart`."""

from pathlib import Path

from style_gan_tf.errors import UsageError

_FOLDER = "configs"
_SUFFIX = ".flags"


def find_flagfile(name: str) -> Path:
    """Find the flagfile that `name` means.

    Args:
        name: A path; or a shipped flagfile as `painting`, `painting.flags` or
            `configs/painting.flags`. A file that exists wins over a shipped one.

    Raises:
        UsageError: When there is neither; lists those that are shipped.
    """
    path = Path(name).expanduser()
    if path.is_file():
        return path
    shipped = shipped_flagfiles()
    known = path.parent in (Path(), Path(_FOLDER)) and path.suffix in ("", _SUFFIX)
    if known and path.stem in shipped:
        return shipped[path.stem]
    raise UsageError(
        f"--flagfile={name}: no such file, and no shipped flagfile of that name "
        f"(shipped: {', '.join(shipped) or 'none'})"
    )


def shipped_flagfiles() -> dict[str, Path]:
    """The flagfiles in the package, or in the clone around it, by name."""
    package = Path(__file__).resolve().parent
    # A wheel has them inside; in a clone they lie beside the package, where they are edited.
    folders = [folder for folder in (package, package.parent) if (folder / _FOLDER).is_dir()]
    if not folders:
        return {}
    return {path.stem: path for path in sorted((folders[0] / _FOLDER).glob(f"*{_SUFFIX}"))}
