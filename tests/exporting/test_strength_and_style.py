"""The signatures that take strengths and style weights beside encoded pictures."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from style_gan_tf.networks import Network, any_size


@pytest.fixture(scope="module")
def network(styled_network: Network) -> Network:
    return styled_network


@pytest.fixture(scope="module")
def model(styled_export: Path) -> Any:
    return tf.saved_model.load(str(styled_export))


PHOTO = np.random.default_rng(1).integers(0, 256, (9, 14, 3), np.uint8)


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def serve(model: Any, signature: str, *pictures: bytes, **inputs: Any) -> list[np.ndarray]:
    given = {name: tf.constant(value, tf.float32) for name, value in inputs.items()}
    answer = model.signatures[signature](image_bytes=tf.constant(pictures, tf.string), **given)
    (encoded,) = answer.values()
    return [np.asarray(Image.open(io.BytesIO(data))) for data in encoded.numpy()]


def by_floats(model: Any, images: np.ndarray, weights: Any) -> np.ndarray:
    answer = model.signatures["serve_style"](
        images=tf.constant(images, tf.float32), style_weights=tf.constant(weights, tf.float32)
    )
    stylized: np.ndarray = answer["stylized_images"].numpy()
    return stylized


def test_weights_beside_floats(model: Any, network: Network) -> None:
    images = np.stack([PHOTO, PHOTO[::-1]]) / np.float32(255)
    weights = [[0.2, 0.3, 0.1], [0.0, 0.0, 0.0]]
    got = by_floats(model, images, weights)
    np.testing.assert_allclose(got[0] * 255, expected(network, weights[0]), atol=0.01)
    np.testing.assert_allclose(got[1], images[1], atol=1e-6)
    one = model.signatures["serving_default"](images=tf.constant(images[:1]))["stylized_images"]
    np.testing.assert_allclose(by_floats(model, images[:1], [[1, 0, 0]]), one, atol=1e-6)
    for weights, sentence in (
        ([[0.8, 0.8, 0.0]], "must sum to at most 1"),
        ([[np.nan, 0.0, 0.0]], "must lie between 0 and 1"),
        ([[1.0, 0.0, 0.0]] * 2, "one row for each picture"),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=sentence):
            by_floats(model, images[:1], weights)


def expected(network: Network, weights: list[float]) -> np.ndarray:
    images = tf.constant(PHOTO[np.newaxis] / 127.5 - 1.0, tf.float32)
    return any_size(network, images, style_weights=[weights]).numpy()[0] * 127.5 + 127.5


def test_strength_blends_pixels(model: Any, network: Network) -> None:
    full = expected(network, [1.0, 0.0, 0.0])
    assert np.abs(full - PHOTO).max() > 30
    for strength in (0.0, 0.25, 1.0):
        (got,) = serve(model, "serve_bytes_strength", png(PHOTO), strength=strength)
        blended = PHOTO + strength * (full - PHOTO)
        # Half a level of rounding.
        np.testing.assert_allclose(got, blended, atol=0.51)
    (photo,) = serve(model, "serve_bytes_strength", png(PHOTO), strength=0.0)
    np.testing.assert_array_equal(photo, PHOTO)
    (plain,) = serve(model, "serve_bytes", png(PHOTO))
    np.testing.assert_allclose(plain, full, atol=0.51)


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_one_strength_for_all(model: Any, shape: tuple[int, ...]) -> None:
    pictures = [png(PHOTO), png(PHOTO[:4])]
    strength = np.full(shape, 0.0)
    got = serve(model, "serve_bytes_strength", *pictures, strength=strength)
    np.testing.assert_array_equal(got[0], PHOTO)
    np.testing.assert_array_equal(got[1], PHOTO[:4])
    assert serve(model, "serve_bytes_strength", strength=strength) == []


@pytest.mark.parametrize("shape", [(2,), (2, 1)])
def test_a_strength_for_each(model: Any, shape: tuple[int, ...]) -> None:
    strength = np.reshape([0.0, 1.0], shape)
    got = serve(model, "serve_bytes_strength", png(PHOTO), png(PHOTO), strength=strength)
    np.testing.assert_array_equal(got[0], PHOTO)
    np.testing.assert_array_equal(got[1], serve(model, "serve_bytes", png(PHOTO))[0])


@pytest.mark.parametrize("strength", [np.nan, -0.01, 1.01, np.inf, [0.5, np.nan]])
def test_strength_out_of_range(model: Any, strength: Any) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="strength must lie between 0 and 1"):
        serve(model, "serve_bytes_strength", png(PHOTO), png(PHOTO), strength=strength)


@pytest.mark.parametrize("strength", [[0.5] * 3, []])
def test_strengths_for_other_pictures(model: Any, strength: Any) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="or one for each picture"):
        serve(model, "serve_bytes_strength", png(PHOTO), png(PHOTO), strength=strength)


def test_styles_by_weight(model: Any, network: Network) -> None:
    weights = [[0.0, 1.0, 0.0], [0.2, 0.0, 0.3], [0.0, 0.0, 0.0], [0.5, 0.5, 0.00005]]
    got = serve(model, "serve_bytes_style", *[png(PHOTO)] * 4, style_weights=weights)
    for picture, of_style in zip(got, weights, strict=True):
        np.testing.assert_allclose(picture, expected(network, of_style), atol=0.51)
    np.testing.assert_array_equal(got[2], PHOTO)
    assert np.abs(got[0].astype(int) - got[1]).max() > 10


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ([[0.6, 0.6, 0.0]], "must sum to at most 1"),
        ([[1.1, -0.2, 0.0]], "must lie between 0 and 1"),
        ([[np.nan, 0.0, 0.0]], "must lie between 0 and 1"),
        ([[1.0, 0.0, 0.0]] * 2, "one row for each picture"),
    ],
)
def test_weights_that_are_none(model: Any, weights: Any, sentence: str) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=sentence):
        serve(model, "serve_bytes_style", png(PHOTO), style_weights=weights)


def test_a_model_of_one_style_takes_no_weights(plain_export: Path) -> None:
    loaded = tf.saved_model.load(str(plain_export))
    assert set(loaded.signatures) == {
        "serving_default",
        "serve_bytes",
        "serve_bytes_strength",
        "tile",
        "tiling",
    }
