"""Random views of a picture: crop, flip, colour jitter."""

import dataclasses
from typing import Any

from style_gan_tf.errors import UsageError

_LOAD_RATIO = 286 / 256  # the resize before the crop in pix2pix and CycleGAN


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """How a picture becomes a training example.

    Attributes:
        crop: Side of the square crop in pixels.
        load_size: The short side is resized to this many pixels before cropping. Default
            crop * 286 / 256, as in CycleGAN; larger values crop smaller parts of the pictures.
        flip: Mirror half of the examples, left to right.
        color_jitter: Strength in [0, 1]: brightness is shifted by up to half of it, contrast and
            saturation are scaled by 1 +- it.

    Raises:
        UsageError: For a value outside its range.
    """

    crop: int = 256
    load_size: int | None = None
    flip: bool = True
    color_jitter: float = 0.0

    def __post_init__(self) -> None:
        if self.crop < 1:
            raise UsageError(f"crop={self.crop}: a crop has at least 1 pixel")
        if self.load_size is not None and self.load_size < self.crop:
            raise UsageError(
                f"load_size={self.load_size} is below crop={self.crop}; make it {self.crop} or more"
            )
        if not 0 <= self.color_jitter <= 1:
            raise UsageError(f"color_jitter={self.color_jitter}: it lies in [0, 1]")

    @property
    def short_side(self) -> int:
        """The short side in pixels before cropping."""
        return round(self.crop * _LOAD_RATIO) if self.load_size is None else self.load_size

    def augment(self, image: Any, seed: Any) -> Any:
        """Make one example; the seed determines it.

        Args:
            image: uint8 or float [height, width, channels] in [0, 255], both sides at least
                `crop`. Three channels are a picture; more, several that belong together.
            seed: int32 [2].

        Returns:
            float32 [crop, crop, channels] in [-1, 1].
        """
        import tensorflow as tf

        seeds = tf.random.split(seed, 4)
        room = tf.shape(image)[:2] - self.crop + 1
        # A uniform real, scaled: a bound that is a tensor is not allowed for integers below [2].
        place = tf.random.stateless_uniform([2], seeds[0]) * tf.cast(room, tf.float32)
        place = tf.minimum(tf.cast(place, tf.int32), room - 1)
        channels = image.shape[-1]
        image = tf.slice(image, [place[0], place[1], 0], [self.crop, self.crop, channels])
        image = tf.cast(image, tf.float32) / 127.5 - 1.0
        if self.flip:
            flipped = tf.random.stateless_uniform([], seeds[1]) < 0.5
            image = tf.cond(flipped, lambda: tf.reverse(image, [1]), lambda: image)
        if self.color_jitter:
            pictures = tf.split(image, channels // 3, axis=-1)
            jittered = [_jitter(picture, self.color_jitter, seeds[2]) for picture in pictures]
            image = tf.concat(jittered, axis=-1)
        return tf.ensure_shape(image, [self.crop, self.crop, channels])


def _jitter(image: Any, strength: float, seed: Any) -> Any:
    """Saturation, contrast and brightness, in this order; float32 in [-1, 1]."""
    import tensorflow as tf

    amount = tf.random.stateless_uniform([3], seed, -strength, strength)
    grey = tf.reduce_mean(image, axis=-1, keepdims=True)
    image = grey + (image - grey) * (1 + amount[0])
    middle = tf.reduce_mean(image)
    image = middle + (image - middle) * (1 + amount[1])
    return tf.clip_by_value(image + amount[2], -1.0, 1.0)
