import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from style_gan_tf.images import ImageError, decode, encode, read_size

RGB = np.random.default_rng(0).integers(0, 256, (6, 9, 3), np.uint8)


def saved(image: Image.Image, format: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has next to nothing inside."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)


@pytest.mark.parametrize("format", ["png", "tiff", "webp", "bmp"])
def test_lossless_formats_give_the_pixels(format):
    options = {"lossless": True} if format == "webp" else {}
    picture = decode(saved(Image.fromarray(RGB), format, **options))
    np.testing.assert_array_equal(picture.rgb, RGB)
    assert picture.rgb.dtype == np.uint8
    assert picture.alpha is None
    assert picture.on_white() is picture.rgb


def test_jpeg_gives_nearly_the_pixels():
    smooth = np.tile(np.linspace(0, 255, 32).astype(np.uint8)[None, :, None], (32, 1, 3))
    picture = decode(saved(Image.fromarray(smooth), "jpeg", quality=95))
    assert np.abs(picture.rgb.astype(int) - smooth).max() <= 4


@pytest.mark.parametrize("format", ["gif", "webp", "png", "tiff"])
def test_of_an_animation_the_first_frame_is_taken(format):
    red, blue = (Image.new("RGB", (5, 4), color) for color in ("red", "blue"))
    options = {"lossless": True} if format == "webp" else {}
    data = saved(red, format, save_all=True, append_images=[blue], **options)
    np.testing.assert_array_equal(decode(data).rgb, np.full((4, 5, 3), (255, 0, 0)))


def test_grey_and_one_bit():
    grey = RGB[..., 0]
    picture = decode(saved(Image.fromarray(grey), "png"))
    np.testing.assert_array_equal(picture.rgb, np.dstack([grey] * 3))
    bits = decode(saved(Image.fromarray(grey > 99), "png"))
    np.testing.assert_array_equal(bits.rgb[..., 1], (grey > 99) * 255)


def test_sixteen_bit_grey_is_scaled_and_not_clipped():
    values = np.array([[0, 128, 129, 257], [25700, 32768, 65534, 65535]], np.uint16)
    for format in ("png", "tiff"):
        picture = decode(saved(Image.fromarray(values), format))
        np.testing.assert_array_equal(picture.rgb[..., 2], [[0, 0, 1, 1], [100, 128, 255, 255]])


def test_sixteen_bit_rgb_png():
    def chunk(kind, data):
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" + struct.pack(">HHH", 257 * 200, 257 * 100, 65535))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)
    np.testing.assert_array_equal(decode(data + chunk(b"IEND", b"")).rgb, [[[200, 100, 255]]])


@pytest.mark.parametrize("scale", [1.0, 255.0, 65535.0])
def test_float_grey_of_three_ranges(scale):
    values = np.array([[0, 0.2, 0.6, 1.0]], np.float32) * scale
    picture = decode(saved(Image.fromarray(values), "tiff"))
    np.testing.assert_array_equal(picture.rgb[0, :, 0], [0, 51, 153, 255])


def test_alpha_is_kept_and_composited_on_white_by_hand_values():
    rgba = np.array([[[0, 0, 0, 255], [0, 100, 200, 128], [10, 20, 30, 0]]], np.uint8)
    picture = decode(saved(Image.fromarray(rgba), "png"))
    np.testing.assert_array_equal(picture.alpha, [[255, 128, 0]])
    # 128/255 of the colour, 127/255 of white: 127, 177.2, 227.4.
    expected = [[[0, 0, 0], [127, 177, 227], [255, 255, 255]]]
    np.testing.assert_array_equal(picture.on_white(), expected)


def test_grey_with_alpha():
    grey_alpha = np.array([[[50, 255], [50, 0]]], np.uint8)
    picture = decode(saved(Image.fromarray(grey_alpha), "png"))
    np.testing.assert_array_equal(picture.on_white(), [[[50] * 3, [255] * 3]])


def test_palette_with_and_without_transparency():
    image = Image.new("P", (2, 1))
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((1, 0), 1)
    for format in ("png", "gif"):
        plain = decode(saved(image, format))
        np.testing.assert_array_equal(plain.rgb, [[[255, 0, 0], [0, 255, 0]]])
        assert plain.alpha is None
        holed = decode(saved(image, format, transparency=1))
        np.testing.assert_array_equal(holed.alpha, [[255, 0]])
        np.testing.assert_array_equal(holed.on_white(), [[[255, 0, 0], [255, 255, 255]]])


@pytest.mark.parametrize("format", ["jpeg", "tiff"])
def test_cmyk(format):
    # Pillow writes CMYK JPEG as Adobe does, inverted.
    ink = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    rgb = decode(saved(ink, format)).rgb
    assert np.abs(rgb[8, 8].astype(int) - [0, 255, 255]).max() <= 3


_UPRIGHT = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: np.transpose(a, (1, 0, 2)),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(np.transpose(a, (1, 0, 2)), 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["png", "tiff", "webp", "jpeg"])
def test_exif_orientation(orientation, format):
    blocks = RGB.repeat(16, 0).repeat(16, 1)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"webp": {"lossless": True}, "jpeg": {"quality": 100, "subsampling": 0}}
    data = saved(Image.fromarray(blocks), format, exif=exif, **options.get(format, {}))
    expected = _UPRIGHT[orientation](blocks)
    picture = decode(data)
    assert np.abs(picture.rgb.astype(int) - expected).max() <= (6 if format == "jpeg" else 0)
    assert read_size(data) == (expected.shape[1], expected.shape[0])


