"""What a file keeps when its pixels are read and written again: depth, profile, EXIF."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms

from style_gan_tf.images import ImageError, decode, encode

DEEP = np.random.default_rng(0).integers(0, 65536, (19, 23, 4), np.uint16)


def saved(image: Image.Image, format: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def deep_png(pixels: np.ndarray, kind: int, *chunks: bytes) -> bytes:
    """A PNG of 16 bits, unfiltered: 0 grey, 2 RGB, 4 grey and alpha, 6 RGB and alpha."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    parts = [chunk(b"IHDR", header), *(chunk(data[:4], data[4:]) for data in chunks)]
    parts += [chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(("kind", "bands"), [(2, 3), (4, 2), (6, 4)])
def test_all_bits_of_png(kind, bands):
    pixels = DEEP[..., :bands]
    picture = decode(deep_png(pixels, kind), faithful=True)
    assert picture.rgb.dtype == np.uint16 and picture.white == 65535
    expected = np.repeat(pixels[..., :1], 3, -1) if bands == 2 else pixels[..., :3]
    np.testing.assert_array_equal(picture.rgb, expected)
    if bands != 3:
        np.testing.assert_array_equal(picture.alpha, pixels[..., -1])
    # Without `faithful`, for training, 8 bits are what it was.
    assert decode(deep_png(pixels, kind)).rgb.dtype == np.uint8


def test_a_colour_of_png_that_means_transparent():
    pixels = DEEP[..., :3].copy()
    pixels[3, 4] = (1, 2, 3)
    picture = decode(deep_png(pixels, 2, b"tRNS" + struct.pack(">HHH", 1, 2, 3)), faithful=True)
    assert picture.alpha[3, 4] == 0 and (picture.alpha == 65535).sum() == picture.alpha.size - 1


def test_grey_of_16_bits():
    for data in (deep_png(DEEP[..., 0], 0), saved(Image.fromarray(DEEP[..., 0]), "tiff")):
        picture = decode(data, faithful=True)
        np.testing.assert_array_equal(picture.rgb, np.repeat(DEEP[..., :1], 3, -1))


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("tile", [None, (16, 16)])
@pytest.mark.parametrize("extra", [None, "unassalpha"])
def test_all_bits_of_tiff_as_another_library_writes_it(byteorder, compression, tile, extra):
    tifffile = pytest.importorskip("tifffile")
    pixels, file = DEEP if extra else DEEP[..., :3], io.BytesIO()
    options = {"photometric": "rgb", "compression": compression, "tile": tile}
    options |= {"byteorder": byteorder, "extrasamples": [extra] if extra else None}
    tifffile.imwrite(file, pixels, **options)
    picture = decode(file.getvalue(), faithful=True)
    np.testing.assert_array_equal(picture.rgb, pixels[..., :3])
    if extra:
        np.testing.assert_array_equal(picture.alpha, pixels[..., 3])


def test_tiff_multiplied_by_alpha():
    tifffile = pytest.importorskip("tifffile")
    alpha = np.maximum(DEEP[..., 3:], 20000)
    multiplied = np.rint(DEEP[..., :3] * (alpha / 65535)).astype(np.uint16)
    file = io.BytesIO()
    pixels = np.dstack([multiplied, alpha])
    tifffile.imwrite(file, pixels, photometric="rgb", extrasamples=["assocalpha"])
    picture = decode(file.getvalue(), faithful=True)
    assert np.abs(picture.rgb.astype(int) - DEEP[..., :3]).max() <= 3


def test_tiff_with_a_plane_for_each_channel_is_refused():
    """Pillow would give noise."""
    tifffile = pytest.importorskip("tifffile")
    file, planes = io.BytesIO(), np.moveaxis(DEEP[..., :3], -1, 0)
    tifffile.imwrite(file, planes, photometric="rgb", planarconfig="separate")
    with pytest.raises(ImageError, match=r"a\.tif: .*save it interleaved"):
        decode(file.getvalue(), name="a.tif", faithful=True)


@settings(max_examples=20, deadline=None)
@given(
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    format=st.sampled_from(["png", "tiff"]),
    has_alpha=st.booleans(),
)
def test_round_trip_of_16_bits(height, width, format, has_alpha):
    pixels = np.random.default_rng([height, width]).integers(
        0, 65536, (height, width, 4), np.uint16
    )
    alpha = pixels[..., 3] if has_alpha else None
    data = encode(pixels[..., :3], alpha, format=format)
    picture = decode(data, faithful=True)
    np.testing.assert_array_equal(picture.rgb, pixels[..., :3])
    if has_alpha:
        np.testing.assert_array_equal(picture.alpha, alpha)
    with Image.open(io.BytesIO(data)) as image:  # Pillow reads it too, the high bytes of it.
        assert image.size == (width, height) and image.mode == ("RGBA" if has_alpha else "RGB")


def test_another_library_reads_our_16_bits():
    cv2 = pytest.importorskip("cv2")
    for format in ("png", "tiff"):
        data = encode(DEEP[..., :3], format=format)
        read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(read[..., ::-1], DEEP[..., :3])


def test_16_bits_for_formats_of_8():
    values = np.full((8, 8, 3), 100 * 257 + 100, np.uint16)
    for format in ("jpeg", "webp"):
        rgb = decode(encode(values, format=format), faithful=True).rgb
        assert rgb.dtype == np.uint8 and np.abs(rgb.astype(int) - 100).max() <= 1


def test_alpha_of_16_bits_on_white():
    picture = decode(deep_png(np.full((1, 1, 4), 32768, np.uint16), 6), faithful=True)
    # Half of half a grey, and half of white.
    assert abs(int(picture.on_white()[0, 0, 0]) - 49151) <= 1


def camera_exif(orientation: int = 6) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "Camera"
    exif[ExifTags.Base.DateTime] = "2024:05:06 07:08:09"
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.ExposureTime: 0.01,
            ExifTags.Base.ExifImageWidth: 40,
            ExifTags.Base.ExifImageHeight: 30,
        }
    )
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (47.0, 30.0, 0.0)})
    return exif


