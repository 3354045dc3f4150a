"""What time and cameras do to photographs, in known strengths: pairs for restoration are made so.

`noise:0-50,jpeg:30-90` damages each photograph by noise of a strength drawn from 0 to 50, then by
JPEG of a quality from 30 to 90, in the order given; `jpeg:30-90@0.5` half of them by JPEG.
"""

import dataclasses
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from style_gan_tf.errors import UsageError

_STRENGTHS = re.compile(r"(\d+\.?\d*|\.\d+)(?:-(\d+\.?\d*|\.\d+))?")
_SCRATCHES = 16  # at strength 1
_LUMA = (0.299, 0.587, 0.114)  # of ITU-R BT.601
# Paper that shows through as dyes fade: from yellow to red, as [-1, 1] RGB.
_YELLOW, _RED = (0.75, 0.6, 0.25), (0.75, 0.4, 0.3)


@dataclasses.dataclass(frozen=True)
class Damage:
    """A way to damage a photograph.

    Attributes:
        apply: From the picture, the strength drawn, a seed and the largest strength that could
            have been drawn, to the damaged picture, which may leave [-1, 1].
        unit: What its strength is.
        least: The smallest strength.
        most: The largest.
        usual: The range that is taken where none is given.
        whole: Whether strengths are whole numbers.
    """

    apply: Callable[[Any, Any, Any, float], Any]
    unit: str
    least: float
    most: float
    usual: tuple[float, float]
    whole: bool = False


@dataclasses.dataclass(frozen=True)
class Degradation:
    """One damage and the range that its strength is drawn from, each value as likely.

    Attributes:
        name: A name in DAMAGES.
        low: The smallest strength.
        high: The largest.
        chance: How many of the pictures it befalls, in (0, 1].
    """

    name: str
    low: float
    high: float
    chance: float = 1.0


def parse_degradations(text: str) -> tuple[Degradation, ...]:
    """Read `NAME[:STRENGTH[-STRENGTH]][@CHANCE],...`; empty: none.

    Strengths: noise, sigma in 8-bit grey levels; blur, sigma in pixels; jpeg, quality from 1 to
    100; downscale, the factor from 1 on; scratches, fade and grey, 0 to 1.

    Raises:
        UsageError: For an unknown name, or a strength or chance out of its range.
    """
    return tuple(_parse(item.strip()) for item in text.split(",")) if text.strip() else ()


def _parse(item: str) -> Degradation:
    told, at, chance = item.partition("@")
    likely = _chance(item, chance) if at else 1.0
    name, separator, strengths = told.partition(":")
    if name not in DAMAGES:
        raise UsageError(f"--degrade={item}: choose from {', '.join(DAMAGES)}")
    damage = DAMAGES[name]
    if not separator:
        return Degradation(name, *damage.usual, likely)
    match = _STRENGTHS.fullmatch(strengths)
    if match is None:
        raise UsageError(f"--degrade={item}: write {name}:STRENGTH or {name}:LOW-HIGH")
    low = float(match[1])
    high = float(match[2] or match[1])
    if not damage.least <= low <= high <= damage.most:
        raise UsageError(
            f"--degrade={item}: the {damage.unit} lies in [{damage.least:g}, {damage.most:g}], "
            "the lower one first"
        )
    if damage.whole and not (low.is_integer() and high.is_integer()):
        raise UsageError(f"--degrade={item}: the {damage.unit} is a whole number")
    return Degradation(name, low, high, likely)


def _chance(item: str, text: str) -> float:
    match = _STRENGTHS.fullmatch(text)
    if match is None or match[2] or not 0 < float(match[1]) <= 1:
        raise UsageError(f"--degrade={item}: after @ comes the part of the pictures, up to 1")
    return float(match[1])


def degrade(image: Any, degradations: tuple[Degradation, ...], seed: Any) -> Any:
    """Damage a picture; the seed determines how.

    Args:
        image: float32 `[height, width, 3]` in [-1, 1], of a static shape.
        degradations: What to do, in this order.
        seed: int32 `[2]`.

    Returns:
        float32 `[height, width, 3]`, the 256 values of an 8-bit picture in [-1, 1].
    """
    import tensorflow as tf

    shape = image.shape
    for index, degradation in enumerate(degradations):
        seeds = tf.random.split(tf.random.fold_in(seed, index), 2)
        draw = tf.random.stateless_uniform([], seeds[0])
        room = degradation.high - degradation.low
        damage = DAMAGES[degradation.name]
        if damage.whole:
            strength = degradation.low + tf.floor(draw * (room + 1))
        else:
            strength = degradation.low + draw * room
        damaged = damage.apply(image, strength, seeds[1], degradation.high)
        damaged = tf.clip_by_value(damaged, -1.0, 1.0)
        if degradation.chance < 1:
            # Of a seed of its own: at a chance of 1 the other draws stay what they were.
            befalls = tf.random.stateless_uniform([], tf.random.fold_in(seeds[0], 1))
            damaged = tf.where(befalls < degradation.chance, damaged, image)
        image = damaged
    return tf.ensure_shape(tf.round((image + 1.0) * 127.5) / 127.5 - 1.0, shape)


def degrade_all(
    pictures: np.ndarray, degradations: tuple[Degradation, ...], seed: int = 0
) -> np.ndarray:
    """Damage pictures to look at and to measure on, each by a draw of its own, always the same.

    Args:
        pictures: float32 `[n, height, width, 3]` in [-1, 1].
        degradations: What to do, in this order.
        seed: With a picture's place it determines the draws.
    """
    damaged = [degrade(p, degradations, [seed, place]).numpy() for place, p in enumerate(pictures)]
    return np.array(damaged, np.float32).reshape(pictures.shape)


