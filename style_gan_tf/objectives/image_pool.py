"""A history of generated pictures for the discriminator (Shrivastava et al. 2017, section 2.3)."""

from typing import Any

import tensorflow as tf


class ImagePool:
    """Half of the time the discriminator sees an earlier picture instead of the newest.

    Until the pool is full, pictures are stored and shown. After that each is, with probability
    one half, exchanged for a stored one. It lives in variables, so that it runs in the graph and
    goes into checkpoints.

    Slots belong to positions in the global batch (picture i exchanges with slots i, i + batch,
    ...), so that two pictures of one batch never want the same slot, and any number of replicas
    gives the same result. Call it in replica context, once a step.

    Args:
        size: Slots, rounded down to a multiple of the batch (at least one each); 0 shows every
            picture as it is.
        batch: Pictures in the global batch.
        shape: `(height, width, channels)` of one picture.
    """

    def __init__(self, size: int, batch: int, shape: tuple[int, int, int]) -> None:
        self.slots = max(size // batch, 1) if size else 0
        self.batch = batch
        self.variables: dict[str, tf.Variable] = {}
        if not self.slots:
            return
        for name, value in {
            "pictures": tf.zeros([self.slots, batch, *shape]),
            "calls": tf.zeros([], tf.int32),
        }.items():
            self.variables[name] = tf.Variable(
                value,
                trainable=False,
                name=f"pool_{name}",
                aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
            )

    def exchange(self, images: Any, seed: Any) -> Any:
        """Store pictures and return what the discriminator shall see.

        Args:
            images: `[batch of the replica, height, width, channels]`.
            seed: int32 `[2]`, the same on all replicas.

        Returns:
            The shape of `images`; no gradient flows back.
        """
        images = tf.stop_gradient(images)
        if not self.slots:
            return images
        context = tf.distribute.get_replica_context()
        everyone = context.all_gather(images, axis=0) if _replicas() > 1 else images
        pictures, calls = self.variables["pictures"], self.variables["calls"]

        draws = tf.random.stateless_uniform([2, self.batch], seed)
        filling = calls < self.slots
        random_slot = tf.cast(draws[0] * self.slots, tf.int32)
        slot = tf.where(filling, tf.fill([self.batch], calls), random_slot)
        stored = tf.gather_nd(pictures, tf.stack([slot, tf.range(self.batch)], axis=1))
        swap = tf.reshape(draws[1] < 0.5, [-1, 1, 1, 1])
        shown = tf.where(filling, everyone, tf.where(swap, stored, everyone))
        kept = tf.where(filling, everyone, tf.where(swap, everyone, stored))
        here = tf.reshape(tf.one_hot(slot, self.slots, axis=0), [self.slots, self.batch, 1, 1, 1])
        pictures.assign(tf.where(here > 0, kept[tf.newaxis], pictures))
        calls.assign(tf.minimum(calls + 1, self.slots))

        if _replicas() == 1:
            return shown
        count = tf.shape(images)[0]
        first = context.replica_id_in_sync_group * count
        return shown[first : first + count]


def _replicas() -> int:
    return tf.distribute.get_strategy().num_replicas_in_sync
