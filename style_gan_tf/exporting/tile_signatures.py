"""Signatures for parts of a picture: what large and seamless pictures are made with.

- `tile`: `images` float32 `[batch, height, width, 3]` in [0, 1], whose sides are multiples of the
  stride, with the statistics of their normalizations: `known` int32, how many layers take what is
  given; `means` and `variances` float32 `[1, channels of all layers]`; `window` int32 `[4]` (top,
  left, height, width): where the other layers measure theirs. Several styles: `style_weights`
  float32 `[batch, num_styles]` too, or, where there is a style encoder, `style_code`. ->
  `stylized_images`, and what the window measured: `means` and `variances` `[batch, channels of all
  layers]`, `counts` int32 `[layers]`, the places that they were taken over.
- `tiling`: `size` int32 `[2]`, a picture's height and width -> what the others do inside:
  `surround` int32 `[2, 2]`, pixels to add by reflection before and after, down and across;
  `stride`, `minimum` (side of a tile), `overlap` (what a tile depends on around it),
  `channels` int32 `[layers]`, `bytes_per_pixel`.
"""

from typing import Any

import tensorflow as tf

from style_gan_tf.exporting.endpoints import IMAGES, Endpoint
from style_gan_tf.exporting.input_checks import refuse_unless
from style_gan_tf.networks import Network, run_tile, surround, tile_facts


def tile_endpoints(network: Network) -> dict[str, Endpoint]:
    """By the signature's name; see above."""
    facts = tile_facts(network)
    channels = facts["channels"]

    def tile(
        images: Any, window: Any, known: Any, means: Any, variances: Any, *style: Any
    ) -> dict[str, Any]:
        sides = tf.shape(images)[1:3]
        fits = tf.reduce_all((sides % network.stride == 0) & (sides >= network.minimum))
        sentence = (
            f"images must have sides that are multiples of {network.stride} and at least "
            f"{network.minimum}; got"
        )
        with refuse_unless(fits, sentence, sides):
            inputs = tf.clip_by_value(images, 0.0, 1.0) * 2.0 - 1.0
        stylized, measured = run_tile(network, inputs, window, known, means, variances, *style)
        batch = tf.shape(images)[0]
        nothing = tf.zeros([batch, 0])  # Networks without instance normalization measure nothing.
        return {
            "stylized_images": stylized * 0.5 + 0.5,
            "means": tf.concat([nothing, *measured.means], axis=1),
            "variances": tf.concat([nothing, *measured.variances], axis=1),
            "counts": tf.stack(measured.counts) if channels else tf.zeros([0], tf.int32),
        }

    def tiling(size: Any) -> dict[str, Any]:
        sides = [tf.stack(surround(size[axis], network)) for axis in (0, 1)]
        return {
            "surround": tf.stack(sides),
            **{name: tf.constant(value, tf.int32) for name, value in facts.items()},
        }

    takes = [
        IMAGES,
        tf.TensorSpec([4], tf.int32, name="window"),
        tf.TensorSpec([], tf.int32, name="known"),
        tf.TensorSpec([1, sum(channels)], tf.float32, name="means"),
        tf.TensorSpec([1, sum(channels)], tf.float32, name="variances"),
    ]
    if network.takes_weights:
        name = "style_code" if network.recipe["options"].get("by_code") else "style_weights"
        takes.append(tf.TensorSpec([None, network.num_styles], tf.float32, name=name))
    size = tf.TensorSpec([2], tf.int32, name="size")
    return {"tile": Endpoint(tile, takes), "tiling": Endpoint(tiling, [size])}
