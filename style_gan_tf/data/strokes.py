"""A stroke renderer: photographs become oil paintings.

After Aaron Hertzmann, "Painterly rendering with curved brush strokes of multiple sizes", SIGGRAPH
1998: layers from coarse to fine brushes; curved strokes that follow the edges, each of one colour;
finer layers only where the canvas is still far from the picture. Ours are bundles of bristles with
a relief that catches light, and run in slow swirls where the picture gives no direction.
"""

import dataclasses
from typing import NamedTuple

import numpy as np

from style_gan_tf.data.palette import LUMINANCE, painters_palette

_SAMPLING = 2  # canvas pixels per picture pixel, averaged at the end
_LIGHT = np.array([-0.55, -0.84])  # (x, y): the lamp hangs above, a little to the left
_MARGIN = 48  # picture pixels around the canvas where strokes may run out


@dataclasses.dataclass(frozen=True)
class Brush:
    """One layer of the painting.

    Attributes:
        width: Of a stroke, in pixels.
        spacing: Of the strokes' starts, in widths.
        length: The longest stroke, in widths.
        threshold: Strokes are painted where the canvas differs by more than this, in [0, 1].
    """

    width: float
    spacing: float
    length: float
    threshold: float


BRUSHES = (
    Brush(width=14, spacing=0.62, length=5, threshold=-1),
    Brush(width=9, spacing=0.66, length=5, threshold=0.055),
    Brush(width=5.5, spacing=0.7, length=5, threshold=0.085),
)


class _Canvas(NamedTuple):
    """What lies on the canvas, margin included, at `_SAMPLING` pixels per picture pixel."""

    color: np.ndarray  # float32 [pixels, 3]
    height: np.ndarray  # float32 [pixels], thickness of the paint
    shape: tuple[int, int]


def paint(rgb: np.ndarray, seed: int) -> np.ndarray:
    """Paint a picture over in oil.

    The palette and the direction of the strokes follow from the picture; `seed` moves the single
    strokes. Needs SciPy, which comes with scikit-image.

    Args:
        rgb: uint8 [height, width, 3].
        seed: At least 0.

    Returns:
        uint8 [height, width, 3].
    """
    random = np.random.default_rng(seed)
    target = painters_palette(rgb)
    direction = _directions(rgb, random)
    height, width = rgb.shape[:2]
    shape = ((height + 2 * _MARGIN) * _SAMPLING, (width + 2 * _MARGIN) * _SAMPLING)
    pixels = shape[0] * shape[1]
    canvas = _Canvas(
        np.tile(target.mean((0, 1)), (pixels, 1)).astype(np.float32),
        np.zeros(pixels, np.float32),
        shape,
    )
    for layer, brush in enumerate(BRUSHES):
        reference = _blurred(target, brush.width / 4)
        error = np.abs(_blurred(_seen(canvas.color, canvas.shape) - target, brush.width / 3))
        starts = _starts(error.sum(-1) if layer else None, brush, (height, width), random)
        paths, tangents, lengths = _trace(starts, direction, reference, brush)
        _lay(canvas, paths, tangents, lengths, _colors(starts, reference, random), brush, random)
    lit = _lit(canvas)
    return np.clip(np.rint(_seen(lit, canvas.shape) * 255), 0, 255).astype(np.uint8)


def _blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    from scipy import ndimage

    return ndimage.gaussian_filter(image, (sigma, sigma, 0), mode="nearest", truncate=3)


