"""What every kind of data set gives: encoded pictures by index."""

import abc
import io
import logging
import threading
from collections.abc import Sequence

import numpy as np

from style_gan_tf.data.degradation import Degradation
from style_gan_tf.images import DEFAULT_MAX_PIXELS, decode, read_size

_logger = logging.getLogger("style_gan_tf")
_WARNINGS = 10  # more lines than these would hide the rest of a log


class Source(abc.ABC):
    """A data set: encoded pictures in a stable order.

    Attributes:
        spec: The text that opened it, for messages.
        keys: One stable name a picture: a path relative to the folder, or a record's name.
        skipped: (key, reason) of pictures that turned out to be unusable so far.
        max_pixels: The limit for width * height of a picture.
        held_out_keys: Where the source itself says what is never trained on; None: `split` asks
            the hash of each key.
        channels: Of an example made of a picture: 3; of a pair 6, the content's first.
        degradations: What makes the content of a pair of its picture; empty: nothing.
        noun: What messages call them.
    """

    channels: int = 3
    degradations: tuple[Degradation, ...] = ()
    noun: str = "pictures"

    def __init__(
        self, spec: str, keys: Sequence[str], *, max_pixels: int = DEFAULT_MAX_PIXELS
    ) -> None:
        self.spec = spec
        self.keys = keys
        self.max_pixels = max_pixels
        self.skipped: list[tuple[str, str]] = []
        self.held_out_keys: frozenset[str] | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.keys)

    @abc.abstractmethod
    def read(self, index: int) -> bytes:
        """Read the encoded picture `index`.

        Raises:
            OSError: When it cannot be read.
        """

    def picture(self, index: int, *, max_pixels: int, at_least: int) -> np.ndarray:
        """Read and decode picture `index`: uint8 [height, width, 3], transparency on white.

        Of a pair (see `PairSource`) both: [height, width, 6].

        Args:
            index: Which.
            max_pixels: The limit for width * height.
            at_least: A short side in pixels that suffices; see `images.decode`.

        Raises:
            ImageError: When it is broken or too large.
            OSError: When it cannot be read.
        """
        data = self.read(index)
        return decode(data, name="it", max_pixels=max_pixels, at_least=at_least).on_white()

    def known_size(self, index: int) -> tuple[int, int] | None:
        """(width, height) where it is known without reading the picture."""
        return None

    def known_sizes(self, index: int) -> tuple[tuple[int, int], ...]:
        """`known_size` of all pictures that make up one example: two of a pair."""
        size = self.known_size(index)
        return (size,) if size else ()

    def size(self, index: int) -> tuple[int, int]:
        """(width, height) in pixels, from the picture's header.

        Raises:
            ImageError: When there is no readable header.
        """
        known = self.known_size(index)
        return known or read_size(io.BytesIO(self.read(index)), self.name(index))

    def name(self, index: int) -> str:
        """What messages call the picture."""
        return f"{self.spec}: {self.keys[index]}"

    def skip(self, key: str, reason: str) -> None:
        """Count a picture as unusable and warn, once for each key; threads may call it."""
        with self._lock:
            if any(key == known for known, _ in self.skipped):
                return
            self.skipped.append((key, reason))
            count = len(self.skipped)
        if count <= _WARNINGS:
            _logger.warning("%s: skipping %s: %s", self.spec, key, reason)
        elif count == _WARNINGS + 1:
            _logger.warning("%s: more pictures are skipped; --check lists them all", self.spec)

    def skip_all(self, skipped: Sequence[tuple[str, str]]) -> None:
        """Count many at once, each key once, with a warning for the first few and a total."""
        with self._lock:
            counted = {key for key, _ in self.skipped}
            skipped = [(key, reason) for key, reason in skipped if key not in counted]
            self.skipped.extend(skipped)
        for key, reason in skipped[:_WARNINGS]:
            _logger.warning("%s: skipping %s: %s", self.spec, key, reason)
        if len(skipped) > _WARNINGS:
            _logger.warning("%s: %d pictures are skipped in all", self.spec, len(skipped))


class Subset(Source):
    """Some pictures of another source; what it skips is counted there."""

    def __init__(self, parent: Source, indices: Sequence[int], part: str | None = None) -> None:
        super().__init__(
            parent.spec, [parent.keys[i] for i in indices], max_pixels=parent.max_pixels
        )
        self.parent = parent
        self.indices = indices
        self.part = part
        self.skipped = parent.skipped
        self.held_out_keys = parent.held_out_keys
        self.channels = parent.channels
        self.degradations = parent.degradations
        self.noun = parent.noun

    def read(self, index: int) -> bytes:
        return self.parent.read(self.indices[index])

    def picture(self, index: int, *, max_pixels: int, at_least: int) -> np.ndarray:
        place = self.indices[index]
        return self.parent.picture(place, max_pixels=max_pixels, at_least=at_least)

    def known_size(self, index: int) -> tuple[int, int] | None:
        return self.parent.known_size(self.indices[index])

    def known_sizes(self, index: int) -> tuple[tuple[int, int], ...]:
        return self.parent.known_sizes(self.indices[index])

    def size(self, index: int) -> tuple[int, int]:
        return self.parent.size(self.indices[index])

    def name(self, index: int) -> str:
        return self.parent.name(self.indices[index])

    def skip(self, key: str, reason: str) -> None:
        self.parent.skip(key, reason)

    def skip_all(self, skipped: Sequence[tuple[str, str]]) -> None:
        self.parent.skip_all(skipped)
