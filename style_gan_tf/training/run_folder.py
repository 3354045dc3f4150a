"""The run folder: what a run leaves on disk, and whether a command fits what is there."""

import os
from pathlib import Path
from typing import Any

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.training.settings import MAY_CHANGE, Settings

_FORMAT = 1
_HEADER = f"# A run of style_gan_tf, format {_FORMAT}. Repeat it: train --flagfile=THIS_FILE"


class RunFolder:
    """Paths inside a run folder.

    Attributes:
        path: The folder itself.
        checkpoints: The newest ones; `best` inside holds the best by the in-loop metric.
        generator: The averaged generator, a Keras file.
        best_generator: The best one by the in-loop metric.
        metrics: One line a logged step, CSV.
        samples: Sheets of held-out pictures.
        page: What a browser shows of the run.
        results: The newest sheet, labelled.
        summaries: For TensorBoard.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.checkpoints = self.path / "checkpoints"
        self.best = self.checkpoints / "best"
        self.generator = self.path / "generator.keras"
        self.best_generator = self.best / "generator.keras"
        self.metrics = self.path / "metrics.csv"
        self.samples = self.path / "samples"
        self.summaries = self.path / "summaries"
        self.page = self.path / "index.html"
        self.results = self.path / "results.png"
        self.flags = self.path / "flags.txt"

    def check(self, settings: Settings) -> bool:
        """Whether there is a run to resume; reads alone, nothing is written.

        Raises:
            UsageError: When the folder holds a run of other flags, or something else.
        """
        if self.path.exists() and not self.path.is_dir():
            raise UsageError(f"--run_dir={self.path}: a file; name a folder")
        if not self.flags.exists():
            if self.path.is_dir() and any(self.path.iterdir()):
                raise UsageError(
                    f"--run_dir={self.path}: not empty and no run of ours; name another folder"
                )
            return False
        header, *lines = self.flags.read_text(encoding="utf-8").splitlines() or [""]
        written = header.partition("format ")[2].partition(".")[0]
        if not written.isdigit():
            raise UsageError(f"{self.flags}: not written by style_gan_tf; name another --run_dir")
        if int(written) > _FORMAT:
            raise UsageError(f"{self.flags}: from a newer version of style_gan_tf; update it")
        _refuse_changes(self.path, _by_name(lines), _by_name(settings.flags()))
        return True

    def open(self, settings: Settings) -> None:
        """Make the folder and write `flags.txt`.

        Raises:
            UserError: When it cannot be written.
        """
        try:
            for folder in (self.path, self.samples, self.summaries):
                folder.mkdir(parents=True, exist_ok=True)
            temporary = self.path / f".flags.txt.{os.getpid()}"
            temporary.write_text("\n".join([_HEADER, *settings.flags(), ""]), encoding="utf-8")
            os.replace(temporary, self.flags)
        except OSError as error:
            raise UserError(
                f"--run_dir={self.path}: cannot be written ({error.strerror})"
            ) from None

    def save_generator(self, generator: Any, path: Path | None = None) -> None:
        """Rewrite `generator.keras` (or another file), whole or not at all.

        Raises:
            UserError: When it cannot be written; the old one is left as it was.
        """
        path = path or self.generator
        temporary = path.parent / f".generator.{os.getpid()}.keras"
        try:
            generator.save(temporary)
            os.replace(temporary, path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise UserError(f"{path}: cannot be written ({error.strerror or error})") from None


def _by_name(lines: list[str]) -> dict[str, list[str]]:
    """Flags by name; a repeated flag's values in order."""
    values: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.removeprefix("--").partition("=")
        if line.startswith("--"):
            values.setdefault(name, []).append(value)
    return values


def _refuse_changes(path: Path, old: dict[str, list[str]], new: dict[str, list[str]]) -> None:
    # A flag that is younger than the run had, in effect, its default then.
    old = {**_by_name(Settings().flags()), **old}
    for name in [*new, *(name for name in old if name not in new)]:
        if name in MAY_CHANGE or old.get(name) == new.get(name):
            continue
        was, now = (" ".join(side.get(name, ["(unset)"])) for side in (old, new))
        raise UsageError(
            f"--{name}={now}: the run in {path} was begun with {was!r}; "
            "give that again to resume it, or another --run_dir"
        )
