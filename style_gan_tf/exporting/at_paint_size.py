"""Inside an export: pictures larger than the size at which the model paints are painted small."""

from collections.abc import Callable
from typing import Any

# Float pictures `[batch, height, width, 3]` in [0, 1] and, of a model of several styles, a row of
# each picture's style, to the painted pictures.
Paint = Callable[..., Any]


def at_paint_size(paint: Paint, longest: int, limit: int, coded: bool) -> Paint:
    """What paints pictures at the model's size: the same picture as `stylize` on the command line.

    Args:
        paint: Paints pictures as they are.
        longest: Pixels of the longer side at which larger pictures are painted.
        limit: Pixels that `paint` may be given at once; more are painted one after another.
        coded: Whether styles are codes, whose first number is the strength; else they are weights,
            whose sum it is.
    """
    import tensorflow as tf

    from style_gan_tf.inference.joint_upsampling import painted_small

    def paint_one(photo: Any, *style: Any) -> Any:
        """`[height, width, 3]` to the same."""

        def as_it_is(photo: Any) -> Any:
            return paint(photo[tf.newaxis], *(row[tf.newaxis] for row in style))[0]

        def small() -> Any:
            signed = painted_small(
                tf.clip_by_value(photo, 0.0, 1.0) * 2.0 - 1.0,
                longest,
                lambda copy: as_it_is(copy * 0.5 + 0.5) * 2.0 - 1.0,
                _kept(style[0], coded) if style else 0.0,
            )
            return signed * 0.5 + 0.5

        fits = tf.reduce_max(tf.shape(photo)[:2]) <= longest
        return tf.cond(fits, lambda: as_it_is(photo), small)

    def paint_all(images: Any, *style: Any) -> Any:
        shape = tf.shape(images)
        at_once = (tf.reduce_max(shape[1:3]) <= longest) & (tf.reduce_prod(shape[:3]) <= limit)

        def one_by_one() -> Any:
            signature = tf.TensorSpec([None, None, 3], tf.float32)
            return tf.map_fn(
                lambda given: paint_one(*given),
                (images, *style),
                fn_output_signature=signature,
                parallel_iterations=1,
            )

        return tf.cond(at_once, lambda: paint(images, *style), one_by_one)

    return paint_all


def _kept(style: Any, coded: bool) -> Any:
    """How much of the photo a style leaves: see `inference.style_table.photo_kept`."""
    import tensorflow as tf

    return tf.maximum(0.0, 1.0 - (style[0] if coded else tf.reduce_sum(style)))
