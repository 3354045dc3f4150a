"""ICC profiles: colours of a device to sRGB and back, in float32.

Most RGB profiles (sRGB, Display P3, Adobe RGB, ProPhoto, a monitor's) are three curves and a
matrix (ICC.1:2022, section 9.2.3 and annex F.3). They are computed here, since LittleCMS, as
Pillow brings it, knows 8 bits alone and cuts off what lies outside sRGB. It gets all other kinds.
"""

import functools
import io
import struct

import numpy as np
from PIL import Image, ImageCms

# Of sRGB's primaries, relative to D50 as profiles have them (Bradford adaptation), as columns.
_SRGB_TO_XYZ = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
_COLORANTS, _CURVES = (b"rXYZ", b"gXYZ", b"bXYZ"), (b"rTRC", b"gTRC", b"bTRC")
_STEPS = np.linspace(0.0, 1.0, 65536, dtype=np.float32)  # where curves are tabulated
_ALIKE = 2e-3  # of 1: profiles that differ by less from sRGB are taken for it


def linear_from_srgb(values: np.ndarray) -> np.ndarray:
    """Light, relative to white, of sRGB values (IEC 61966-2-1); float32, odd beyond [0, 1]."""
    magnitude = np.abs(np.asarray(values, np.float32))
    light = np.where(
        magnitude <= np.float32(0.04045),
        magnitude * np.float32(1.0 / 12.92),
        ((magnitude + np.float32(0.055)) * np.float32(1.0 / 1.055)) ** np.float32(2.4),
    )
    return np.copysign(light, values)


def srgb_from_linear(light: np.ndarray) -> np.ndarray:
    """The inverse of `linear_from_srgb`."""
    magnitude = np.abs(np.asarray(light, np.float32))
    values = np.where(
        magnitude <= np.float32(0.0031308),
        magnitude * np.float32(12.92),
        np.float32(1.055) * magnitude ** np.float32(1.0 / 2.4) - np.float32(0.055),
    )
    return np.copysign(values, light)


class ColorProfile:
    """An RGB profile of curves and a matrix; `read_profile` gives one.

    Args:
        matrix: The device's light to that of sRGB, `[3, 3]`.
        curves: Light at the 65536 values from 0 to 1, one curve a channel.

    Attributes:
        is_srgb: Whether it is sRGB but for its maker's rounding.
    """

    def __init__(self, matrix: np.ndarray, curves: tuple[np.ndarray, ...]) -> None:
        self._matrix = matrix.astype(np.float32)
        self._back = np.linalg.inv(matrix).astype(np.float32)
        self._curves = curves
        linear = linear_from_srgb(_STEPS)
        self.is_srgb = bool(
            np.abs(matrix - np.eye(3)).max() < _ALIKE
            and all(np.abs(curve - linear).max() < _ALIKE for curve in curves)
        )

    def to_srgb(self, rgb: np.ndarray) -> np.ndarray:
        """sRGB of the device's values, float32 `[..., 3]` from 0 to 1.

        Colours that sRGB has not lie outside [0, 1].
        """
        light = [np.interp(rgb[..., c], _STEPS, self._curves[c]) for c in range(3)]
        return srgb_from_linear(np.stack(light, -1).astype(np.float32) @ self._matrix.T)

    def from_srgb(self, rgb: np.ndarray) -> np.ndarray:
        """The device's values of sRGB, float32 `[..., 3]`; clipped to [0, 1]."""
        light = linear_from_srgb(rgb) @ self._back.T
        values = [np.interp(light[..., c], self._curves[c], _STEPS) for c in range(3)]
        return np.stack(values, -1).astype(np.float32)


@functools.lru_cache(maxsize=16)
def read_profile(data: bytes) -> ColorProfile | None:
    """Read an ICC profile; None: another kind than RGB by curves and a matrix, or damaged."""
    try:
        if data[16:20] != b"RGB " or data[20:24] != b"XYZ " or data[36:40] != b"acsp":
            return None
        tags = _tags(data)
        columns = [struct.unpack_from(">3i", tags[name], 8) for name in _COLORANTS]
        curves = tuple(_curve(tags[name]) for name in _CURVES)
        to_xyz = np.array(columns, np.float64).T / 65536.0
        return ColorProfile(np.linalg.inv(_SRGB_TO_XYZ) @ to_xyz, curves)
    except (KeyError, struct.error, ValueError, IndexError, np.linalg.LinAlgError):
        return None


def convert_to_srgb(image: Image.Image, data: bytes) -> Image.Image:
    """Convert a loaded picture by any profile to 8-bit sRGB with LittleCMS.

    Args:
        image: Of a mode with 8 bits a channel.
        data: Its ICC profile.

    Returns:
        The picture as RGB, or RGBA where it has alpha; unchanged when the profile is damaged or
        one of another kind of picture.
    """
    kind = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}.get(data[16:20])
    if "transparency" in image.info:
        image = image.convert("RGBA")
    fits = {"L": ("1", "L", "LA"), "CMYK": ("CMYK",), "RGB": ("L", "LA", "P", "RGB", "RGBA")}
    if kind is None or image.mode not in fits[kind]:
        return image
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        converted = ImageCms.profileToProfile(
            image.convert(kind), profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    # ImportError: Pillow was built without LittleCMS.
    except (ImportError, OSError, ImageCms.PyCMSError):
        return image
    if converted is not None and "A" in image.getbands():
        converted.putalpha(image.getchannel("A"))
    return image if converted is None else converted


def _tags(data: bytes) -> dict[bytes, bytes]:
    """The profile's tagged elements by signature."""
    (count,) = struct.unpack_from(">I", data, 128)
    entries = [struct.unpack_from(">4sII", data, 132 + 12 * i) for i in range(min(count, 200))]
    return {name: data[offset : offset + size] for name, offset, size in entries}


def _curve(tag: bytes) -> np.ndarray:
    """A curve at _STEPS, float32, rising from 0 on."""
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            curve = _STEPS.astype(np.float64)
        elif count == 1:
            curve = _STEPS.astype(np.float64) ** (struct.unpack_from(">H", tag, 12)[0] / 256.0)
        else:
            table = np.frombuffer(tag, ">u2", count, 12) / 65535.0
            curve = np.interp(_STEPS, np.linspace(0.0, 1.0, count), table)
    elif tag[:4] == b"para":
        curve = _parametric(tag)
    else:
        raise ValueError("a curve of an unknown type")
    if not np.isfinite(curve).all():
        raise ValueError("a curve that is none")
    # The way back needs a curve that never falls.
    return np.maximum.accumulate(np.clip(curve, 0.0, 1.0)).astype(np.float32)


def _parametric(tag: bytes) -> np.ndarray:
    """parametricCurveType (ICC.1:2022, section 10.18): `(a x + b)^g + e` above d, else c x + f."""
    (kind,) = struct.unpack_from(">H", tag, 8)
    count = (1, 3, 4, 5, 7)[kind]
    given = np.array(struct.unpack_from(f">{count}i", tag, 12)) / 65536.0
    g, a, b, c, d, e, f = 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if kind == 0:
        (g,) = given
    elif kind in (1, 2):
        g, a, b = given[:3]
        d = -b / a
        e = f = given[3] if kind == 2 else 0.0
    else:
        g, a, b, c, d = given[:5]
        e, f = given[5:] if kind == 4 else (0.0, 0.0)
    x = _STEPS.astype(np.float64)
    return np.where(x >= d, np.maximum(a * x + b, 0.0) ** g + e, c * x + f)
