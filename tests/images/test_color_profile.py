"""ICC profiles by hand values, and against LittleCMS."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from style_gan_tf.images import decode, encode, read_profile
from style_gan_tf.images.color_profile import linear_from_srgb, srgb_from_linear

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# Columns: of Display P3, relative to D50 (what Apple's profile holds, to its rounding).
P3 = [(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)]


def fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def profile(columns: list[tuple[float, ...]], curve: bytes, space: bytes = b"RGB ") -> bytes:
    """An ICC profile of three primaries and one curve."""
    elements = {b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249)}
    elements |= {b"desc": b"desc\0\0\0\0" + struct.pack(">I", 2) + b"x\0" + bytes(78)}
    elements |= {b"cprt": b"text\0\0\0\0none\0"}
    names = (b"rXYZ", b"gXYZ", b"bXYZ")
    for name, column in zip(names, columns, strict=True):
        elements[name] = b"XYZ \0\0\0\0" + fixed(*column)
    for name in (b"rTRC", b"gTRC", b"bTRC"):
        elements[name] = curve
    table, data = struct.pack(">I", len(elements)), b""
    offset = 132 + 12 * len(elements)
    for name, element in elements.items():
        element += bytes(-len(element) % 4)
        table += struct.pack(">4sII", name, offset + len(data), len(element))
        data += element
    head = struct.pack(">I4sI4s4s4s12x4s", offset + len(data), b"test", 0x02100000, b"mntr", space,
                       b"XYZ ", b"acsp")  # fmt: skip
    head += bytes(28) + fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + table + data


GAMMA = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256))
PARAMETRIC = b"para\0\0\0\0" + struct.pack(">HH", 3, 0) + fixed(
    2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045
)  # fmt: skip
COLORS = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)


def by_littlecms(rgb: np.ndarray, one: bytes, other: bytes) -> np.ndarray:
    sides = [ImageCms.ImageCmsProfile(io.BytesIO(data)) for data in (one, other)]
    flags = ImageCms.Flags.NOOPTIMIZE
    image = ImageCms.profileToProfile(
        Image.fromarray(rgb), *sides, outputMode="RGB", renderingIntent=1, flags=flags
    )
    return np.asarray(image).astype(int)


def test_srgb_curve_by_hand_values():
    light = linear_from_srgb(np.float32([0, 0.04, 0.5, 1]))
    np.testing.assert_allclose(light, [0, 0.0030960, 0.2140411, 1], atol=1e-6)
    values = np.linspace(-0.5, 1.5, 101, dtype=np.float32)
    np.testing.assert_allclose(srgb_from_linear(linear_from_srgb(values)), values, atol=2e-6)


def test_srgb_is_known():
    assert read_profile(SRGB).is_srgb
    assert not read_profile(profile(P3, PARAMETRIC)).is_srgb


@pytest.mark.parametrize("curve", [GAMMA, PARAMETRIC], ids=["gamma", "parametric"])
def test_to_srgb_and_back_as_littlecms(curve):
    data = profile(P3, curve)
    ours = read_profile(data)
    to_srgb = ours.to_srgb(COLORS / 255.0)
    expected = by_littlecms(COLORS, data, SRGB)
    # LittleCMS clips what sRGB has not.
    assert np.abs(np.clip(to_srgb, 0, 1) * 255 - expected).max() < 1.1
    back = ours.from_srgb(COLORS / np.float32(255))
    assert np.abs(back * 255 - by_littlecms(COLORS, SRGB, data)).max() < 1.1


@pytest.mark.parametrize("curve", [GAMMA, PARAMETRIC], ids=["gamma", "parametric"])
def test_round_trip_beyond_srgb(curve):
    ours = read_profile(profile(P3, curve))
    np.testing.assert_allclose(
        ours.from_srgb(ours.to_srgb(COLORS / 255.0)), COLORS / 255.0, atol=5e-4
    )
    # P3's green is none of sRGB's.
    assert ours.to_srgb(np.array([0.0, 1.0, 0.0]))[0] < -0.1


def test_tables_and_straight_lines():
    table = np.rint(np.linspace(0, 1, 256) ** 1.8 * 65535).astype(">u2").tobytes()
    curves = {1.8: struct.pack(">I", 256) + table, 1.0: struct.pack(">I", 0)}
    for gamma, curve in curves.items():
        ours = read_profile(profile(P3, b"curv\0\0\0\0" + curve))
        same = read_profile(profile(P3, b"para\0\0\0\0" + struct.pack(">HH", 0, 0) + fixed(gamma)))
        colors = COLORS / 255.0
        np.testing.assert_allclose(ours.to_srgb(colors), same.to_srgb(colors), atol=1e-3)


def test_what_is_no_matrix_profile():
    whole = profile(P3, GAMMA)
    for data in (
        b"",
        b"x" * 200,
        whole[:200],
        profile(P3, GAMMA, b"GRAY"),
        profile(P3, b"what" + GAMMA),
    ):
        assert read_profile(data) is None


def test_a_profile_of_another_kind_is_applied():
    """Lab's L as a grey profile of LittleCMS: the output is sRGB, whose profile goes unsaid."""
    grey = np.full((4, 4), 128, np.uint8)
    for data in (profile(P3, GAMMA, b"GRAY"), b"damaged"):
        file = io.BytesIO()
        Image.fromarray(grey).save(file, "png", icc_profile=data)
        picture = decode(file.getvalue(), faithful=True)
        assert picture.profile is None and picture.rgb.shape == (4, 4, 3)


def test_grey_profile_with_littlecms():
    elements = {b"kTRC": b"curv\0\0\0\0" + struct.pack(">IH", 1, 256)}
    elements |= {b"wtpt": b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249)}
    elements |= {b"desc": b"desc\0\0\0\0" + struct.pack(">I", 2) + b"x\0" + bytes(78)}
    elements |= {b"cprt": b"text\0\0\0\0none\0"}
    whole = profile(P3, GAMMA, b"GRAY")
    offset, table, body = 132 + 12 * len(elements), struct.pack(">I", len(elements)), b""
    for name, element in elements.items():
        element += bytes(-len(element) % 4)
        table += struct.pack(">4sII", name, offset + len(body), len(element))
        body += element
    data = struct.pack(">I", offset + len(body)) + whole[4:128] + table + body
    file = io.BytesIO()
    Image.fromarray(np.full((4, 4), 128, np.uint8)).save(file, "png", icc_profile=data)
    picture = decode(file.getvalue(), faithful=True)
    # Half the light is 188 of sRGB's 255.
    assert picture.profile is None and np.abs(picture.rgb.astype(int) - 188).max() <= 1


def test_the_profile_is_kept_by_a_file(tmp_path):
    data = profile(P3, PARAMETRIC)
    assert decode(encode(COLORS, format="png", profile=data), faithful=True).profile == data
