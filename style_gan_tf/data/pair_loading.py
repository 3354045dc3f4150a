"""Reading one pair for training: both pictures decoded, resized alike, one upon the other."""

import numpy as np
from PIL import Image

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.loading import Loader
from style_gan_tf.data.pairs import Pairs, why_unlike
from style_gan_tf.errors import UserError
from style_gan_tf.images import DEFAULT_MAX_PIXELS


class PairLoader:
    """Loads pairs by index; threads may share one.

    Args:
        pairs: The pairs.
        augmentation: Says the short side that pictures are resized to.
        cache: Keep what was loaded.
        max_pixels: The limit for width * height of a picture.

    Attributes:
        channels: Of what is loaded: 6, the content's and the target's; 3 where degradations make
            the content of the target.
    """

    def __init__(
        self,
        pairs: Pairs,
        augmentation: Augmentation,
        *,
        cache: bool = False,
        max_pixels: int = DEFAULT_MAX_PIXELS,
    ) -> None:
        self.channels = 3 if pairs.degradations else 6
        self._pairs = pairs
        self._content, self._target = (
            Loader(source, augmentation, cache=cache, max_pixels=max_pixels)
            for source in (pairs.content, pairs.target)
        )

    def load(self, index: int) -> np.ndarray:
        """Load pair `index`, or the next in order that is usable.

        Returns:
            uint8 [height, width, channels] whose short side is `augmentation.short_side`.

        Raises:
            UserError: When no pair is usable.
        """
        count = len(self._pairs)
        for offset in range(count):
            pair = self.try_load((int(index) + offset) % count)
            if pair is not None:
                return pair
        skipped = self._pairs.skipped
        first = f" (the first, {skipped[0][0]}: {skipped[0][1]})" if skipped else ""
        raise UserError(
            f"{self._pairs.spec}: none of the {count} pairs is usable{first}; "
            "replace them or name other data"
        )

    def try_load(self, index: int) -> np.ndarray | None:
        """Load pair `index`; an unusable one is counted, warned about once, and None."""
        target = self._target.try_load(index)
        if target is None or self.channels == 3:
            return target
        content = self._content.try_load(index)
        if content is None:
            return None
        sizes = [(picture.shape[1], picture.shape[0]) for picture in (content, target)]
        if reason := why_unlike(*sizes):
            self._pairs.target.skip(self._pairs.target.keys[index], reason)
            return None
        if sizes[0] != sizes[1]:
            # A pixel of rounding: exactly the target's size, or crops would not fit each other.
            resized = Image.fromarray(content).resize(sizes[1], Image.Resampling.BICUBIC)
            content = np.array(resized)
        return np.concatenate([content, target], axis=-1)

    def require_one(self) -> None:
        """Make sure that there is a usable pair, before any stream begins.

        Raises:
            UserError: When there is none.
        """
        if len(self._pairs) == 0:
            raise UserError(f"{self._pairs.spec}: no pairs in this part of the data")
        self.load(0)