def test_at_least_decodes_a_jpeg_smaller_but_never_too_small():
    image = Image.fromarray(RGB.repeat(40, 0).repeat(40, 1))  # 360 x 240
    data = saved(image, "jpeg")
    assert decode(data, at_least=120).rgb.shape == (120, 180, 3)
    assert decode(data, at_least=121).rgb.shape == (240, 360, 3)
    assert decode(data).rgb.shape == (240, 360, 3)
    assert decode(saved(image, "png"), at_least=10).rgb.shape == (240, 360, 3)


def test_a_huge_header_is_refused_before_decoding(recwarn):
    data = png_header(60000, 60000)
    assert read_size(data) == (60000, 60000)
    with pytest.raises(ImageError, match=r"big\.png: 60000 x 60000 pixels are above the limit"):
        decode(data, name="big.png")
    assert not recwarn.list


def test_pillows_own_limit_does_not_interfere(monkeypatch, recwarn):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    data = saved(Image.fromarray(RGB), "png")
    np.testing.assert_array_equal(decode(data).rgb, RGB)
    assert not recwarn.list
    with pytest.raises(ImageError, match="limit of 53"):
        decode(data, max_pixels=6 * 9 - 1)
    assert decode(data, max_pixels=6 * 9)


@pytest.mark.parametrize("data", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_what_is_no_picture_is_named(data):
    for read in (read_size, decode):
        with pytest.raises(ImageError, match=r"^photos/x\.jpg: not a readable picture") as caught:
            read(data, name="photos/x.jpg")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "tiff", "gif"])
@settings(max_examples=15, deadline=None)
@given(part=st.floats(0, 0.9))
def test_truncated_data_never_escape_as_another_error(format, part):
    noise = np.random.default_rng(1).integers(0, 256, (40, 40, 3), np.uint8)
    data = saved(Image.fromarray(noise), format)
    try:
        decode(data[: int(len(data) * part)], name="cut")
    except ImageError as error:
        assert str(error).startswith("cut: ")


def test_truncated_pictures_are_refused():
    noise = np.random.default_rng(1).integers(0, 256, (40, 40, 3), np.uint8)
    for format in ("png", "jpeg", "webp"):
        data = encode(noise, format=format)
        with pytest.raises(ImageError, match="cut"):
            decode(data[: len(data) // 2], name="cut")
