"""EXIF orientation in a TensorFlow graph: found in JPEG and PNG bytes, applied to pixels.

TensorFlow's decoders leave it out, so photographs of telephones would come back on their side.
Sources: JPEG ITU T.81 annex B (segments), PNG third edition 11.3 (chunks), Exif 2.32 section 4
(the TIFF structure inside both, and the eight orientations). Every read is bounds-checked: a
broken block counts as upright, since it says nothing about the pixels.
"""

from typing import Any

import tensorflow as tf

_MOST_SEGMENTS = 256  # A hostile file of empty segments must not keep the server walking.
_MOST_ENTRIES = 512
_ORIENTATION_TAG = 0x0112


def jpeg_orientation(octets: Any) -> Any:
    """The EXIF orientation of an encoded JPEG picture.

    Args:
        octets: uint8 `[size]`, the file.

    Returns:
        int32 scalar, 1 to 8; 1 (upright) where none is told.
    """

    def goes_on(position: Any, found: Any) -> Any:
        marker = _number(octets, position + 1, 1)
        is_segment = _number(octets, position, 1) == 0xFF
        # Start of scan: no metadata comes after it.
        return (found < 0) & is_segment & (marker != 0xDA) & (marker != 0xD9)

    def step(position: Any, found: Any) -> Any:
        marker = _number(octets, position + 1, 1)
        # "Exif", 0, 0
        is_exif = (_number(octets, position + 4, 4) == 0x45786966) & (marker == 0xE1)
        found = tf.where(is_exif, position + 10, found)
        length = tf.maximum(_number(octets, position + 2, 2), 2)
        # A marker may be preceded by any number of fill bytes FF.
        return position + tf.where(marker == 0xFF, tf.ones_like(length), 2 + length), found

    return _walk(octets, 2, goes_on, step)


def png_orientation(octets: Any) -> Any:
    """The EXIF orientation of an encoded PNG picture (its eXIf chunk); like `jpeg_orientation`."""

    def goes_on(position: Any, found: Any) -> Any:
        kind = _number(octets, position + 4, 4)
        # IDAT: metadata after the pixels are too far to look for.
        return (found < 0) & (kind != 0x49444154) & (position < _size(octets))

    def step(position: Any, found: Any) -> Any:
        is_exif = _number(octets, position + 4, 4) == 0x65584966
        length = _number(octets, position, 4)
        return position + 12 + length, tf.where(is_exif, position + 8, found)

    return _walk(octets, 8, goes_on, step)


def upright(image: Any, orientation: Any) -> Any:
    """Turn a picture so that it is seen as its camera was held.

    Args:
        image: `[height, width, channels]`.
        orientation: Integer scalar, 1 to 8, as Exif defines it.

    Returns:
        `[height, width, channels]`, the sides exchanged for 5 to 8.
    """
    transposed = tf.cond(
        orientation >= 5, lambda: tf.transpose(image, [1, 0, 2]), lambda: tf.identity(image)
    )
    transposed.set_shape([None, None, image.shape[2]])
    mirrored = tf.reduce_any(orientation == [2, 3, 6, 7])
    flipped = tf.reduce_any(orientation == [3, 4, 7, 8])
    turned = tf.cond(mirrored, lambda: transposed[:, ::-1], lambda: transposed)
    return tf.cond(flipped, lambda: turned[::-1], lambda: turned)


def _walk(octets: Any, start: int, goes_on: Any, step: Any) -> Any:
    """Follow segments or chunks to the EXIF block, and read it."""
    _, found = tf.while_loop(
        goes_on,
        step,
        [tf.constant(start, tf.int64), tf.constant(-1, tf.int64)],
        maximum_iterations=_MOST_SEGMENTS,
    )
    return tf.cond(found >= 0, lambda: _orientation_at(octets, found), lambda: tf.constant(1))


def _orientation_at(octets: Any, start: Any) -> Any:
    """Read the orientation of the TIFF structure that begins at `start`."""
    little = _number(octets, start, 4) == 0x49492A00  # "II", 42
    big = _number(octets, start, 4) == 0x4D4D002A  # "MM", 42

    def number(position: Any, length: int) -> Any:
        return tf.where(
            little, _number(octets, position, length, "little"), _number(octets, position, length)
        )

    directory = start + number(start + 4, 4)
    count = tf.minimum(number(directory, 2), _MOST_ENTRIES)
    entries = directory + 2 + 12 * tf.range(count, dtype=tf.int64)
    # Type 3 is a 16-bit number, which lies at the beginning of the 4 bytes of the value.
    matches = (number(entries, 2) == _ORIENTATION_TAG) & (number(entries + 2, 2) == 3)
    values = tf.boolean_mask(number(entries + 8, 2), matches)
    value = tf.concat([values, tf.ones([1], tf.int64)], axis=0)[0]
    valid = (little | big) & (value >= 1) & (value <= 8)
    return tf.cast(tf.where(valid, value, tf.ones_like(value)), tf.int32)


def _size(octets: Any) -> Any:
    return tf.size(octets, out_type=tf.int64)


def _number(octets: Any, position: Any, length: int, order: str = "big") -> Any:
    """Unsigned integers of `length` bytes at `position`; bytes outside the file are 0.

    Args:
        octets: uint8 `[size]`, size at least 1.
        position: int64, any shape.
        length: 1 to 4.
        order: "big" or "little" end first.

    Returns:
        int64, the shape of `position`.
    """
    value = tf.zeros_like(position)
    for i in range(length):
        place = position + (i if order == "big" else length - 1 - i)
        inside = (place >= 0) & (place < _size(octets))
        octet = tf.gather(octets, tf.clip_by_value(place, 0, _size(octets) - 1))
        value = value * 256 + tf.where(inside, tf.cast(octet, tf.int64), tf.zeros_like(place))
    return value
