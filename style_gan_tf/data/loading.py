"""Reading one picture of a source for training: decoded, resized, broken ones replaced."""

import numpy as np

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.source import Source
from style_gan_tf.data.validation import too_small_for, why_too_small
from style_gan_tf.errors import UserError
from style_gan_tf.images import DEFAULT_MAX_PIXELS, ImageError, resize_short_side


class Loader:
    """Loads pictures by index; threads may share one.

    Args:
        source: The pictures.
        augmentation: Says the short side that pictures are resized to.
        cache: Keep what was loaded.
        max_pixels: The limit for width * height of a picture.
    """

    def __init__(
        self,
        source: Source,
        augmentation: Augmentation,
        *,
        cache: bool = False,
        max_pixels: int = DEFAULT_MAX_PIXELS,
    ) -> None:
        self._source = source
        self._augmentation = augmentation
        self._max_pixels = min(max_pixels, source.max_pixels)
        self._cache: dict[int, np.ndarray] | None = {} if cache else None
        self._unusable: dict[int, str] = {}

    def load(self, index: int) -> np.ndarray:
        """Load picture `index`, or the next in the source's order that is usable.

        Returns:
            uint8 [height, width, 3] whose short side is `augmentation.short_side`.

        Raises:
            UserError: When no picture of the source is usable.
        """
        count = len(self._source)
        for offset in range(count):
            picture = self.try_load((int(index) + offset) % count)
            if picture is not None:
                return picture
        raise UserError(self._none_left())

    def try_load(self, index: int) -> np.ndarray | None:
        """Load picture `index`; an unusable one is counted, warned about once, and None."""
        if index in self._unusable:
            return None
        if self._cache is not None and index in self._cache:
            return self._cache[index]
        short_side = self._augmentation.short_side
        try:
            rgb = self._source.picture(index, max_pixels=self._max_pixels, at_least=short_side)
        except ImageError as error:
            self._reject(index, str(error).removeprefix("it: "))
            return None
        except OSError as error:
            self._reject(index, error.strerror or str(error))
            return None
        reason = why_too_small((rgb.shape[1], rgb.shape[0]), self._augmentation)
        if reason is not None:
            self._reject(index, reason)
            return None
        picture = resize_short_side(rgb, short_side)
        if self._cache is not None:
            self._cache[index] = picture
        return picture

    def require_one(self) -> None:
        """Make sure that there is a usable picture, before any stream begins.

        Raises:
            UserError: When there is none.
        """
        if len(self._source) == 0:
            raise UserError(f"{self._source.spec}: no pictures in this part of the data")
        self.load(0)

    def _reject(self, index: int, reason: str) -> None:
        self._unusable[index] = reason
        self._source.skip(self._source.keys[index], reason)

    def _none_left(self) -> str:
        reasons = list(self._unusable.values())
        if all("too small" in reason for reason in reasons):
            return too_small_for(self._source, self._augmentation)
        return (
            f"{self._source.spec}: none of the {len(self._source)} pictures is usable"
            f" (the first: {reasons[0]}); replace them or name other data"
        )