def _seen(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Average the canvas down to the picture's pixels, without the margin."""
    margin = _MARGIN * _SAMPLING
    inner = values.reshape(*shape, 3)[margin:-margin, margin:-margin]
    offsets = range(_SAMPLING)
    total = sum(inner[y::_SAMPLING, x::_SAMPLING] for y in offsets for x in offsets)
    return np.asarray(total, np.float32) / _SAMPLING**2


def _directions(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The angle of strokes at every pixel in radians, float32 [h, w].

    Along the edges: perpendicular to the main axis of the smoothed structure tensor of luminance.
    A weak random field, smooth over a sixth of the picture, decides where there are no edges.
    """
    from scipy import ndimage

    grey = ndimage.gaussian_filter(rgb.astype(np.float32) @ LUMINANCE / 255, 1.5)
    dy, dx = np.gradient(grey)
    # A tensor's orientation as a vector of twice the angle, which can be averaged.
    tensor = np.stack([dx * dx - dy * dy, 2 * dx * dy], -1)
    smooth = _blurred(tensor, 4) + 0.5 * _blurred(tensor, 14)
    wild = _blurred(random.normal(size=(*grey.shape, 2)).astype(np.float32), min(grey.shape) / 12)
    wild *= 2e-4 / (np.abs(wild).max() + 1e-12)
    field = smooth + wild
    return (0.5 * np.arctan2(field[..., 1], field[..., 0]) + np.pi / 2).astype(np.float32)


def _starts(
    error: np.ndarray | None, brush: Brush, size: tuple[int, int], random: np.random.Generator
) -> np.ndarray:
    """Where strokes begin: float32 [strokes, 2] (x, y), in random order on a jittered grid."""
    step = brush.width * brush.spacing
    edge = brush.width
    y, x = np.mgrid[-edge : size[0] + edge : step, -edge : size[1] + edge : step]
    starts = np.stack([x.ravel(), y.ravel()], -1)
    starts += random.uniform(-step / 2, step / 2, starts.shape)
    if error is not None:
        starts = starts[_at(error, starts) > brush.threshold * 3]
    return random.permutation(starts).astype(np.float32)


def _at(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Look an image up at points (x, y), the nearest pixel, edges repeated."""
    x = np.clip(np.rint(points[..., 0]).astype(np.int32), 0, values.shape[1] - 1)
    y = np.clip(np.rint(points[..., 1]).astype(np.int32), 0, values.shape[0] - 1)
    return values[y, x]


def _trace(
    starts: np.ndarray, direction: np.ndarray, reference: np.ndarray, brush: Brush
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Follow the directions from all starts at once.

    Returns:
        Points and unit tangents, float32 [strokes, points, 2], and the lengths in points: a
        stroke ends where the picture's colour is no longer its own.
    """
    points = round(brush.length) + 1
    color = _at(reference, starts)
    angle = _at(direction, starts)
    # Half of the strokes begin the other way: where the angle jumps from +pi/2 to -pi/2, strokes of
    # both sides would run away from the line and leave it bare.
    sign = np.where(np.arange(len(starts)) % 2, 1, -1).astype(np.float32)[:, None]
    tangent = np.stack([np.cos(angle), np.sin(angle)], -1) * sign
    path, tangents = [starts], [tangent]
    alive = np.ones(len(starts), bool)
    lengths = np.ones(len(starts), np.float32)
    for step in range(1, points):
        angle = _at(direction, path[-1])
        new = np.stack([np.cos(angle), np.sin(angle)], -1)
        # A direction has no sign: go on rather than back. Half of the old one stiffens the curve.
        new *= np.where((new * tangents[-1]).sum(-1) < 0, -1, 1)[:, None]
        new = new + 0.5 * tangents[-1]
        new /= np.linalg.norm(new, axis=-1, keepdims=True)
        path.append(path[-1] + new * np.float32(brush.width))
        tangents.append(new)
        far = np.abs(_at(reference, path[-1]) - color).sum(-1) > 0.22
        alive &= ~far | (step < 2)
        lengths += alive
    return np.stack(path, 1), np.stack(tangents, 1), lengths


def _colors(starts: np.ndarray, reference: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """One colour a stroke, varied as a hand mixes it: float32 [strokes, 3]."""
    colors = _at(reference, starts)
    light = random.normal(0, 0.035, (len(starts), 1))
    hue = random.normal(0, 0.022, (len(starts), 3))
    return np.clip(colors + light + hue, 0, 1).astype(np.float32)


def _lay(
    canvas: _Canvas,
    paths: np.ndarray,
    tangents: np.ndarray,
    lengths: np.ndarray,
    colors: np.ndarray,
    brush: Brush,
    random: np.random.Generator,
) -> None:
    """Put strokes on the canvas, each over those before it.

    Every stroke is a sheet of samples, `along` times `across`. What is stored per canvas pixel is
    the number of the last sample that fell on it; colours are worked out for those alone.
    """
    strokes = len(paths)
    if strokes == 0:
        return
    across = round(brush.width * _SAMPLING / 0.85)
    along = round((brush.length + 1) * brush.width * _SAMPLING / 1.05)
    v = np.linspace(-1, 1, across, dtype=np.float32)
    top = np.full(canvas.shape[0] * canvas.shape[1], -1, np.int32)
    u = np.linspace(0, 1, along, dtype=np.float32)
    # Round ends with bristles that leave the canvas at different places, in parts of the length.
    reach = 0.5 / lengths
    ragged = random.uniform(0, 0.9, (strokes, across)).astype(np.float32)
    inset = reach[:, None] * (1 - np.sqrt(1 - v * v) * 0.9 + ragged * 0.5)
    middle = np.abs(u - 0.5)[:, None]
    for first in range(0, strokes, 48):
        part = slice(first, first + 48)
        x, y = _sheet(canvas, paths[part], tangents[part], lengths[part], u, v * brush.width / 2)
        place = y.astype(np.int32)
        place *= canvas.shape[1]
        place += x.astype(np.int32)
        place *= middle < 0.5 - inset[part][:, None, :]
        number = first * along * across
        top[place.ravel()] = np.arange(number, number + place.size, dtype=np.int32)
    top[0] = -1  # the corner of the margin takes what falls off
    _color(canvas, top, colors, along, across, v, random)


def _sheet(
    canvas: _Canvas,
    paths: np.ndarray,
    tangents: np.ndarray,
    lengths: np.ndarray,
    u: np.ndarray,
    offsets: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Canvas coordinates x and y of all samples: float32 [strokes, along, across]."""
    at = u * lengths[:, None] - np.float32(0.5)  # half a width beyond the points, both ways
    low = np.clip(at.astype(np.int32), 0, paths.shape[1] - 2)
    rest = (at - low.astype(np.float32))[..., None]
    rows = np.arange(len(paths))[:, None]
    point = paths[rows, low] * (1 - rest) + paths[rows, low + 1] * rest
    rest = np.clip(rest, 0, 1)
    tangent = tangents[rows, low] * (1 - rest) + tangents[rows, low + 1] * rest
    point = (point + _MARGIN) * _SAMPLING
    across = np.float32(_SAMPLING) * offsets
    # The middle of a stroke stays so far inside that its rims are inside, too.
    rim = np.abs(across).max() + 1
    x = np.clip(point[..., 0, None], rim, canvas.shape[1] - rim) - tangent[..., 1, None] * across
    y = np.clip(point[..., 1, None], rim, canvas.shape[0] - rim) + tangent[..., 0, None] * across
    return x, y


def _color(
    canvas: _Canvas,
    top: np.ndarray,
    colors: np.ndarray,
    along: int,
    across: int,
    v: np.ndarray,
    random: np.random.Generator,
) -> None:
    """Colour and thickness of the canvas pixels that the layer covers."""
    covered = np.flatnonzero(top >= 0)
    stroke, sample = np.divmod(top[covered], along * across)
    u_index, v_index = np.divmod(sample, across)
    # Bristles: what each carries of the paint; neighbours carry alike.
    bristles = random.normal(size=(len(colors), across)).astype(np.float32)
    bristles = 0.6 * bristles + 0.4 * np.roll(bristles, 1, axis=1)
    bristle = bristles[stroke, v_index]
    part = u_index.astype(np.float32) / along
    color = colors[stroke] * (1 + 0.045 * bristle * (0.6 + 0.8 * part))[:, None]
    canvas.color[covered] = color
    # Pushed aside by the brush, the paint stands highest near the rims, and thins out on the way.
    rim = np.abs(v)[v_index]
    profile = 0.75 + 0.5 * rim**2 - 1.1 * rim**6
    body = random.uniform(0.7, 1.3, len(colors)).astype(np.float32)[stroke]
    canvas.height[covered] = body * profile * (1.15 - 0.4 * part) + 0.16 * bristle


def _lit(canvas: _Canvas) -> np.ndarray:
    """The canvas under a lamp: float32 [pixels, 3]."""
    from scipy import ndimage

    height = ndimage.gaussian_filter(canvas.height.reshape(canvas.shape), 0.8)
    dy, dx = np.gradient(height)
    slope = (dx * _LIGHT[0] + dy * _LIGHT[1]).ravel()[:, None]
    shine = np.clip(slope, -0.6, 0.6)
    return np.clip(canvas.color * (1 + 0.34 * shine) + 0.07 * np.maximum(shine, 0), 0, 1)
