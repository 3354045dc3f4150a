"""What signatures are made of: an `Endpoint` each, and the `Painter` that they share."""

import dataclasses
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from style_gan_tf.exporting import decoding
from style_gan_tf.exporting.at_paint_size import at_paint_size
from style_gan_tf.exporting.input_checks import checked_codes, checked_weights, refuse_unless
from style_gan_tf.exporting.pixel_limit import enlarging_limit, pixel_limit
from style_gan_tf.networks import Network, Strips, any_size, by_code, is_coded, named_codes

IMAGES = tf.TensorSpec([None, None, None, 3], tf.float32, name="images")
IMAGE_BYTES = tf.TensorSpec([None], tf.string, name="image_bytes")
# Without a shape, it takes one number as well as one for each picture.
STRENGTH = tf.TensorSpec(None, tf.float32, name="strength")


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """One signature of an export.

    Attributes:
        run: From tensors in the order of `takes` to the outputs by name.
        takes: The `tf.TensorSpec` of each input; its name is the input's.
    """

    run: Callable[..., dict[str, Any]]
    takes: list[Any]


class Painter:
    """How the signatures of a generator of pictures decode and paint: one graph of each for all.

    A style is a row of numbers for each picture: a code where the generator has codes, else its
    style weights. Pictures are float32 in [0, 1].

    Attributes:
        network: The generator as it is run: by codes, where it has codes.
        codes: float32 `[num_styles, numbers]`, those of the named styles; None without codes.
        weights: The `tf.TensorSpec` of `style_weights`; None where there is one style alone.
        style: That of the style in a list; empty where there is one style alone.
        limit: The most pixels that a picture, or all of a batch of floats, may have.
    """

    def __init__(
        self, network: Network, max_pixels: int | None = None, paint_size: int = 0
    ) -> None:
        """Choose the limits; nothing is traced yet.

        Args:
            network: One that computes in float32.
            max_pixels: The limit; default: see `pixel_limit`.
            paint_size: Pixels of the longer side at which larger pictures are painted; 0: their
                own.
        """
        # One graph for named styles and for those of pictures: both are codes.
        self.codes: Any = tf.constant(named_codes(network)) if is_coded(network) else None
        self.network = network if self.codes is None else by_code(network)
        self.weights: Any = None
        self.style: list[Any] = []
        if network.takes_weights:
            shape = [None, network.num_styles]
            self.weights = tf.TensorSpec(shape, tf.float32, name="style_weights")
            name = "style_weights" if self.codes is None else "style_code"
            shape = [None, self.network.num_styles]
            self.style = [tf.TensorSpec(shape, tf.float32, name=name)]
        self._first_style = (
            tf.one_hot([0], network.num_styles) if self.codes is None else self.codes[:1]
        )
        self._strips = Strips(self.network)
        self._at_once = max_pixels or pixel_limit(self.network, self._strips)
        small = bool(paint_size) and paint_size**2 <= self._at_once
        self.limit = max_pixels or (enlarging_limit(self.network) if small else self._at_once)

        self.decode = tf.function(
            self._decode, input_signature=[tf.TensorSpec([], tf.string)], autograph=False
        )
        takes = [tf.TensorSpec(spec.shape, spec.dtype) for spec in (IMAGES, *self.style)]
        self._own_size = tf.function(self._stylize, input_signature=takes, autograph=False)
        self._paint = self._own_size
        if paint_size:
            self._paint = tf.function(
                at_paint_size(self._own_size, paint_size, self._at_once, self.codes is not None),
                input_signature=takes,
                autograph=False,
            )

    def paint(self, photo: Any, *style: Any) -> Any:
        """Paint one picture `[height, width, 3]`, by a style `[numbers]` or the first one."""
        return self._paint_all(photo[tf.newaxis], *(one[tf.newaxis] for one in style))[0]

    def paint_images(self, images: Any, style: Any = None) -> dict[str, Any]:
        """The outputs of `serving_default`.

        Args:
            images: `[batch, height, width, 3]`, within the limit.
            style: `[batch, numbers]`; default: the first one.
        """
        return _painted(images, self.limit, self._paint_all, style)

    def paint_own_size(self, images: Any, *style: Any) -> dict[str, Any]:
        """The same at the pictures' own size, which takes more memory; `style` is checked."""
        check = checked_weights if self.codes is None else checked_codes
        given = [check(rows, tf.shape(images)[0]) for rows in style]
        return _painted(images, self._at_once, self._own_size, *given)

    def paint_files(self, paint: Callable[..., Any], *of_each: Any) -> dict[str, Any]:
        """The outputs of `serve_bytes`.

        Args:
            paint: From a picture `[height, width, 3]`, and what else there is of it, to its
                painting.
            of_each: Encoded pictures `[batch]`, and what else there is of each.
        """

        def serve_one(given: Any) -> Any:
            image_bytes, *more = given
            painted = paint(self.decode(image_bytes), *more)
            return decoding.encode(painted, decoding.is_jpeg(image_bytes))

        # One after another: each picture uses all cores anyway, and memory is bounded by one.
        signature = tf.TensorSpec([], tf.string)
        stylized = tf.map_fn(
            serve_one, of_each, fn_output_signature=signature, parallel_iterations=1
        )
        return {"stylized_image_bytes": stylized}

    def style_of(self, style_weights: Any, count: Any) -> Any:
        """The styles `[count, numbers]` that weights `[count, num_styles]` mean, once checked."""
        weights = checked_weights(style_weights, count)
        return weights if self.codes is None else tf.matmul(weights, self.codes)

    def _paint_all(self, images: Any, style: Any = None) -> Any:
        if not self.style:
            return self._paint(images)
        if style is None:
            style = tf.tile(self._first_style, [tf.shape(images)[0], 1])
        return self._paint(images, style)

    def _decode(self, image_bytes: Any) -> Any:
        return decoding.decode(image_bytes, self.limit)

    def _stylize(self, images: Any, *style: Any) -> Any:
        given = style[0] if style else None
        signed = tf.clip_by_value(images, 0.0, 1.0) * 2.0 - 1.0
        return any_size(self.network, signed, style_weights=given, run=self._strips) * 0.5 + 0.5


def _painted(images: Any, limit: int, paint: Callable[..., Any], *style: Any) -> dict[str, Any]:
    shape = tf.shape(images, tf.int64)
    has_pixels = tf.reduce_all(shape[1:3] > 0)
    fits = tf.reduce_prod(shape[:3]) <= limit
    with (
        refuse_unless(has_pixels, "images have a height or width of 0"),
        refuse_unless(
            fits, f"images hold more than {limit} pixels in all: send fewer or smaller ones"
        ),
    ):
        return {"stylized_images": paint(tf.identity(images), *style)}
