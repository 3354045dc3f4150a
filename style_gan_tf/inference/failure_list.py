"""The list of pictures that could not be stylized."""

from pathlib import Path
from types import TracebackType

from style_gan_tf.errors import UserError
from style_gan_tf.inference.batch import Failure

_HEADER = "# Could not be stylized: the picture, a tab, the reason. Replaced by every run.\n"


class FailureList:
    """A text file with a line for each picture that failed; there is none when all went well.

    A line is in the file as soon as the picture has failed, so that it is there even if the run is
    broken off. A list of an earlier run is taken away at the end when nothing failed.

    Args:
        path: The file; its folder may be missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._begun = False

    def add(self, failure: Failure) -> None:
        """Write one line.

        Raises:
            UserError: When the file cannot be written, or is another one than such a list.
        """
        line = f"{failure.source}\t{failure.reason}\n"
        try:
            if not self._begun:
                self._check_is_ours()
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.write_text(_HEADER, encoding="utf-8")
                self._begun = True
            with open(self.path, "a", encoding="utf-8", errors="surrogateescape") as file:
                file.write(line)
        except OSError as error:
            raise UserError(f"{self.path}: cannot be written ({error.strerror})") from error

    def __enter__(self) -> "FailureList":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None and not self._begun and self._is_ours():
            self.path.unlink(missing_ok=True)

    def _is_ours(self) -> bool:
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                return file.readline() == _HEADER
        except OSError:
            return False

    def _check_is_ours(self) -> None:
        if self.path.exists() and not self._is_ours():
            raise UserError(
                f"{self.path} is in the way of the list of pictures that failed: move it"
            )
