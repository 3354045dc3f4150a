"""Differentiable augmentation of what the discriminator sees (Zhao et al. 2020)."""

from typing import Any

import tensorflow as tf

from style_gan_tf.errors import UsageError

POLICIES = ("color", "translation", "cutout")


def parse_policy(policy: str) -> tuple[str, ...]:
    """Read `color,translation,cutout`, or any part of it; empty: none.

    Raises:
        UsageError: For an unknown name.
    """
    names = tuple(name.strip() for name in policy.split(",") if name.strip())
    for name in names:
        if name not in POLICIES:
            raise UsageError(f"--set diff_augment={name}: choose from {', '.join(POLICIES)}")
    return names


def diff_augment(images: Any, names: tuple[str, ...], seed: Any, positions: Any, batch: int) -> Any:
    """Augment each picture by draws of its own; gradients flow through.

    Args:
        images: float32 `[n, height, width, 3]` in [-1, 1].
        names: From POLICIES, applied in the order of POLICIES.
        seed: int32 `[2]`.
        positions: int32 `[n]`, each picture's position in the global batch: its draws are the
            same on any number of replicas.
        batch: Pictures in the global batch.

    Returns:
        The shape of `images`; colour changes may leave [-1, 1].
    """

    def draw(index: int, count: int) -> Any:
        """Uniform in [0, 1), `[n, count]`."""
        return tf.gather(
            tf.random.stateless_uniform([batch, count], tf.random.fold_in(seed, index)), positions
        )

    if "color" in names:
        images = _color(images, draw(1, 3))
    if "translation" in names:
        images = _translate(images, draw(2, 2))
    if "cutout" in names:
        images = _cut_out(images, draw(3, 2))
    return images


def _color(images: Any, draws: Any) -> Any:
    """Brightness +-0.5 of the half range, saturation times 0 to 2, contrast times 0.5 to 1.5."""
    brightness, saturation, contrast = (tf.reshape(draws[:, i], [-1, 1, 1, 1]) for i in range(3))
    images += brightness - 0.5
    grey = tf.reduce_mean(images, axis=3, keepdims=True)
    images = (images - grey) * (2.0 * saturation) + grey
    mean = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
    return (images - mean) * (0.5 + contrast) + mean


def _translate(images: Any, draws: Any) -> Any:
    """Move by up to an eighth of the size; grey comes in at the borders."""
    shape = tf.shape(images)

    def shifted_index(size: Any, draw: Any) -> tuple[Any, Any]:
        reach = tf.cast(size // 8, tf.float32)
        shift = tf.cast(tf.floor(draw * (2 * reach + 1)) - reach, tf.int32)
        index = tf.range(size)[tf.newaxis] - shift[:, tf.newaxis]
        inside = tf.logical_and(index >= 0, index < size)
        return tf.clip_by_value(index, 0, size - 1), tf.cast(inside, images.dtype)

    rows, rows_inside = shifted_index(shape[1], draws[:, 0])
    columns, columns_inside = shifted_index(shape[2], draws[:, 1])
    moved = tf.gather(tf.gather(images, rows, axis=1, batch_dims=1), columns, axis=2, batch_dims=1)
    return (
        moved
        * rows_inside[:, :, tf.newaxis, tf.newaxis]
        * columns_inside[:, tf.newaxis, :, tf.newaxis]
    )


def _cut_out(images: Any, draws: Any) -> Any:
    """A grey rectangle of half the height and width, anywhere, partly outside."""
    shape = tf.shape(images)

    def covered(size: Any, draw: Any) -> Any:
        half = size // 2
        centre = tf.cast(tf.floor(draw * tf.cast(size, tf.float32)), tf.int32)
        index = tf.range(size)[tf.newaxis]
        first = centre[:, tf.newaxis] - half // 2
        return tf.logical_and(index >= first, index < first + half)

    rows = covered(shape[1], draws[:, 0])[:, :, tf.newaxis]
    columns = covered(shape[2], draws[:, 1])[:, tf.newaxis, :]
    hole = tf.cast(tf.logical_and(rows, columns), images.dtype)
    return images * (1.0 - hole)[..., tf.newaxis]
