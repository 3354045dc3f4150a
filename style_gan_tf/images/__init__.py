"""Encoded bytes <-> arrays: the one place that decodes, encodes, orients and resizes pictures."""

from style_gan_tf.images.decode import (
    DEFAULT_MAX_PIXELS,
    ImageError,
    Picture,
    decode,
    read_size,
)
from style_gan_tf.images.encode import encode, format_of, write_file
from style_gan_tf.images.resize import resize_short_side
from style_gan_tf.images.sheet import sheet

__all__ = [
    "DEFAULT_MAX_PIXELS",
    "ImageError",
    "Picture",
    "decode",
    "encode",
    "format_of",
    "read_size",
    "resize_short_side",
    "sheet",
    "write_file",
]
