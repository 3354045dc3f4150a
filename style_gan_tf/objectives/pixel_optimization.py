"""Style transfer without a generator: one picture's pixels are what is trained (Gatys et al. 2016).

Slow, and bound to one picture at a time, but no network stands between the losses and the result:
what it gives is as good as these losses get.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from style_gan_tf.objectives.feature_losses import (
    FeatureLosses,
    content_loss,
    style_loss,
    total_variation,
)

# Short side in pixels of the smallest picture gone through, for less shows VGG19 little of a
# subject, and of the largest, for more takes hours and all memory.
_COARSEST, _FINEST = 96, 1024
_BETA1, _BETA2, _EPSILON = 0.9, 0.99, 1e-8
STEPS = 300


def optimize_pixels(
    content: np.ndarray,
    styles: Sequence[np.ndarray],
    losses: FeatureLosses,
    *,
    steps: int = STEPS,
    content_weight: float = 1.0,
    style_weight: float = 10.0,
    tv_weight: float = 0.0,
    style_size: int = 0,
    learning_rate: float = 0.05,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> np.ndarray:
    """Repaint one picture by gradient descent on its pixels.

    Gatys et al. 2016, section 2.3, with Adam for L-BFGS; from coarse to fine, for what is large
    is met soonest in a small picture (Gatys et al. 2017, section 5). Begins with the picture
    itself. Where its short side is longer than 1024 pixels, what is found at that size is enlarged
    and added to the picture.

    Args:
        content: float32 `[height, width, 3]` in [-1, 1].
        styles: One style picture or several, float32 `[height, width, 3]` in [-1, 1] each.
        losses: What content and style are measured by.
        steps: Steps in all, shared by the sizes that are gone through.
        content_weight: Weight of the content loss.
        style_weight: Weight of the style loss.
        tv_weight: Weight of the total variation.
        style_size: Short side that the style pictures are resized to; 0: the content's.
        learning_rate: Adam's at the first step of each size; falls to nothing by a cosine.
        on_step: Called with the number of steps done and the loss before the last.

    Returns:
        float32, the shape and range of `content`.
    """
    side = min(content.shape[:2])
    photo = tf.constant(content[np.newaxis])
    # A picture too small for the network is enlarged.
    full = max(min(1.0, _FINEST / side), losses.minimum / side)
    halvings = max(0, int(math.log2(side * full / max(_COARSEST, losses.minimum))))
    descend = _descent(losses, content_weight, style_weight, tv_weight)

    done, painted = 0, tf.zeros_like(photo)
    for level in range(halvings, -1, -1):
        scale = full / 2**level
        size = [math.ceil(length * scale) for length in content.shape[:2]]
        smaller = _resize(photo, size)
        short = max(math.ceil((style_size or side) * scale), losses.minimum)
        targets = losses.style([_resize_short_side(style, short) for style in styles])
        wanted = losses.content(smaller)
        # What the coarser picture differs by from the photo is added to the finer photo, which
        # keeps its detail.
        picture = tf.clip_by_value(smaller + _resize(painted, size), -1.0, 1.0)
        first, second = tf.zeros_like(picture), tf.zeros_like(picture)
        until = steps * (halvings + 1 - level) // (halvings + 1)
        count = until - done
        for step in range(count):
            rate = learning_rate * 0.5 * (1 + math.cos(math.pi * step / count))
            picture, first, second, loss = descend(
                picture, first, second, tf.constant(float(step + 1)), tf.constant(rate),
                wanted, targets,
            )  # fmt: skip
            done += 1
            on_step(done, float(loss))
        painted = picture - smaller
    return (photo + _resize(painted, content.shape[:2])).numpy()[0].clip(-1, 1)


class PixelOptimizer:
    """Stylizes as a model does, by optimizing each picture's pixels.

    Args:
        styles: As of `optimize_pixels`.
        losses: The same.
        settings: Its other arguments.
    """

    def __init__(
        self, styles: Sequence[np.ndarray], losses: FeatureLosses, **settings: Any
    ) -> None:
        self.styles, self.losses, self.settings = styles, losses, settings

    def stylize(self, images: Any) -> np.ndarray:
        """Stylize pictures `[batch, height, width, 3]` in [-1, 1] to the same.

        Raises:
            MemoryError: When the device has too little memory for them.
        """
        given = np.asarray(images, np.float32)
        try:
            return np.stack(
                [optimize_pixels(i, self.styles, self.losses, **self.settings) for i in given]
            )
        except tf.errors.ResourceExhaustedError as error:
            raise MemoryError from error


def _descent(
    losses: FeatureLosses, content_weight: float, style_weight: float, tv_weight: float
) -> Callable[..., Any]:
    """One step of Adam (Kingma and Ba 2015) on a picture, as a graph for all sizes."""

    @tf.function(reduce_retracing=True, autograph=False)
    def descend(
        picture: Any, first: Any, second: Any, step: Any, rate: Any, wanted: Any, targets: Any
    ) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(picture)
            features, grams = losses.content_and_style(picture)
            loss = (
                content_weight * content_loss(features, wanted)
                + style_weight * style_loss(grams, targets)
                + tv_weight * total_variation(picture)
            )
        gradient = tape.gradient(loss, picture)
        first = _BETA1 * first + (1 - _BETA1) * gradient
        second = _BETA2 * second + (1 - _BETA2) * tf.square(gradient)
        unbiased = tf.sqrt(second / (1 - _BETA2**step)) + _EPSILON
        moved = picture - rate * first / (1 - _BETA1**step) / unbiased
        return tf.clip_by_value(moved, -1.0, 1.0), first, second, loss

    return descend


def _resize(images: Any, size: Sequence[int]) -> Any:
    if list(images.shape[1:3]) == list(size):
        return images
    return tf.image.resize(images, size, method="bicubic", antialias=True)


def _resize_short_side(picture: np.ndarray, short: int) -> np.ndarray:
    """As `images.resize_short_side`, of floats."""
    scale = short / min(picture.shape[:2])
    size = [max(short, round(length * scale)) for length in picture.shape[:2]]
    resized = _resize(tf.constant(picture[np.newaxis]), size)
    return tf.clip_by_value(resized, -1.0, 1.0).numpy()[0]
