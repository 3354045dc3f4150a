"""The signatures of an export, with every float in [0, 1] and pictures of any size.

- `serving_default`: `images` float32 `[batch, height, width, 3]` -> `stylized_images`, same shape.
- `serve_bytes`: `image_bytes` string `[batch]`, JPEG or PNG, of any and differing sizes ->
  `stylized_image_bytes` string `[batch]`, JPEG (quality 95) for JPEG and PNG for PNG.
- `serve_bytes_strength`: the same with `strength` float32, one number or one for each picture:
  0 gives the photo, 1 the stylized picture, between them their pixels are blended.
- `serve_bytes_style`, where there are several styles (elsewhere the first is taken): the same as
  `serve_bytes` with `style_weights` float32 `[batch, num_styles]`, which sum to at most 1.
- `serve_style`, likewise: `serving_default` with `style_weights`.
- With a style encoder or a mapping network, those of `code_signatures`.
- `tile` and `tiling`: parts of a picture; see `tile_signatures`.

All of these paint a picture that is larger than the export's `paint_size` at that size, and give
it its own with its own edges (`inference.joint_upsampling`), as the command line does. So where
there is such a size, there is one signature more:

- `own_size`: `serving_default` with what says the style (`style_weights` or `style_code`, where
  there is one of these), at the pictures' own size.

A generator of noise has one alone:

- `serving_default`: `noise` float32 `[batch, latent]`, drawn from the standard normal distribution
  -> `images` float32 `[batch, size, size, 3]`.

What a client did wrong gives INVALID_ARGUMENT with a sentence that says so. TF Serving's REST API
cannot leave out an input, hence a signature for each set of inputs.
"""

import math
from typing import Any

import tensorflow as tf

from style_gan_tf.exporting.code_signatures import CodeSignatures
from style_gan_tf.exporting.endpoints import IMAGE_BYTES, IMAGES, STRENGTH, Endpoint, Painter
from style_gan_tf.exporting.input_checks import checked_strength, refuse_unless
from style_gan_tf.exporting.pixel_limit import noise_limit
from style_gan_tf.exporting.tile_signatures import tile_endpoints
from style_gan_tf.networks import Network


def noise_endpoints(
    network: Network, max_pixels: int | None = None
) -> tuple[dict[str, Endpoint], int]:
    """The signatures of a generator of noise, by name, and their limit of pixels."""
    limit = max_pixels or noise_limit(network)
    of_each = math.prod(network.output_shape[1:3])

    def serve_noise(noise: Any) -> dict[str, Any]:
        pixels = tf.shape(noise, tf.int64)[0] * of_each
        sentence = f"noise asks for more than {limit} pixels in all: send fewer"
        with refuse_unless(pixels <= limit, sentence):
            pictures = network(tf.identity(noise), training=False)
        return {"images": tf.clip_by_value(pictures, -1.0, 1.0) * 0.5 + 0.5}

    noise = tf.TensorSpec([None, network.latent], tf.float32, name="noise")
    return {"serving_default": Endpoint(serve_noise, [noise])}, limit


def picture_endpoints(
    network: Network, max_pixels: int | None = None, paint_size: int = 0
) -> tuple[dict[str, Endpoint], int]:
    """The signatures of a generator that takes pictures, by name, and their limit of pixels.

    Args:
        network: One that computes in float32.
        max_pixels: The limit; default: see `pixel_limit`.
        paint_size: Pixels of the longer side at which larger pictures are painted; 0: their own.
    """
    painter = Painter(network, max_pixels, paint_size)
    endpoints = PictureSignatures(painter).endpoints()
    if painter.codes is not None:
        endpoints |= CodeSignatures(painter).endpoints()
    if paint_size:
        endpoints["own_size"] = Endpoint(painter.paint_own_size, [IMAGES, *painter.style])
    return {**endpoints, **tile_endpoints(painter.network)}, painter.limit


class PictureSignatures:
    """What every generator of pictures has; each method is the signature of its name."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter

    def endpoints(self) -> dict[str, Endpoint]:
        """By the signature's name."""
        endpoints = {
            "serving_default": Endpoint(self.serving_default, [IMAGES]),
            "serve_bytes": Endpoint(self.serve_bytes, [IMAGE_BYTES]),
            "serve_bytes_strength": Endpoint(self.serve_bytes_strength, [IMAGE_BYTES, STRENGTH]),
        }
        if (weights := self._painter.weights) is not None:
            endpoints["serve_bytes_style"] = Endpoint(
                self.serve_bytes_style, [IMAGE_BYTES, weights]
            )
            endpoints["serve_style"] = Endpoint(self.serve_style, [IMAGES, weights])
        return endpoints

    def serving_default(self, images: Any) -> dict[str, Any]:
        return self._painter.paint_images(images)

    def serve_style(self, images: Any, style_weights: Any) -> dict[str, Any]:
        style = self._painter.style_of(style_weights, tf.shape(images)[0])
        return self._painter.paint_images(images, style)

    def serve_bytes(self, image_bytes: Any) -> dict[str, Any]:
        return self._painter.paint_files(self._painter.paint, image_bytes)

    def serve_bytes_strength(self, image_bytes: Any, strength: Any) -> dict[str, Any]:
        def blend(photo: Any, strength: Any) -> Any:
            return photo + strength * (self._painter.paint(photo) - photo)

        strengths = checked_strength(strength, tf.size(image_bytes))
        return self._painter.paint_files(blend, image_bytes, strengths)

    def serve_bytes_style(self, image_bytes: Any, style_weights: Any) -> dict[str, Any]:
        style = self._painter.style_of(style_weights, tf.size(image_bytes))
        return self._painter.paint_files(self._painter.paint, image_bytes, style)
