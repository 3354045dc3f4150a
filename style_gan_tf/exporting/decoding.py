"""Encoded pictures <-> pixels inside a TensorFlow graph, for data that strangers send.

What a client did wrong becomes InvalidArgumentError with a sentence that says what to mend
(TF Serving answers 400 with it). Pictures are known by their first bytes alone and only JPEG and
PNG are decoded: `tf.io.decode_image` aborts the process on some animated WebP files. The header
is read before the pixels, because decoders allocate what it claims.
"""

from typing import Any

import tensorflow as tf

from style_gan_tf.exporting.file_markers import contains, number, png_chunk
from style_gan_tf.exporting.orientation import jpeg_orientation, png_orientation, upright

MAX_PIXELS = 2**25  # 33.5 megapixels: an 8K frame and a good camera's photograph fit
_JPEG_MAGIC = b"\xff\xd8\xff"
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_CUT_OFF = "cut off: send all of it"
_PNG_HEADER = 33  # bytes: the magic, and the first chunk, which holds the size


def is_jpeg(image_bytes: Any) -> Any:
    """Whether an encoded picture begins as JPEG files do: bool scalar of a string scalar."""
    return tf.equal(tf.strings.substr(image_bytes, 0, len(_JPEG_MAGIC)), _JPEG_MAGIC)


def decode(image_bytes: Any, max_pixels: int = MAX_PIXELS, name: str = "image_bytes") -> Any:
    """Decode one JPEG or PNG picture; usable in a graph without autograph.

    Grey, palette, CMYK and 16-bit pictures become RGB, transparent ones lie on white, and the
    EXIF orientation is applied.

    Args:
        image_bytes: String scalar.
        max_pixels: The limit for width * height, checked on the header before decoding.
        name: What errors call it.

    Returns:
        float32 `[height, width, 3]`, RGB in [0, 1].

    Raises:
        tf.errors.InvalidArgumentError: For another format, a picture that is broken or too
            large; says which.
    """
    is_png = tf.equal(tf.strings.substr(image_bytes, 0, len(_PNG_MAGIC)), _PNG_MAGIC)
    known = is_jpeg(image_bytes) | is_png
    image_bytes = _after(
        image_bytes, known, f"{name} is neither a JPEG nor a PNG picture: send one of these"
    )
    image = tf.cond(
        is_png,
        lambda: _decode_png(image_bytes, max_pixels, name),
        lambda: _decode_jpeg(image_bytes, max_pixels, name),
    )
    image.set_shape([None, None, 3])
    return image


def encode(image: Any, as_jpeg: Any) -> Any:
    """Encode one picture as JPEG of quality 95 or as PNG.

    Args:
        image: float32 `[height, width, 3]`, RGB in [0, 1].
        as_jpeg: Bool scalar.

    Returns:
        String scalar.
    """
    pixels = tf.cast(tf.round(tf.clip_by_value(image, 0.0, 1.0) * 255.0), tf.uint8)
    return tf.cond(
        as_jpeg,
        # Half-resolution colour would blur the edges between saturated brush strokes.
        lambda: tf.io.encode_jpeg(pixels, "rgb", quality=95, chroma_downsampling=False),
        lambda: tf.io.encode_png(pixels),
    )


def _decode_jpeg(image_bytes: Any, max_pixels: int, name: str) -> Any:
    octets = tf.io.decode_raw(image_bytes, tf.uint8)
    whole = contains(octets, b"\xff\xd9")  # end of image
    image_bytes = _after(image_bytes, whole, f"{name} is a JPEG picture that is {_CUT_OFF}")
    shape = tf.cast(tf.io.extract_jpeg_shape(image_bytes), tf.int64)
    image_bytes = _within(image_bytes, shape[0], shape[1], max_pixels, name)
    # The exact transform: the picture that other decoders give.
    image = tf.io.decode_jpeg(image_bytes, channels=3, dct_method="INTEGER_ACCURATE")
    return upright(tf.cast(image, tf.float32) / 255.0, jpeg_orientation(octets))


def _decode_png(image_bytes: Any, max_pixels: int, name: str) -> Any:
    octets = tf.io.decode_raw(image_bytes, tf.uint8)
    cut_off = f"{name} is a PNG picture that is {_CUT_OFF}"
    image_bytes = _after(image_bytes, tf.size(octets) >= _PNG_HEADER, cut_off)
    header = tf.io.decode_raw(tf.strings.substr(image_bytes, 0, _PNG_HEADER), tf.uint8)
    width, height = number(header, 16, 4), number(header, 20, 4)
    is_header = tf.equal(tf.strings.substr(image_bytes, 12, 4), b"IHDR")
    image_bytes = _after(image_bytes, is_header, f"{name} is a PNG picture without its header")
    image_bytes = _within(image_bytes, height, width, max_pixels, name)
    image_bytes = _after(image_bytes, contains(octets, b"IEND"), cut_off)
    # With 16 bits nothing is lost, and 8 bits come out as multiples of 257. With 4 channels
    # TensorFlow gives transparency; with 3 it would show the colours that transparency hides.
    image = tf.io.decode_png(image_bytes, channels=4, dtype=tf.uint16)
    image = tf.cast(image, tf.float32) / 65535.0
    # Where the file has no transparency, TensorFlow fills in 1, not 255, for 1-bit pictures.
    alpha = tf.where(_is_transparent(octets), image[..., 3:], 1.0)
    return upright(image[..., :3] * alpha + (1.0 - alpha), png_orientation(octets))


def _is_transparent(octets: Any) -> Any:
    """Whether a PNG file has an alpha channel or transparent colours."""
    colour_type = number(octets, 25, 1)
    return (colour_type == 4) | (colour_type == 6) | (png_chunk(octets, b"tRNS") >= 0)


def _within(image_bytes: Any, height: Any, width: Any, max_pixels: int, name: str) -> Any:
    """`image_bytes`, once the size that its header claims has been found to lie in the limit."""
    # Each side by itself first: their product can wrap around.
    fits = (height <= max_pixels) & (width <= max_pixels) & (height * width <= max_pixels)
    claim = tf.strings.format(
        name + " is a picture of {} x {} pixels, and the limit is "
        f"{max_pixels} pixels: send a smaller one",
        [width, height],
    )
    image_bytes = _after(image_bytes, fits, claim)
    return _after(image_bytes, (height > 0) & (width > 0), f"{name} is a picture of no size")


def _after(value: Any, condition: Any, sentence: Any) -> Any:
    """`value`, which nothing can use before `condition` has been found true."""
    # Decoders are stateless: without this edge the runtime may run them first.
    with tf.control_dependencies([tf.debugging.Assert(condition, [sentence])]):
        return tf.identity(value)
