"""Encoded bytes <-> arrays: the one place that decodes, encodes, orients and resizes pictures."""

from style_gan_tf.images.color_profile import ColorProfile, read_profile
from style_gan_tf.images.decode import (
    DEFAULT_MAX_PIXELS,
    ImageError,
    Picture,
    decode,
    read_size,
)
from style_gan_tf.images.eight_bits import eight_bits
from style_gan_tf.images.encode import encode, format_of
from style_gan_tf.images.oklab import oklab, rgb_of_oklab
from style_gan_tf.images.resize import resize_short_side
from style_gan_tf.images.sheet import captioned_sheet, sheet
from style_gan_tf.images.whole_file import whole_file, write_file

__all__ = [
    "DEFAULT_MAX_PIXELS",
    "ColorProfile",
    "ImageError",
    "Picture",
    "captioned_sheet",
    "decode",
    "eight_bits",
    "encode",
    "format_of",
    "oklab",
    "read_profile",
    "read_size",
    "resize_short_side",
    "rgb_of_oklab",
    "sheet",
    "whole_file",
    "write_file",
]