@pytest.mark.parametrize("source", ["jpeg", "png", "webp", "tiff"])
@pytest.mark.parametrize("target", ["jpeg", "png", "webp", "tiff", "deep png", "deep tiff"])
def test_exif_is_kept_but_for_orientation(source, target):
    if source == "tiff":  # Pillow cannot write its parts there.
        exif = camera_exif(1).tobytes()
        data = encode(np.zeros((30, 40, 3), np.uint8), format="tiff", exif=exif)
        size = (40, 30)
    else:
        data = saved(Image.new("RGB", (40, 30)), source, exif=camera_exif())
        size = (30, 40)
    picture = decode(data, faithful=True)
    assert picture.rgb.shape[1::-1] == size
    rgb = picture.rgb
    if target.startswith("deep"):
        rgb = rgb.astype(np.uint16) * 257
    written = encode(rgb, format=target.removeprefix("deep "), exif=picture.exif)
    with Image.open(io.BytesIO(written)) as image:
        image.load()
        exif = image.getexif()
        details, place = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
        assert image.size == size
    assert ExifTags.Base.Orientation not in exif
    assert exif[ExifTags.Base.Make] == "Camera"
    assert exif[ExifTags.Base.DateTime] == "2024:05:06 07:08:09"
    assert float(details[ExifTags.Base.ExposureTime]) == pytest.approx(0.01)
    assert details[ExifTags.Base.ExifImageWidth] == size[0]
    assert details[ExifTags.Base.ExifImageHeight] == size[1]
    assert place[1] == "N" and float(place[2][1]) == 30.0


def test_no_exif_and_damaged_exif_are_none():
    assert decode(saved(Image.new("RGB", (4, 4)), "png"), faithful=True).exif is None
    # A TIFF's own directory describes its pixels alone.
    assert decode(saved(Image.new("RGB", (4, 4)), "tiff"), faithful=True).exif is None
    data = saved(
        Image.new("RGB", (4, 4)), "png", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\xff" + b"\xff" * 30
    )
    decode(data, faithful=True)


def test_makers_notes_that_no_jpeg_holds_are_left_out():
    exif = camera_exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = bytes(70000)
    picture = decode(saved(Image.new("RGB", (4, 4)), "png", exif=exif), faithful=True)
    assert len(picture.exif) < 1000
    encode(picture.rgb, format="jpeg", exif=picture.exif)


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "tiff"])
def test_profile_is_kept(format):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for white in (255, 65535):
        rgb = np.zeros((4, 4, 3), np.uint8 if white == 255 else np.uint16)
        data = encode(rgb, format=format, profile=profile)
        with Image.open(io.BytesIO(data)) as image:
            assert image.info["icc_profile"] == profile
        assert decode(data, faithful=True).profile == profile


@settings(max_examples=40, deadline=None)
@given(part=st.floats(0, 1), format=st.sampled_from(["png", "tiff"]))
def test_cut_off_pictures_of_16_bits_are_refused_or_read(part, format):
    data = encode(DEEP[..., :3], format=format, exif=camera_exif().tobytes())
    try:
        decode(data[: int(len(data) * part)], name="cut", faithful=True)
    except ImageError as error:
        assert str(error).startswith("cut: ") and "\n" not in str(error)