def _add_noise(image: Any, sigma: Any, seed: Any, most: float) -> Any:
    """Gaussian, another value for every pixel and colour."""
    del most
    import tensorflow as tf

    return image + sigma / 127.5 * tf.random.stateless_normal(tf.shape(image), seed)


def _blur(image: Any, sigma: Any, seed: Any, most: float) -> Any:
    """Gaussian, cut off at three times the largest sigma; borders are mirrored."""
    del seed
    import tensorflow as tf

    radius = min(math.ceil(3 * most), *image.shape[:2])
    x = tf.range(-radius, radius + 1, dtype=tf.float32) / tf.maximum(sigma, 1e-3)
    weights = tf.nn.softmax(-0.5 * tf.square(x))
    # Colours as a batch: one convolution of one channel down, one across.
    planes = tf.transpose(image, [2, 0, 1])[..., tf.newaxis]
    sides = [radius, radius]
    planes = tf.pad(planes, [[0, 0], sides, sides, [0, 0]], mode="SYMMETRIC")
    planes = tf.nn.conv2d(planes, tf.reshape(weights, [-1, 1, 1, 1]), 1, "VALID")
    planes = tf.nn.conv2d(planes, tf.reshape(weights, [1, -1, 1, 1]), 1, "VALID")
    return tf.transpose(planes[..., 0], [1, 2, 0])


def _compress(image: Any, quality: Any, seed: Any, most: float) -> Any:
    """To JPEG and back."""
    del seed, most
    import tensorflow as tf

    pixels = tf.cast(tf.round((image + 1.0) * 127.5), tf.uint8)
    quality = tf.cast(quality, tf.int32)
    pixels = tf.image.adjust_jpeg_quality(pixels, quality, dct_method="INTEGER_ACCURATE")
    return tf.cast(pixels, tf.float32) / 127.5 - 1.0


def _scratch(image: Any, strength: Any, seed: Any, most: float) -> Any:
    """Straight scratches, light or dark, half a pixel to two wide, some over the whole picture."""
    del most
    import tensorflow as tf

    seeds = tf.random.split(seed, 2)
    size = tf.cast(tf.shape(image)[:2], tf.float32)
    diagonal = tf.norm(size)
    # Starting row and column, direction, length, width and tone of each, and whether it is there.
    draws = tf.unstack(tf.random.stateless_uniform([7, _SCRATCHES], seeds[0]))
    y0, x0 = draws[0] * size[0], draws[1] * size[1]
    angle, length = draws[2] * math.pi, diagonal * tf.square(draws[3])
    width = 0.5 + 1.5 * draws[4]
    tone = tf.where(draws[5] < 0.5, -1.0, 1.0) * 0.8
    present = tf.cast(draws[6] < strength, tf.float32)
    y = tf.range(size[0])[:, tf.newaxis, tf.newaxis] - y0
    x = tf.range(size[1])[tf.newaxis, :, tf.newaxis] - x0
    along = y * tf.sin(angle) + x * tf.cos(angle)
    nearest = tf.clip_by_value(along, 0.0, length)
    distance = tf.sqrt(
        tf.square(y - nearest * tf.sin(angle)) + tf.square(x - nearest * tf.cos(angle))
    )
    cover = present * tf.clip_by_value(0.5 + 0.5 * width - distance, 0.0, 1.0)
    total = tf.reduce_sum(cover, axis=-1, keepdims=True)
    tone = tf.reduce_sum(cover * tone, axis=-1, keepdims=True) / tf.maximum(total, 1e-6)
    opacity = 1.0 - tf.reduce_prod(1.0 - cover, axis=-1, keepdims=True)
    return image + opacity * (tone - image)


def _fade(image: Any, strength: Any, seed: Any, most: float) -> Any:
    """Mix with the paper's colour, which lies between yellow and red."""
    del most
    import tensorflow as tf

    red = tf.random.stateless_uniform([], seed)
    paper = tf.constant(_YELLOW) + red * (tf.constant(_RED) - tf.constant(_YELLOW))
    return image + strength * (paper - image)


def _to_grey(image: Any, strength: Any, seed: Any, most: float) -> Any:
    """Mix with the luma of ITU-R BT.601."""
    del seed, most
    import tensorflow as tf

    luma = tf.reduce_sum(image * tf.constant(_LUMA), axis=-1, keepdims=True)
    return image + strength * (luma - image)


def _downscale(image: Any, factor: Any, seed: Any, most: float) -> Any:
    """Smaller by the factor and up again, bicubic, antialiased on the way down."""
    del seed, most
    import tensorflow as tf

    size = tf.shape(image)[:2]
    small = tf.cast(tf.round(tf.cast(size, tf.float32) / factor), tf.int32)
    shrunk = tf.image.resize(image, tf.maximum(small, 1), method="bicubic", antialias=True)
    return tf.image.resize(shrunk, size, method="bicubic")


DAMAGES = {
    "noise": Damage(_add_noise, "sigma in 8-bit grey levels", 0, 255, (0, 50)),
    "blur": Damage(_blur, "sigma in pixels", 0, 20, (0, 3)),
    "jpeg": Damage(_compress, "quality", 1, 100, (30, 95), whole=True),
    "scratches": Damage(_scratch, "strength", 0, 1, (0, 1)),
    "fade": Damage(_fade, "strength", 0, 1, (0, 0.6)),
    "grey": Damage(_to_grey, "strength", 0, 1, (1, 1)),
    "downscale": Damage(_downscale, "factor", 1, 16, (1, 4)),
}
