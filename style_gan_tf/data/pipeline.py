"""Sources -> endless batches that a step number determines.

The example at place p of the stream (p = step * global batch size + position in the batch) depends
on (seed, p) alone. So a run resumed at step s reads what an uninterrupted run would have read, and
workers that each read some positions read together what one alone would read.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from style_gan_tf.data.augmentation import Augmentation
from style_gan_tf.data.degradation import degrade
from style_gan_tf.data.loader import Loader
from style_gan_tf.data.pairs import content_and_target
from style_gan_tf.data.source import Source
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
        source: The pictures or pairs, of which `validate` has left out those of no use; broken
            ones are skipped with a warning and replaced by the next in order.
        augmentation: How a picture becomes an example.
        batch_size: Of the global batch, over all workers.
        seed: Any integer; streams with different seeds are independent.
        start: The step to begin at.
        positions: Which positions of the global batch to deliver; default all.
        cache: Keep the decoded, resized pictures in memory.
        max_pixels: The limit for width * height of a picture.

    Returns:
        A dataset of `{"images": float32 [b, crop, crop, 3] in [-1, 1], "positions": int32 [b]}`
        with b = len(positions); `positions` are those in the global batch. Images of pairs have
        six channels, the content's first; both got the same crop, flip and colour jitter, and
        degradations come after these.

    Raises:
        UserError: When no picture is usable.
    """
    import tensorflow as tf

    seed %= 2**31
    count = len(source)
    loader = Loader(source, augmentation, cache=cache, max_pixels=max_pixels)
    loader.require_one()
    channels = 3 if source.degradations else source.channels
    positions = range(batch_size) if positions is None else positions
    if not positions or min(positions) < 0 or max(positions) >= batch_size:
        raise ValueError(f"positions {positions} are not within a batch of {batch_size}")

    def example(place: Any, position: Any) -> dict[str, Any]:
        epoch = tf.cast(place // count, tf.int32)
        index = tf.random.experimental.index_shuffle(
            tf.cast(place % count, tf.int32), seed=[seed, epoch], max_index=count - 1
        )
        picture = tf.numpy_function(loader.load, [index], tf.uint8, stateful=False)
        picture.set_shape([None, None, channels])
        # Two 32-bit words that hold the 64-bit place.
        low = tf.bitcast(tf.cast(place % 2**32, tf.uint32), tf.int32)
        high = tf.cast(place // 2**32, tf.int32)
        mixed = tf.random.fold_in([seed, 0], high)
        own_seed = tf.random.fold_in(mixed, low)
        images = augmentation.augment(picture, own_seed)
        if source.degradations:
            draws = tf.random.fold_in(own_seed, _DEGRADING)
            damaged = degrade(images, source.degradations, draws)
            images = tf.concat([damaged, images], axis=-1)
        return {"images": images, "positions": position}

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
    """Go through several streams of `batches` in step.

    Give the style stream `style_seed(seed)`.

    Returns:
        A dataset of each stream's images under its name, float32 `[b, crop, crop, 3]`, pairs'
        as `content` and `target`, and `positions`, int32 `[b]`, which are the same in all.
    """
    import tensorflow as tf

    def merge(parts: dict[str, Any]) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for name, part in parts.items():
            images = part["images"]
            merged |= {key: value for key, value in part.items() if key != "images"}
            if images.shape[-1] == 6:
                merged["content"], merged["target"] = content_and_target(images)
            else:
                merged[name] = images
        return merged

    return tf.data.Dataset.zip(streams).map(merge)
