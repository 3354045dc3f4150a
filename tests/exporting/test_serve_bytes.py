"""Encoded pictures through the SavedModel's `serve_bytes`, against Pillow."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies
from PIL import Image, ImageOps

from style_gan_tf.exporting import decoding

Serve = Callable[..., list[Image.Image]]


@pytest.fixture(scope="module")
def signatures(plain_export: Path) -> dict[str, Callable]:
    loaded = tf.saved_model.load(str(plain_export))
    # The signatures alone do not keep the variables alive.
    return {"model": loaded, **loaded.signatures}


@pytest.fixture(scope="module")
def serve(signatures: dict[str, Callable]) -> Serve:
    def run(*pictures: bytes) -> list[Image.Image]:
        answer = signatures["serve_bytes"](image_bytes=tf.constant(pictures, tf.string))
        assert set(answer) == {"stylized_image_bytes"}
        encoded = answer["stylized_image_bytes"].numpy()
        return [Image.open(io.BytesIO(picture)) for picture in encoded]

    return run


@pytest.fixture(scope="module")
def decode() -> Callable[[bytes], np.ndarray]:
    graph = tf.function(
        decoding.decode, input_signature=[tf.TensorSpec([], tf.string)], autograph=False
    )
    return lambda data: graph(tf.constant(data)).numpy()


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photo(width: int = 37, height: int = 21, mode: str = "RGB") -> Image.Image:
    """A smooth picture, on which codecs agree."""
    random = np.random.default_rng([width, height])
    pixels = random.integers(0, 256, (3, 4, len(mode)), np.uint8).squeeze()
    return Image.fromarray(pixels, mode if mode == "CMYK" else None).resize(
        (width, height), Image.Resampling.BILINEAR
    )


@hypothesis.settings(max_examples=20, deadline=None)
@hypothesis.given(
    strategies.integers(1, 67),
    strategies.integers(1, 41),
    strategies.sampled_from([("L", "PNG"), ("RGB", "PNG"), ("RGBA", "PNG"), ("LA", "PNG"),
                             ("L", "JPEG"), ("RGB", "JPEG")]),
)  # fmt: skip
def test_any_size_keeps_size_and_kind(
    serve: Serve, width: int, height: int, form: tuple[str, str]
) -> None:
    mode, kind = form
    (answer,) = serve(encoded(photo(width, height, mode), kind))
    assert (answer.size, answer.mode, answer.format) == ((width, height), "RGB", kind)


def test_a_batch_of_different_pictures(serve: Serve, signatures: dict[str, Callable]) -> None:
    pictures = [encoded(photo(20, 10), "PNG"), encoded(photo(7, 30), "JPEG")]
    answers = serve(*pictures)
    assert [(a.format, a.size) for a in answers] == [("PNG", (20, 10)), ("JPEG", (7, 30))]
    assert [a.tobytes() for a in answers] == [serve(p)[0].tobytes() for p in pictures]
    # The same picture as floats.
    images = np.asarray(photo(20, 10), np.float32)[np.newaxis] / 255.0
    floats = signatures["serving_default"](images=tf.constant(images))["stylized_images"].numpy()
    np.testing.assert_allclose(np.asarray(answers[0]) / 255.0, floats[0], atol=0.5 / 255 + 1e-5)
    assert serve() == []


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation(decode: Callable, kind: str, orientation: int, order: str) -> None:
    # Another entry first, and the directory not where it usually is.
    entries = struct.pack(order + "HHIHH", 0x010F, 3, 1, 7, 0)
    entries += struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 10) + b"\0\0"
    tiff += struct.pack(order + "H", 2) + entries + bytes(4)
    data = encoded(photo(), kind, exif=b"Exif\0\0" + tiff)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    assert (expected.shape == (21, 37, 3)) == (orientation < 5)
    np.testing.assert_allclose(decode(data) * 255.0, expected, atol=1.01)


def jpeg_with_segments(*segments: bytes) -> bytes:
    plain = encoded(photo(), "JPEG")
    return plain[:2] + b"".join(segments) + plain[2:]


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def test_orientation_behind_other_segments(decode: Callable) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = jpeg_with_segments(
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"x" * 3000),
        b"\xff\xff" + segment(0xFE, b"\xff\xda\xff\xe1"),
        segment(0xE1, b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0")),
    )
    assert decode(data).shape == (37, 21, 3)


@hypothesis.settings(max_examples=60, deadline=None)
@hypothesis.given(
    strategies.sampled_from([b"II*\0", b"MM\0*", b"", b"II*", b"IIMM"]), strategies.binary()
)
def test_broken_exif_counts_as_upright(decode: Callable, magic: bytes, rest: bytes) -> None:
    hypothesis.assume(b"\x12\x01" not in rest and b"\x01\x12" not in rest)
    assert decode(jpeg_with_segments(segment(0xE1, b"Exif\0\0" + magic + rest))).shape == (
        21,
        37,
        3,
    )


@pytest.mark.parametrize(
    "exif",
    [
        b"II*\0\xff\xff\xff\xff",  # a directory outside the file
        b"II*\0\x08\0\0\0\xff\xff",  # more entries than there is room for
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0",  # orientation 9
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x01\0\0\0\x06\0\0\0",  # of another type
        b"JJ*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0",  # of no byte order
    ],
)
def test_hostile_exif_counts_as_upright(decode: Callable, exif: bytes) -> None:
    assert decode(jpeg_with_segments(segment(0xE1, b"Exif\0\0" + exif))).shape == (21, 37, 3)


def test_thousands_of_segments_end(decode: Callable) -> None:
    assert decode(jpeg_with_segments(*[segment(0xFE, b"")] * 20000)).shape == (21, 37, 3)


def test_alpha_lies_on_white(decode: Callable) -> None:
    pixels = np.asarray(photo(mode="RGBA")).copy()
    pixels[:5, :, 3] = 0
    expected = Image.new("RGBA", (37, 21), "white")
    expected.alpha_composite(Image.fromarray(pixels))
    got = decode(encoded(Image.fromarray(pixels), "PNG"))
    np.testing.assert_array_equal(got[:5], 1.0)
    np.testing.assert_allclose(got * 255.0, np.asarray(expected.convert("RGB")), atol=1.01)
    # Palette and grey with a transparent colour.
    for image in (photo().quantize(16), photo(mode="L")):
        data = encoded(image, "PNG", transparency=image.getpixel((0, 0)))
        seen = Image.open(io.BytesIO(data)).convert("RGBA")
        white = Image.new("RGBA", seen.size, "white")
        white.alpha_composite(seen)
        got = decode(data) * 255.0
        np.testing.assert_allclose(got, np.asarray(white.convert("RGB")), atol=0.01)
        np.testing.assert_allclose(got[0, 0], 255.0)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, bits: int, colour_type: int, *chunks: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("colour_type", [0, 3])
def test_few_bits(decode: Callable, bits: int, colour_type: int) -> None:
    """TensorFlow's own alpha of these pictures is wrong where they have none."""
    values = np.arange(2**bits, dtype=np.uint8)
    rows = b"\0" + np.packbits(np.unpackbits(values[:, None], axis=1)[:, -bits:]).tobytes()
    palette = np.random.default_rng(bits).integers(0, 256, (2**bits, 3), np.uint8)
    pixels = [chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    if colour_type == 3:
        pixels.insert(0, chunk(b"PLTE", palette.tobytes()))
    expected = (
        palette if colour_type == 3 else np.repeat(values[:, None], 3, 1) * (255 // values[-1])
    )
    got = decode(png(2**bits, 1, bits, colour_type, *pixels)) * 255.0
    np.testing.assert_allclose(got[0], expected, atol=0.01)
    # The second value transparent.
    trns = bytes([255, 0]) if colour_type == 3 else bytes([0, 1])
    pixels.insert(-2, chunk(b"tRNS", trns))
    expected[1] = 255
    got = decode(png(2**bits, 1, bits, colour_type, *pixels)) * 255.0
    np.testing.assert_allclose(got[0], expected, atol=0.01)


def test_other_kinds_of_pixels(decode: Callable) -> None:
    grey = np.asarray(photo(mode="L"))
    sixteen = Image.fromarray(grey.astype(np.uint16) * 257)
    one_bit = photo(mode="L").convert("1")
    for data, expected in [
        (encoded(photo(mode="L"), "PNG"), grey),
        (encoded(sixteen, "PNG"), grey),
        (encoded(one_bit, "PNG"), np.asarray(one_bit.convert("L"))),
        (encoded(photo(mode="L"), "JPEG", quality=100), grey),
    ]:
        got = decode(data) * 255.0
        np.testing.assert_allclose(got, np.repeat(expected[..., np.newaxis], 3, 2), atol=2)
    cmyk = encoded(photo(mode="CMYK"), "JPEG", quality=100)
    expected = np.asarray(Image.open(io.BytesIO(cmyk)).convert("RGB"))
    np.testing.assert_allclose(decode(cmyk) * 255.0, expected, atol=3)
    progressive = encoded(photo(), "JPEG", progressive=True)
    expected = np.asarray(Image.open(io.BytesIO(progressive)))
    np.testing.assert_allclose(decode(progressive) * 255.0, expected, atol=1.01)


def png_of_claimed_size(width: int, height: int) -> bytes:
    return png(width, height, 8, 2, bytes(40))


def jpeg_of_claimed_size(width: int, height: int) -> bytes:
    data = bytearray(encoded(photo(), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def animated_webp() -> bytes:
    frames = [photo(), photo().rotate(90), photo().rotate(180)]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])


BAD = {
    "empty": (b"", "neither a JPEG nor a PNG"),
    "text": (b"hello", "neither a JPEG nor a PNG"),
    "gif": (encoded(photo(), "GIF"), "neither a JPEG nor a PNG"),
    "webp": (animated_webp(), "neither a JPEG nor a PNG"),
    "jpeg magic alone": (b"\xff\xd8\xff", "JPEG picture that is cut off: send all of it"),
    "jpeg cut": (encoded(photo(), "JPEG")[:-100], "JPEG picture that is cut off"),
    "jpeg of its ends alone": (b"\xff\xd8\xff\xd9", "Invalid JPEG data"),
    "jpeg too large": (jpeg_of_claimed_size(65000, 60000), "65000 x 60000 pixels, and the limit"),
    "png magic alone": (b"\x89PNG\r\n\x1a\n", "cut off"),
    "png header cut": (encoded(photo(), "PNG")[:30], "cut off"),
    "png cut": (encoded(photo(), "PNG")[:-100], "PNG picture that is cut off: send all of it"),
    "png damaged": (encoded(photo(), "PNG").replace(b"IDAT", b"IDAT\0"), "Invalid PNG"),
    "png without header": (b"\x89PNG\r\n\x1a\n" + bytes(40), "without its header"),
    "png of no size": (png_of_claimed_size(0, 5), "no size"),
    "png too large": (png_of_claimed_size(60000, 50000), "60000 x 50000 pixels, and the limit"),
    "png that overflows": (png_of_claimed_size(2**32 - 1, 2**32 - 1), "and the limit"),
    "png of header alone": (png_of_claimed_size(8, 8), "PNG picture that is cut off"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_bytes_are_told(serve: Serve, name: str) -> None:
    data, sentence = BAD[name]
    with pytest.raises(tf.errors.InvalidArgumentError, match=sentence):
        serve(data)


@hypothesis.settings(max_examples=150, deadline=None)
@hypothesis.given(
    strategies.sampled_from(["JPEG", "PNG"]),
    strategies.lists(strategies.tuples(strategies.integers(0, 800), strategies.integers(0, 255))),
    strategies.integers(0, 1200),
)
def test_damaged_bytes_never_do_worse(
    decode: Callable, kind: str, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(encoded(photo(), kind))
    for place, value in changes:
        data[place % len(data)] = value
    try:
        image = decode(bytes(data[:cut]))
    except tf.errors.InvalidArgumentError:
        return
    assert image.min() >= 0.0 and image.max() <= 1.0


def test_pixel_limit() -> None:
    graph = tf.function(lambda data: decoding.decode(data, max_pixels=100), autograph=False)
    assert graph(tf.constant(encoded(photo(10, 10), "PNG"))).shape == (10, 10, 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="limit is 100 pixels"):
        graph(tf.constant(encoded(photo(10, 11), "JPEG")))
