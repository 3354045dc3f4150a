"""Sources -> endless batches that a step number determines.

The example at place p of the stream (p = step * global batch size + position in the batch) depends
on (seed, p) alone. So a run resumed at step s reads what an uninterrupted run would have read, and
workers that each read some positions read together what one alone would read.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.degradation import degrade
from style_gan_tf.data.loading import Loader
from style_gan_tf.data.pair_loading import PairLoader
from style_gan_tf.data.pairs import Pairs, validate_pairs
from style_gan_tf.data.source import Source
from style_gan_tf.data.validation import validate
from style_gan_tf.images import DEFAULT_MAX_PIXELS

if TYPE_CHECKING:
    import tensorflow as tf

_STYLE_SEED = 0x5717E  # added to a seed: the two streams of a pair must not go in step
_DEGRADING = 0xDE6  # folded into an example's seed: the damage is no function of the crop


def batches(
    source: Source,
    augmentation: Augmentation,
    *,
    batch_size: int,
    seed: int,
    start: int = 0,
    positions: Sequence[int] | None = None,
    cache: bool = False,
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> "tf.data.Dataset":
    """Read a source forever, each epoch in another order.

    Args:
        source: The pictures; too small ones are left out, broken ones are skipped with a warning
            and replaced by the next in order.
        augmentation: How a picture becomes an example.
        batch_size: Of the global batch, over all workers.
        seed: Any integer; streams with different seeds are independent.
        start: The step to begin at.
        positions: Which positions of the global batch to deliver; default all.
        cache: Keep the decoded, resized pictures in memory.
        max_pixels: The limit for width * height of a picture.

    Returns:
        A dataset of `{"images": float32 [b, crop, crop, 3] in [-1, 1], "positions": int32 [b]}`
        with b = len(positions); `positions` are those in the global batch.

    Raises:
        UserError: When no picture is usable.
    """
    source = validate(source, augmentation)
    loader = Loader(source, augmentation, cache=cache, max_pixels=max_pixels)
    loader.require_one()

    def example(picture: Any, seed: Any) -> dict[str, Any]:
        return {"images": augmentation.augment(picture, seed)}

    return _stream(loader.load, 3, len(source), example, batch_size, seed % 2**31, start, positions)


def paired_batches(
    pairs: Pairs,
    augmentation: Augmentation,
    *,
    batch_size: int,
    seed: int,
    start: int = 0,
    positions: Sequence[int] | None = None,
    cache: bool = False,
    max_pixels: int = DEFAULT_MAX_PIXELS,
) -> "tf.data.Dataset":
    """Read pairs forever; both pictures of one get the same crop, flip and colour jitter.

    Args:
        pairs: The pairs; unusable ones are left out as in `batches`.
        augmentation: How a pair becomes an example; degradations come after it.
        batch_size: See `batches`, as for all that follow.
        seed: Any integer.
        start: The step to begin at.
        positions: Which positions of the global batch to deliver; default all.
        cache: Keep the decoded, resized pictures in memory.
        max_pixels: The limit for width * height of a picture.

    Returns:
        A dataset of `{"content": float32 [b, crop, crop, 3] in [-1, 1], "target": the same,
        "positions": int32 [b]}`.

    Raises:
        UserError: When no pair is usable.
    """
    import tensorflow as tf

    pairs = validate_pairs(pairs, augmentation)
    loader = PairLoader(pairs, augmentation, cache=cache, max_pixels=max_pixels)
    loader.require_one()

    def example(pair: Any, seed: Any) -> dict[str, Any]:
        views = augmentation.augment(pair, seed)
        if not pairs.degradations:
            content, target = tf.split(views, 2, axis=-1)
            return {"content": content, "target": target}
        draws = tf.random.fold_in(seed, _DEGRADING)
        return {"content": degrade(views, pairs.degradations, draws), "target": views}

    return _stream(
        loader.load,
        loader.channels,
        len(pairs),
        example,
        batch_size,
        seed % 2**31,
        start,
        positions,
    )


def _stream(
    load: Callable[[Any], np.ndarray],
    channels: int,
    count: int,
    make: Callable[[Any, Any], dict[str, Any]],
    batch_size: int,
    seed: int,
    start: int,
    positions: Sequence[int] | None,
) -> "tf.data.Dataset":
    """Endless batches of what `make` makes of (what was loaded, seed of its place)."""
    import tensorflow as tf

    positions = range(batch_size) if positions is None else positions
    if not positions or min(positions) < 0 or max(positions) >= batch_size:
        raise ValueError(f"positions {positions} are not within a batch of {batch_size}")

    def example(place: Any, position: Any) -> dict[str, Any]:
        epoch = tf.cast(place // count, tf.int32)
        index = tf.random.experimental.index_shuffle(
            tf.cast(place % count, tf.int32), seed=[seed, epoch], max_index=count - 1
        )
        picture = tf.numpy_function(load, [index], tf.uint8, stateful=False)
        picture.set_shape([None, None, channels])
        # Two 32-bit words that hold the 64-bit place.
        low = tf.bitcast(tf.cast(place % 2**32, tf.uint32), tf.int32)
        high = tf.cast(place // 2**32, tf.int32)
        mixed = tf.random.fold_in([seed, 0], high)
        return {**make(picture, tf.random.fold_in(mixed, low)), "positions": position}

    delivered = np.array(positions, np.int32)

    def places(step: Any) -> "tf.data.Dataset":
        return tf.data.Dataset.from_tensor_slices(
            (step * batch_size + delivered.astype(np.int64), delivered)
        )

    dataset = (
        tf.data.Dataset.counter(start, dtype=tf.int64)
        .flat_map(places)
        .map(example, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .batch(len(positions), drop_remainder=True)
        .prefetch(tf.data.AUTOTUNE)
    )
    options = tf.data.Options()
    options.deterministic = True
    # Each worker reads its own positions already.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return dataset.with_options(options)


def style_seed(seed: int) -> int:
    """The seed of the style stream that goes with a content stream of `seed`."""
    return seed + _STYLE_SEED


def side_by_side(streams: "dict[str, tf.data.Dataset]") -> "tf.data.Dataset":
    """Go through several streams of `batches` and `paired_batches` in step.

    Give the style stream `style_seed(seed)`.

    Returns:
        A dataset of each stream's images under its name, float32 `[b, crop, crop, 3]`, pairs'
        as `content` and `target`, and `positions`, int32 `[b]`, which are the same in all.
    """
    import tensorflow as tf

    def merge(parts: dict[str, Any]) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for name, part in parts.items():
            merged |= {name if key == "images" else key: value for key, value in part.items()}
        return merged

    return tf.data.Dataset.zip(streams).map(merge)
