"""The strength of a style: at strength s the output lies at s of the way from photo to style."""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

_STREAM = 5  # `fold_in` number of the strengths


class Dial:
    """Teaches a generator weaker strengths of its styles.

    Used in replica context, once a step. Pictures at weaker strengths go through the generator in
    one pass with the others: a third use of the generator's weights would add up their gradients
    in an order that is not the same in every trace.

    Args:
        weight: Of its loss, on average over the steps; 0: no dial is taught.
        batch: Pictures in the global batch.
        every: It is taught at every so many steps, with as many times the weight.
    """

    def __init__(self, weight: float, batch: int, every: int = 1) -> None:
        self.weight, self.batch, self.every = weight, batch, every

    def inputs(
        self, photos: Any, drives: Sequence[Any], seed: Any, positions: Any
    ) -> tuple[list[Any], Any]:
        """What the generator shall take in this step.

        Args:
            photos: float32 `[n, height, width, 3]`.
            drives: What sets the style, each `[n, numbers]`: nothing of it is no style.
            seed: int32 `[2]`, the same on all replicas; the second is the step.
            positions: int32 `[n]`, each example's position in the global batch.

        Returns:
            `[photos, *drives]` at full strength, with as many more rows at random strengths below
            where the dial is taught; and the strengths `[n, 1]`.
        """
        draws = tf.random.stateless_uniform([self.batch, 1], tf.random.fold_in(seed, _STREAM))
        strength = tf.gather(draws, positions)
        full = [photos, *drives]
        if not self.weight:
            return full, strength
        weaker = [photos, *(strength * drive for drive in drives)]
        both = [tf.concat(pair, 0) for pair in zip(full, weaker, strict=True)]
        if self.every == 1:
            return both, strength
        given = tf.cond(seed[1] % self.every == 0, lambda: both, lambda: full)
        # The parts of a batch are told apart by their place, so sizes may differ.
        return [tf.ensure_shape(x, [None, *x.shape[1:]]) for x in given], strength

    def losses(self, photos: Any, outputs: Any, strength: Any) -> dict[str, Any]:
        """`strength`, where the dial has a weight: a scalar, 0 in a step that leaves it alone.

        Args:
            photos: As given to `inputs`.
            outputs: All that the generator made of what `inputs` gave.
            strength: The strengths that `inputs` gave.
        """
        if not self.weight:
            return {}
        count = tf.shape(photos)[0]
        full, partial = outputs[:count], outputs[count:]
        rows = tf.shape(partial)[0]  # none in a step that leaves the dial alone
        distance = dial_loss(photos[:rows], full[:rows], partial, strength[:rows])
        return {"strength": self.weight * self.every * distance}


def dial_loss(content: Any, full: Any, partial: Any, strength: Any) -> Any:
    """How far `partial` is from `strength` of the way from photo to full style, mean of |.|.

    Args:
        content: Photos `[n, height, width, 3]`.
        full: The same, fully stylized; not pulled towards what weaker ones can do.
        partial: What the generator makes of them at `strength`, `[n, 1]`.
    """
    way = strength[:, :, tf.newaxis, tf.newaxis]
    wanted = content + way * (tf.stop_gradient(full) - content)
    distance = tf.reduce_sum(tf.abs(partial - wanted))
    # No pictures, no distance.
    return tf.math.divide_no_nan(distance, tf.cast(tf.size(partial), tf.float32))
