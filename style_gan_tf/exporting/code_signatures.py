"""Signatures of a generator whose styles are codes: of pictures, of noise, and of names.

With a style encoder (any style from one picture):

- `encode_style`: `reference_bytes` string `[batch]`, JPEG or PNG -> `style_code` float32
  `[batch, numbers]`. A code times 0.6 is the style at strength 0.6; sums of codes, each times its
  weight, are mixtures.
- `serve_bytes_reference`: `serve_bytes` with `reference_bytes`, one or one for each picture, and
  `strength`, likewise.

With a mapping network (many renderings of one style):

- `render_style`: `noise` float32 `[batch, latent]`, from the standard normal distribution, and
  `style_weights` -> `style_code`.

With either:

- `named_styles`: `style_weights` float32 `[batch, num_styles]` -> their `style_code`.
- `serve_code`, `serve_bytes_code`: `serving_default` and `serve_bytes` with `style_code`, one row
  for each picture: the encoder need not run again.
"""

from typing import Any

import tensorflow as tf

from style_gan_tf.exporting import decoding
from style_gan_tf.exporting.endpoints import IMAGE_BYTES, IMAGES, STRENGTH, Endpoint, Painter
from style_gan_tf.exporting.input_checks import (
    checked_codes,
    checked_strength,
    checked_weights,
    refuse_unless,
)
from style_gan_tf.networks import encode_style, rendered_codes
from style_gan_tf.networks.coded_styles import seen_of

_MAX_PIXELS = 2**24  # of a reference: the encoder sees it far smaller


class CodeSignatures:
    """What a generator with codes has besides; each method is the signature of its name."""

    def __init__(self, painter: Painter) -> None:
        """Take the painter of a network with a style encoder, a mapping network or both."""
        self._painter = painter
        self._network = painter.network
        # One graph of it for all signatures.
        self._encode_one = tf.function(
            self._encode, input_signature=[tf.TensorSpec([], tf.string)], autograph=False
        )

    def endpoints(self) -> dict[str, Endpoint]:
        """By the signature's name."""
        (code,), weights = self._painter.style, self._painter.weights
        endpoints = {
            "named_styles": Endpoint(self.named_styles, [weights]),
            "serve_code": Endpoint(self.serve_code, [IMAGES, code]),
            "serve_bytes_code": Endpoint(self.serve_bytes_code, [IMAGE_BYTES, code]),
        }
        if self._network.style_encoder is not None:
            references = tf.TensorSpec([None], tf.string, name="reference_bytes")
            endpoints["encode_style"] = Endpoint(self.encode_style, [references])
            # Without a shape, it takes one as well as one for each picture.
            reference = tf.TensorSpec(None, tf.string, name="reference_bytes")
            takes = [IMAGE_BYTES, reference, STRENGTH]
            endpoints["serve_bytes_reference"] = Endpoint(self.serve_bytes_reference, takes)
        if self._network.mapping is not None:
            latent = self._network.mapping.inputs[0].shape[1]
            noise = tf.TensorSpec([None, latent], tf.float32, name="noise")
            endpoints["render_style"] = Endpoint(self.render_style, [noise, weights])
        return endpoints

    def encode_style(self, reference_bytes: Any) -> dict[str, Any]:
        return {"style_code": self._codes_of(reference_bytes)}

    def named_styles(self, style_weights: Any) -> dict[str, Any]:
        return {"style_code": self._painter.style_of(style_weights, tf.shape(style_weights)[0])}

    def render_style(self, noise: Any, style_weights: Any) -> dict[str, Any]:
        weights = checked_weights(style_weights, tf.shape(noise)[0])
        codes = rendered_codes(self._network, self._painter.codes, noise, weights)
        return {"style_code": codes}

    def serve_code(self, images: Any, style_code: Any) -> dict[str, Any]:
        codes = checked_codes(style_code, tf.shape(images)[0])
        return self._painter.paint_images(images, codes)

    def serve_bytes_code(self, image_bytes: Any, style_code: Any) -> dict[str, Any]:
        codes = checked_codes(style_code, tf.size(image_bytes))
        return self._painter.paint_files(self._painter.paint, image_bytes, codes)

    def serve_bytes_reference(
        self, image_bytes: Any, reference_bytes: Any, strength: Any
    ) -> dict[str, Any]:
        count = tf.size(image_bytes)
        given = tf.size(reference_bytes)
        with refuse_unless(
            (given == 1) | (given == count),
            "reference_bytes must be one picture, or one for each picture",
        ):
            references = tf.reshape(reference_bytes, [-1])
        numbers = self._painter.codes.shape[1]
        codes = tf.broadcast_to(self._codes_of(references), [count, numbers])
        codes = checked_strength(strength, count)[:, tf.newaxis] * codes
        return self._painter.paint_files(self._painter.paint, image_bytes, codes)

    def _codes_of(self, reference_bytes: Any) -> Any:
        """float32 `[batch, numbers]` of encoded pictures `[batch]`."""
        signature = tf.TensorSpec([self._painter.codes.shape[1]], tf.float32)
        return tf.map_fn(
            self._encode_one,
            reference_bytes,
            fn_output_signature=signature,
            parallel_iterations=1,
        )

    def _encode(self, reference_bytes: Any) -> Any:
        picture = decoding.decode(reference_bytes, _MAX_PIXELS, "reference_bytes")
        # Colours that the encoder does not see are no style.
        picture = seen_of(picture)
        spread = tf.reduce_max(tf.reduce_max(picture, [0, 1]) - tf.reduce_min(picture, [0, 1]))
        sentence = "reference_bytes is a picture of one colour, which is no style"
        with refuse_unless(spread > 0.0, sentence):
            picture = tf.identity(picture)
        return encode_style(self._network, picture[tf.newaxis] * 2.0 - 1.0)[0]
