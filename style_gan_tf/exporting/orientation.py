"""EXIF orientation in a TensorFlow graph: found in JPEG and PNG bytes, applied to pixels.

TensorFlow's decoders leave it out, so photographs of telephones would come back on their side.
Source: Exif 2.32, section 4 (the TIFF structure and the eight orientations).
"""

from typing import Any

import tensorflow as tf

from style_gan_tf.exporting.file_markers import jpeg_exif, number, png_chunk

_MOST_ENTRIES = 512
_ORIENTATION_TAG = 0x0112
_SHORT = 3  # the type of a 16-bit number


def jpeg_orientation(octets: Any) -> Any:
    """The EXIF orientation of an encoded JPEG picture.

    Args:
        octets: uint8 `[size]`, the file.

    Returns:
        int32 scalar, 1 to 8; 1 (upright) where none is told, or nothing valid.
    """
    return _orientation_at(octets, jpeg_exif(octets))


def png_orientation(octets: Any) -> Any:
    """The EXIF orientation of an encoded PNG picture; like `jpeg_orientation`."""
    return _orientation_at(octets, png_chunk(octets, b"eXIf"))


def upright(image: Any, orientation: Any) -> Any:
    """Turn a picture so that it is seen as its camera was held.

    Args:
        image: `[height, width, channels]`.
        orientation: int32 scalar, 1 to 8, as Exif defines it.

    Returns:
        `[height, width, channels]`, the sides exchanged for 5 to 8.
    """
    # Each orientation is an exchange of the sides, then a mirroring of each of them.
    exchanged = tf.cond(
        orientation >= 5, lambda: tf.transpose(image, [1, 0, 2]), lambda: tf.identity(image)
    )
    exchanged.set_shape([None, None, image.shape[2]])
    mirrored = tf.cond(
        tf.reduce_any(orientation == [2, 3, 6, 7]), lambda: exchanged[:, ::-1], lambda: exchanged
    )
    return tf.cond(
        tf.reduce_any(orientation == [3, 4, 7, 8]), lambda: mirrored[::-1], lambda: mirrored
    )


def _orientation_at(octets: Any, start: Any) -> Any:
    """The orientation in the TIFF structure that begins at `start`; 1 where that is negative."""
    little = number(octets, start, 4) == 0x49492A00  # "II", 42
    big = number(octets, start, 4) == 0x4D4D002A  # "MM", 42

    def ordered(position: Any, length: int) -> Any:
        from_little = number(octets, position, length, "little")
        return tf.where(little, from_little, number(octets, position, length))

    directory = start + ordered(start + 4, 4)
    count = tf.minimum(ordered(directory, 2), _MOST_ENTRIES)
    entries = directory + 2 + 12 * tf.range(count, dtype=tf.int64)
    matches = (ordered(entries, 2) == _ORIENTATION_TAG) & (ordered(entries + 2, 2) == _SHORT)
    # The value lies in the first two of its four bytes, in either order of bytes.
    values = tf.boolean_mask(ordered(entries + 8, 2), matches)
    value = tf.concat([values, tf.ones([1], tf.int64)], axis=0)[0]
    valid = (start >= 0) & (little | big) & (value >= 1) & (value <= 8)
    return tf.cast(tf.where(valid, value, tf.ones_like(value)), tf.int32)
