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

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from style_gan_tf.serving import decoding
from style_gan_tf.serving.refusals import one_each, style_codes, told, weights_of_styles

if TYPE_CHECKING:
    from style_gan_tf.networks import Network

Endpoint = tuple[Callable[..., Any], list[Any]]

_MAX_PIXELS = 2**24  # of a reference: the encoder sees it far smaller


def code_endpoints(
    network: "Network",
    codes: Any,
    paint: Callable[[Any, Any], Any],
    serve_images: Callable[..., Mapping[str, Any]],
    one_by_one: Callable[..., Mapping[str, Any]],
) -> dict[str, Endpoint]:
    """Functions and what they take, by the signature's name; see above.

    Args:
        network: The generator, for its encoder and its mapping network.
        codes: float32 `[num_styles, numbers]` of its named styles.
        paint: One photo `[height, width, 3]` in [0, 1] and a code `[numbers]`, to its picture.
        serve_images: Float images and codes to the outputs of `serving_default`.
        one_by_one: A function such as `paint`, encoded pictures and what there is of each, to the
            outputs of `serve_bytes`.
    """
    import tensorflow as tf

    from style_gan_tf.networks import encode_style, rendered_codes
    from style_gan_tf.networks.coded_styles import seen_of

    numbers = codes.shape[1]

    @tf.function(input_signature=[tf.TensorSpec([], tf.string)], autograph=False)
    def encode(reference_bytes: Any) -> Any:
        picture = decoding.decode(reference_bytes, _MAX_PIXELS, "reference_bytes")
        # Colours that the encoder does not see are no style.
        picture = seen_of(picture)
        spread = tf.reduce_max(tf.reduce_max(picture, [0, 1]) - tf.reduce_min(picture, [0, 1]))
        with told(spread > 0.0, "reference_bytes is a picture of one colour, which is no style"):
            picture = tf.identity(picture)
        return encode_style(network, picture[tf.newaxis] * 2.0 - 1.0)[0]

    def encode_all(reference_bytes: Any) -> Any:
        signature = tf.TensorSpec([numbers], tf.float32)
        return tf.map_fn(
            encode, reference_bytes, fn_output_signature=signature, parallel_iterations=1
        )

    def encode_references(reference_bytes: Any) -> dict[str, Any]:
        return {"style_code": encode_all(reference_bytes)}

    def named_styles(style_weights: Any) -> dict[str, Any]:
        weights = weights_of_styles(style_weights, tf.shape(style_weights)[0])
        return {"style_code": tf.matmul(weights, codes)}

    def render_style(noise: Any, style_weights: Any) -> dict[str, Any]:
        weights = weights_of_styles(style_weights, tf.shape(noise)[0])
        return {"style_code": rendered_codes(network, codes, noise, weights)}

    def serve_code(images: Any, style_code: Any) -> Mapping[str, Any]:
        return serve_images(images, style_codes(style_code, tf.shape(images)[0]))

    def serve_bytes_code(image_bytes: Any, style_code: Any) -> Mapping[str, Any]:
        return one_by_one(paint, image_bytes, style_codes(style_code, tf.size(image_bytes)))

    def serve_bytes_reference(
        image_bytes: Any, reference_bytes: Any, strength: Any
    ) -> Mapping[str, Any]:
        count = tf.size(image_bytes)
        given = tf.size(reference_bytes)
        with told(
            (given == 1) | (given == count),
            "reference_bytes must be one picture, or one for each picture",
        ):
            references = tf.reshape(reference_bytes, [-1])
        found = tf.broadcast_to(encode_all(references), [count, numbers])
        return one_by_one(paint, image_bytes, one_each(strength, count)[:, tf.newaxis] * found)

    image_bytes = tf.TensorSpec([None], tf.string, name="image_bytes")
    # Without a shape, they take one as well as one for each picture.
    reference = tf.TensorSpec(None, tf.string, name="reference_bytes")
    strength = tf.TensorSpec(None, tf.float32, name="strength")
    images = tf.TensorSpec([None, None, None, 3], tf.float32, name="images")
    code = tf.TensorSpec([None, numbers], tf.float32, name="style_code")
    weights = tf.TensorSpec([None, codes.shape[0]], tf.float32, name="style_weights")
    references = tf.TensorSpec([None], tf.string, name="reference_bytes")
    endpoints: dict[str, Endpoint] = {
        "named_styles": (named_styles, [weights]),
        "serve_code": (serve_code, [images, code]),
        "serve_bytes_code": (serve_bytes_code, [image_bytes, code]),
    }
    if network.style_encoder is not None:
        takes = [image_bytes, reference, strength]
        endpoints["encode_style"] = (encode_references, [references])
        endpoints["serve_bytes_reference"] = (serve_bytes_reference, takes)
    if network.mapping is not None:
        latent = network.mapping.inputs[0].shape[1]
        noise = tf.TensorSpec([None, latent], tf.float32, name="noise")
        endpoints["render_style"] = (render_style, [noise, weights])
    return endpoints
