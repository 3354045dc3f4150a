"""Stability for video: a picture that moves a little is answered by the same picture, moved.

Frames of a film differ by small motions and by noise. A generator trained on stills may answer
each with other strokes, which flicker. The loss here asks for `G(T(x) + noise) = T(G(x))` with T a
random small shift and scale: the stability training of Zheng et al. (2016), with the motion
carried over to the output as in consistency losses for video (Ruder et al. 2016), but made from
single pictures.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

# T's extremes: more than the stride of our generators, so that every place on their grid is met.
_SHIFT = 8.0  # pixels, down and across
_SCALE = 0.05  # the sides grow or shrink by up to so much
_NOISE = 0.02  # standard deviation in [-1, 1]: what a good camera leaves
# Pixels inside the border, of the picture and of the moved one, that are not compared: there a
# network sees padding in place of what the frame cuts off. At most an eighth of the side.
_MARGIN = 8


def stability_loss(
    generator: Callable[[Any], Any],
    images: Any,
    outputs: Any,
    seed: Any,
    positions: Any,
    batch: int,
) -> Any:
    """Mean absolute difference of `G(T(x) + noise)` and `T(G(x))`, within the borders.

    No gradient flows into `T(G(x))`. It is the answer that the other losses shape; the moved
    picture is to follow it. With a gradient on both sides they would meet where it is cheapest, in
    a blur that no motion changes; and the way back through T and a longer one through G are saved.

    Args:
        generator: Pictures to pictures.
        images: float32 `[n, height, width, 3]` in [-1, 1].
        outputs: What the generator made of them, the same shape.
        seed: int32 `[2]`, the same on all replicas.
        positions: int32 `[n]`, each example's position in the global batch.
        batch: Examples in the global batch.
    """
    height, width = images.shape[1:3]
    transforms = tf.gather(
        random_transforms(batch, height, width, tf.random.fold_in(seed, 20)), positions
    )
    noise = tf.random.stateless_normal(
        [batch, height, width, images.shape[3]], tf.random.fold_in(seed, 21)
    )
    moved = warp(images, transforms) + _NOISE * tf.gather(noise, positions)
    answers = generator(tf.clip_by_value(moved, -1.0, 1.0))
    differences = tf.abs(answers - warp(tf.stop_gradient(outputs), transforms))
    seen = inside(transforms, height, width)[..., tf.newaxis]
    channels = tf.cast(tf.shape(differences)[-1], tf.float32)
    # Of each picture by itself: a batch may be spread over devices.
    sums = tf.reduce_sum(seen * differences, [1, 2, 3])
    return tf.reduce_mean(sums / (channels * tf.reduce_sum(seen, [1, 2, 3])))


def random_transforms(count: int, height: int, width: int, seed: Any) -> Any:
    """Shifts and scales about the middle; each leads from an output's place to an input's.

    Returns:
        float32 `[count, 8]` as TensorFlow's projective transforms have them: the input's x is
        `a x + b y + c` for the first three, y is the same for the next three.
    """
    draws = tf.random.stateless_uniform([count, 3], seed, -1.0, 1.0)
    scale = 1.0 + _SCALE * draws[:, 0]
    nothing = tf.zeros_like(scale)
    x = _SHIFT * draws[:, 1] + (1.0 - scale) * (width - 1) / 2
    y = _SHIFT * draws[:, 2] + (1.0 - scale) * (height - 1) / 2
    return tf.stack([scale, nothing, x, nothing, scale, y, nothing, nothing], axis=-1)


def warp(images: Any, transforms: Any) -> Any:
    """Move pictures `[n, height, width, channels]`, bilinear; what is missing is reflected in."""
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=transforms,
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    )


def inside(transforms: Any, height: int, width: int) -> Any:
    """1 where a pixel of the moved picture, and where it came from, lie off the border; else 0.

    Returns:
        float32 `[n, height, width]`.
    """
    margin = min(_MARGIN, min(height, width) // 8)

    def within(places: Any, length: int) -> Any:
        return (places >= margin) & (places <= length - 1 - margin)

    x, y = tf.range(width, dtype=tf.float32), tf.range(height, dtype=tf.float32)
    parts = transforms[:, :, tf.newaxis]
    across = within(x, width) & within(parts[:, 0] * x + parts[:, 2], width)
    down = within(y, height) & within(parts[:, 4] * y + parts[:, 5], height)
    return tf.cast(down[:, :, tf.newaxis] & across[:, tf.newaxis, :], tf.float32)
