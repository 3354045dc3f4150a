"""The segments of JPEG files and the chunks of PNG files, walked in a TensorFlow graph.

Sources: JPEG ITU T.81 annex B (segments), PNG third edition 5.3 and 11 (chunks). Every read is
bounds-checked, and bytes outside the file are 0: a broken file is the decoder's to refuse.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

_MOST_SEGMENTS = 256  # A hostile file of empty segments must not keep the server walking.


def number(octets: Any, position: Any, length: int, order: str = "big") -> Any:
    """Unsigned integers of `length` bytes at `position`.

    Args:
        octets: uint8 `[size]`, size at least 1.
        position: int64, any shape.
        length: 1 to 4.
        order: "big" or "little" end first.

    Returns:
        int64, the shape of `position`.
    """
    position = tf.convert_to_tensor(position, tf.int64)
    size = tf.size(octets, out_type=tf.int64)
    value = tf.zeros_like(position)
    for i in range(length):
        place = position + (i if order == "big" else length - 1 - i)
        inside = (place >= 0) & (place < size)
        octet = tf.cast(tf.gather(octets, tf.clip_by_value(place, 0, size - 1)), tf.int64)
        value = value * 256 + tf.where(inside, octet, tf.zeros_like(octet))
    return value


def contains(octets: Any, pattern: bytes) -> Any:
    """Whether some bytes stand anywhere in a file.

    Args:
        octets: uint8 `[size]`, the file.
        pattern: Fewer bytes than the file has, or as many.

    Returns:
        Bool scalar.
    """
    places = tf.size(octets) - len(pattern) + 1
    found = tf.ones([places], tf.bool)
    for i, octet in enumerate(pattern):
        found &= octets[i : places + i] == octet
    return tf.reduce_any(found)


def jpeg_exif(octets: Any) -> Any:
    """Where the TIFF structure of a JPEG file's Exif segment begins.

    Args:
        octets: uint8 `[size]`, the file.

    Returns:
        int64 scalar, counted from the beginning of the file; -1 where there is none.
    """

    def goes_on(position: Any, found: Any) -> Any:
        marker = number(octets, position + 1, 1)
        is_segment = number(octets, position, 1) == 0xFF
        # Start of scan: no metadata comes after it.
        return (found < 0) & is_segment & (marker != 0xDA)

    def step(position: Any, found: Any) -> Any:
        marker = number(octets, position + 1, 1)
        # "Exif"; two zeros follow.
        is_exif = (number(octets, position + 4, 4) == 0x45786966) & (marker == 0xE1)
        length = number(octets, position + 2, 2)
        # A marker may be preceded by any number of fill bytes FF.
        onwards = tf.where(marker == 0xFF, tf.ones_like(length), 2 + length)
        return position + onwards, tf.where(is_exif, position + 10, found)

    return _walk(2, goes_on, step)


def png_chunk(octets: Any, kind: bytes) -> Any:
    """Where the data of a PNG file's first chunk of a kind begin, before the pixels.

    Args:
        octets: uint8 `[size]`, the file.
        kind: Four letters.

    Returns:
        int64 scalar, counted from the beginning of the file; -1 where there is none.
    """
    wanted, pixels = int.from_bytes(kind, "big"), int.from_bytes(b"IDAT", "big")

    def goes_on(position: Any, found: Any) -> Any:
        ended = position >= tf.size(octets, out_type=tf.int64)
        return (found < 0) & (number(octets, position + 4, 4) != pixels) & ~ended

    def step(position: Any, found: Any) -> Any:
        is_wanted = number(octets, position + 4, 4) == wanted
        onwards = 12 + number(octets, position, 4)
        return position + onwards, tf.where(is_wanted, position + 8, found)

    return _walk(8, goes_on, step)


def _walk(start: int, goes_on: Callable[..., Any], step: Callable[..., Any]) -> Any:
    state = [tf.constant(start, tf.int64), tf.constant(-1, tf.int64)]
    return tf.while_loop(goes_on, step, state, maximum_iterations=_MOST_SEGMENTS)[1]
