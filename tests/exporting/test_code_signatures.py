"""Any style from one picture, as a server runs it."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageColor

from style_gan_tf.exporting import export_saved_model
from tests.reference_model import build, write_pictures


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export")
    export_saved_model(build(), path / "export")
    write_pictures(path)
    return path


@pytest.fixture(scope="module")
def loaded(folder: Path) -> Any:
    return tf.saved_model.load(str(folder / "export" / "1"))


def sent(folder: Path, *names: str) -> tf.Tensor:
    return tf.constant([(folder / name).read_bytes() for name in names])


def pixels(answer: Any) -> list[np.ndarray]:
    found = answer["stylized_image_bytes"].numpy()
    return [np.asarray(Image.open(io.BytesIO(one))).astype(np.float32) for one in found]


def test_a_reference_and_its_code_are_one(folder: Path, loaded: Any) -> None:
    photos = sent(folder, "photo.png", "wave.png")
    references = sent(folder, "wave.png", "tall.jpg")
    call = loaded.signatures["serve_bytes_reference"]
    at_once = pixels(call(image_bytes=photos, reference_bytes=references, strength=[1.0, 0.5]))
    codes = loaded.signatures["encode_style"](reference_bytes=references)["style_code"]
    assert codes.shape == (2, 65)
    codes = tf.constant([[1.0], [0.5]]) * codes
    by_code = pixels(loaded.signatures["serve_bytes_code"](image_bytes=photos, style_code=codes))
    for one, other in zip(at_once, by_code, strict=True):
        np.testing.assert_array_equal(one, other)
    floats = np.asarray(Image.open(folder / "photo.png").convert("RGB"))[np.newaxis] / 255.0
    answer = loaded.signatures["serve_code"](
        images=tf.constant(floats, tf.float32), style_code=codes[:1]
    )
    np.testing.assert_allclose(answer["stylized_images"][0] * 255, at_once[0], atol=0.51)


def test_one_reference_and_one_strength_serve_all(folder: Path, loaded: Any) -> None:
    photos, wave = sent(folder, "photo.png", "wave.png"), sent(folder, "wave.png")
    call = loaded.signatures["serve_bytes_reference"]
    each = call(
        image_bytes=photos,
        reference_bytes=tf.repeat(wave, 2),
        strength=tf.constant([0.7, 0.7]),
    )
    shared = call(image_bytes=photos, reference_bytes=wave[0], strength=tf.constant(0.7))
    for one, other in zip(pixels(each), pixels(shared), strict=True):
        np.testing.assert_array_equal(one, other)
    photo = np.asarray(Image.open(folder / "photo.png").convert("RGB"))
    still = call(image_bytes=photos[:1], reference_bytes=wave, strength=tf.constant(0.0))
    np.testing.assert_array_equal(pixels(still)[0], photo)


def test_named_styles_are_codes_as_well(folder: Path, loaded: Any) -> None:
    photo, weights = sent(folder, "photo.png"), tf.constant([[0.2, 0.7]])
    code = loaded.signatures["named_styles"](style_weights=weights)["style_code"]
    np.testing.assert_allclose(code[0, 0], 0.9, rtol=1e-6)
    by_code = loaded.signatures["serve_bytes_code"](image_bytes=photo, style_code=code)
    by_weights = loaded.signatures["serve_bytes_style"](image_bytes=photo, style_weights=weights)
    np.testing.assert_array_equal(pixels(by_code)[0], pixels(by_weights)[0])
    plain = loaded.signatures["serve_bytes"](image_bytes=photo)
    first = loaded.signatures["serve_bytes_style"](
        image_bytes=photo, style_weights=tf.constant([[1.0, 0.0]])
    )
    np.testing.assert_array_equal(pixels(plain)[0], pixels(first)[0])


def encoded(*size: int, edge: str = "teal") -> bytes:
    """One colour; and another at the left edge."""
    file = io.BytesIO()
    image = Image.new("RGB", size, "teal")
    image.putpixel((0, 0), ImageColor.getrgb(edge))
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("reference", "strength", "said"),
    [
        (b"GIF89a", 1.0, "reference_bytes is neither a JPEG nor a PNG picture"),
        (encoded(1, 1), 1.0, "reference_bytes is a picture of one colour"),
        (encoded(40, 30), 1.0, "reference_bytes is a picture of one colour"),
        (encoded(90, 20, edge="red"), 1.0, "reference_bytes is a picture of one colour"),
        (encoded(20, 90, edge="red"), 1.0, "reference_bytes is a picture of one colour"),
        (None, 1.5, "strength must lie between 0 and 1"),
        (None, float("nan"), "strength must lie between 0 and 1"),
    ],
    ids=["gif", "dot", "plain", "wide", "high", "strong", "nan"],
)
def test_what_is_refused(
    folder: Path, loaded: Any, reference: bytes | None, strength: float, said: str
) -> None:
    wave = (folder / "wave.png").read_bytes()
    with pytest.raises(tf.errors.InvalidArgumentError, match=said):
        loaded.signatures["serve_bytes_reference"](
            image_bytes=sent(folder, "photo.png"),
            reference_bytes=tf.constant([reference or wave]),
            strength=tf.constant(strength),
        )


def test_counts_and_codes_that_do_not_fit_are_refused(folder: Path, loaded: Any) -> None:
    two, three = sent(folder, "photo.png", "wave.png"), sent(folder, *["wave.png"] * 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="one picture, or one for each"):
        loaded.signatures["serve_bytes_reference"](
            image_bytes=two, reference_bytes=three, strength=tf.constant(1.0)
        )
    call = loaded.signatures["serve_bytes_code"]
    good = np.eye(1, 65, dtype=np.float32)
    for code, said in (
        (np.concatenate([good] * 3), "style_code must have one row for each picture"),
        (np.concatenate([2 * good] * 2), "its first number, the strength, between 0 and 1"),
        (np.concatenate([good * np.nan] * 2), "style_code must be finite"),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=said):
            call(image_bytes=two, style_code=tf.constant(code))
