"""Thousands of broken pictures through an export: a program, so that a crash is one of its own.

    python tests/exporting/mutated_pictures.py EXPORT [COUNT] [SEED]

Each file must be refused as an invalid argument, or come back in its own size and format. The
file at hand is written to EXPORT/../culprit first, so that one that kills the process is known.
"""

import collections
import io
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

_EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_THINGS = (0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 4, 5, 6)
_MAGICS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"GIF89a")


def originals() -> list[bytes]:
    """Good files of four formats and many kinds."""
    random = np.random.default_rng(0)
    small = Image.fromarray(random.integers(0, 256, (4, 5, 3), np.uint8))
    photo = small.resize((33, 21), Image.Resampling.BILINEAR)
    frames = [photo.rotate(angle) for angle in (0, 90, 180)]
    exif = Image.Exif()
    exif[0x0112] = 6
    moving = {"save_all": True, "append_images": frames[1:]}
    sixteen = Image.fromarray(random.integers(0, 65536, (9, 8), np.uint16))
    clear = photo.convert("RGBA")
    clear.putalpha(photo.convert("L"))
    kinds = [
        (photo, "JPEG", {}),
        (photo, "JPEG", {"exif": exif}),
        (photo, "JPEG", {"progressive": True, "subsampling": 0}),
        (photo, "JPEG", {"restart_marker_blocks": 1, "icc_profile": bytes(300)}),
        (photo.convert("L"), "JPEG", {}),
        (photo.convert("CMYK"), "JPEG", {}),
        (photo, "PNG", {}),
        (photo, "PNG", {"exif": exif}),
        (clear, "PNG", {}),
        (clear.convert("LA"), "PNG", {}),
        (photo.quantize(16), "PNG", {"transparency": 3}),
        (photo.convert("1"), "PNG", {}),
        (sixteen, "PNG", {}),
        (photo, "WEBP", {}),
        (photo, "WEBP", {"lossless": True}),
        (clear, "WEBP", {}),
        (frames[0], "WEBP", moving),
        (photo, "GIF", {}),
        (frames[0], "GIF", moving),
        (frames[0], "PNG", moving),
    ]
    files = []
    for image, kind, options in kinds:
        file = io.BytesIO()
        image.save(file, kind, **options)
        files.append(file.getvalue())
    return files


def mutated(files: list[bytes], random: np.random.Generator) -> bytes:
    """One of the files with one to three things done to it, most often a byte changed."""
    data = bytearray(files[random.integers(len(files))])
    for _ in range(random.integers(1, 4)):
        place = int(random.integers(max(len(data), 1)))
        # Half of the time in the headers, where it matters most.
        if random.random() < 0.5:
            place = int(random.integers(min(max(len(data), 1), 64)))
        match int(random.choice(_THINGS)):
            case 0:
                data[place : place + 1] = random.bytes(1)
            case 1:
                del data[place:]
            case 2:
                del data[place : place + int(random.integers(1, 30))]
            case 3:
                data[place:place] = random.bytes(int(random.integers(1, 30)))
            case 4:
                width = int(random.choice([1, 2, 4]))
                value = int(random.choice(_EXTREMES)) % 2 ** (8 * width)
                data[place : place + width] = value.to_bytes(
                    width, "big" if random.random() < 0.5 else "little"
                )
            case 5:
                other = files[random.integers(len(files))]
                data[place:] = other[int(random.integers(len(other))) :]
            case 6:
                magic = _MAGICS[random.integers(len(_MAGICS))]
                data[: len(magic)] = magic
    return with_right_sums(data) if random.random() < 0.5 else bytes(data)


def with_right_sums(data: bytes | bytearray) -> bytes:
    """A PNG file whose chunks say what sums they have: it gets further into the decoder."""
    out, place = bytearray(data), 8
    while data[:4] == b"\x89PNG" and place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        end = place + 8 + length
        if end + 4 > len(data):
            break
        struct.pack_into(">I", out, end, zlib.crc32(data[place + 4 : end]))
        place = end + 4
    return bytes(out)


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height by the header."""
    if data[:4] == b"\x89PNG":
        width, height = struct.unpack_from(">II", data, 16)
        return width, height
    try:
        return Image.open(io.BytesIO(data)).size
    except (OSError, ValueError, SyntaxError):
        height, width, _ = tf.io.extract_jpeg_shape(data).numpy()
        return int(width), int(height)


def main(export: Path, count: int, seed: int) -> None:
    model = tf.saved_model.load(str(export))
    signature = model.signatures["serve_bytes"]
    files, random = originals(), np.random.default_rng(seed)
    outcomes: collections.Counter[str] = collections.Counter()
    for index in range(count):
        data = files[index] if index < len(files) else mutated(files, random)
        (export.parent / "culprit").write_bytes(data)
        try:
            (answer,) = signature(image_bytes=tf.constant([data]))["stylized_image_bytes"].numpy()
        except tf.errors.InvalidArgumentError:
            outcomes["refused"] += 1
            continue
        painted, (width, height) = Image.open(io.BytesIO(answer)), size_of(data)
        sizes = [(width, height)]
        if b"Exif" in data or b"eXIf" in data:
            sizes.append((height, width))
        assert painted.size in sizes, (index, painted.size, sizes)
        kind = {b"\xff\xd8": "JPEG", b"\x89P": "PNG"}[data[:2]]
        assert painted.format == kind, (index, painted.format)
        outcomes[kind] += 1
    print(dict(sorted(outcomes.items())))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int((sys.argv[2:] or [10000])[0]), int((sys.argv[3:] or [0])[0]))
