"""Which pictures of a source are usable, and reading one of them for training.

`validate` leaves out by their known sizes, at opening, what training could not use. What is found
out only by reading (broken files, pictures of sources that know no sizes) the `Loader` replaces.
"""

from collections.abc import Iterable

import numpy as np

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.source import Source, Subset
from style_gan_tf.data.split import split
from style_gan_tf.errors import UserError
from style_gan_tf.images import DEFAULT_MAX_PIXELS, ImageError, resize_short_side

MAX_ENLARGEMENT = 2  # beyond it a picture has nothing left that a discriminator should learn
_UNLIKE = 0.02  # of the long side: more is another view, less the rounding of a resize


def why_too_small(size: tuple[int, int], short_side: int) -> str | None:
    """The reason why a picture of `size` (width, height) cannot be used, or None.

    Args:
        size: In pixels.
        short_side: What the short side would be resized to.
    """
    if min(size) * MAX_ENLARGEMENT >= short_side:
        return None
    return (
        f"{size[0]} x {size[1]} pixels are too small: the short side would be enlarged more than"
        f" {MAX_ENLARGEMENT} times to {short_side}"
    )


def why_unlike(content: tuple[int, int], target: tuple[int, int]) -> str | None:
    """The reason why pictures of these sizes (width, height) cannot be a pair, or None."""
    (width, height), (other_width, other_height) = content, target
    ratio = (width / height) / (other_width / other_height)
    if abs(ratio - 1) <= _UNLIKE:
        return None
    return f"a pair of two shapes, {width} x {height} and {other_width} x {other_height} pixels"


def validate(source: Source, augmentation: Augmentation) -> Source:
    """Leave out pictures that are too small, and pairs of two shapes, by sizes known at opening.

    What is left out is counted and warned about. Of sources that know no sizes in advance (TFDS,
    TFRecord) nothing is left out here: the `Loader` skips such pictures when it meets them.

    Returns:
        `source` itself, or a subset of it, of which the same pictures are held out.

    Raises:
        UserError: When no picture is left.
    """
    usable: list[int] = []
    reasons: dict[str, str] = {}
    for index, key in enumerate(source.keys):
        reason = _flaw(source.known_sizes(index), augmentation.short_side)
        if reason is None:
            usable.append(index)
        else:
            reasons[key] = reason
    if len(usable) == len(source):
        return source
    if not usable:
        raise UserError(_none_usable(source, augmentation, reasons.items(), "take a smaller crop"))
    source.skip_all(list(reasons.items()))
    kept = Subset(source, usable, getattr(source, "part", None))
    if kept.part is None:
        # Where the hash alone decides, the one or the other would change sides.
        kept.held_out_keys = frozenset(split(source, "held_out").keys)
    return kept


def _flaw(sizes: tuple[tuple[int, int], ...], short_side: int) -> str | None:
    """Why pictures of these sizes make no example, or None."""
    for size in sizes:
        if reason := why_too_small(size, short_side):
            return reason
    return why_unlike(*sizes) if len(sizes) == 2 else None


def _none_usable(
    source: Source, augmentation: Augmentation, flaws: Iterable[tuple[str, str]], mend: str
) -> str:
    """One line for a data set without a usable picture, by (key, reason) of all of them."""
    flaws = list(flaws)
    key, reason = flaws[0]
    pairs = source.channels == 6
    if not pairs and all("too small" in flaw for _, flaw in flaws):
        return (
            f"{source.spec}: every picture is too small for crops of {augmentation.crop} pixels"
            f" (short sides of {-(-augmentation.short_side // MAX_ENLARGEMENT)} or more are"
            " needed); use a smaller crop or larger pictures"
        )
    first = f", {key}: {reason}" if pairs else f": {reason}"
    return (
        f"{source.spec}: none of the {len(source)} {source.noun} is usable (the first{first});"
        f" replace them or {mend}"
    )


class Loader:
    """Loads pictures by index; threads may share one.

    Args:
        source: The pictures or pairs.
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
            uint8 [height, width, 3] whose short side is `augmentation.short_side`; of pairs
            [height, width, 6].

        Raises:
            UserError: When no picture of the source is usable.
        """
        count = len(self._source)
        for offset in range(count):
            picture = self.try_load((int(index) + offset) % count)
            if picture is not None:
                return picture
        flaws = [(self._source.keys[i], reason) for i, reason in self._unusable.items()]
        raise UserError(_none_usable(self._source, self._augmentation, flaws, "name other data"))

    def try_load(self, index: int) -> np.ndarray | None:
        """Load picture `index`; an unusable one is counted, warned about once, and None."""
        if index in self._unusable:
            return None
        if self._cache is not None and index in self._cache:
            return self._cache[index]
        short_side = self._augmentation.short_side
        try:
            loaded = self._source.picture(index, max_pixels=self._max_pixels, at_least=short_side)
        except ImageError as error:
            self._reject(index, str(error).removeprefix("it: "))
            return None
        except OSError as error:
            self._reject(index, error.strerror or str(error))
            return None
        reason = why_too_small((loaded.shape[1], loaded.shape[0]), short_side)
        if reason is not None:
            self._reject(index, reason)
            return None
        picture = resize_short_side(loaded, short_side)
        if self._cache is not None:
            self._cache[index] = picture
        return picture

    def require_one(self) -> None:
        """Make sure that there is a usable picture, before any stream begins.

        Raises:
            UserError: When there is none.
        """
        if len(self._source):
            self.load(0)
            return
        none = f"{self._source.spec}: no {self._source.noun} in this part of the data"
        if skipped := self._source.skipped:
            key, reason = skipped[0]
            none += f"; {len(skipped)} are skipped (the first, {key}: {reason}): replace some"
        raise UserError(none)

    def _reject(self, index: int, reason: str) -> None:
        self._unusable[index] = reason
        self._source.skip(self._source.keys[index], reason)
