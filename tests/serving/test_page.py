"""The page in a real browser: a picture dropped, strength moved, before and after compared."""

import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from style_gan_tf.images import decode, encode
from style_gan_tf.serving.rest import RestError
from style_gan_tf.serving.server import ServerSettings
from tests.serving.pages import (
    HEIGHT,
    PHOTO,
    WIDTH,
    Open,
    downloaded,
    drop,
    finished,
    picture,
    shown,
    until,
)
from tests.serving.stand_ins import FunctionModel, Running, manager_of, running, spec, write_card


def _negative(data: bytes, share: float) -> bytes:
    pixels = decode(data).rgb.astype(float)
    if (pixels == (1, 2, 3)).all():
        raise RestError("INVALID_ARGUMENT", "assertion failed: [this picture is too dull] [7]")
    return encode(np.rint(pixels + share * (255.0 - 2.0 * pixels)).astype(np.uint8), format="png")


def _each(image_bytes: np.ndarray, strength: Any = 1.0) -> dict[str, np.ndarray]:
    shares = np.broadcast_to(strength, len(image_bytes))
    answers = [_negative(data, share) for data, share in zip(image_bytes, shares, strict=True)]
    return {"stylized_image_bytes": np.array(answers, object)}


def _by_style(image_bytes: np.ndarray, style_weights: np.ndarray) -> dict[str, np.ndarray]:
    """The first style is the negative, the second leaves the picture as it is."""
    return _each(image_bytes, style_weights[:, 0])


def _told(*shape: str) -> dict[str, Any]:
    return {"dtype": "DT_STRING", "tensor_shape": {"dim": [{"size": size} for size in shape]}}


def _models() -> dict[str, FunctionModel]:
    image_bytes, strength = spec("string"), spec("float")
    blending = FunctionModel(
        serve_bytes=({"image_bytes": image_bytes}, _each),
        serve_bytes_strength=({"image_bytes": image_bytes, "strength": strength}, _each),
    )
    plain = FunctionModel(serve_bytes=({"image_bytes": image_bytes}, _each))
    styled = FunctionModel(
        serve_bytes_style=({"image_bytes": image_bytes, "style_weights": strength}, _by_style)
    )
    numbers = FunctionModel(serving_default=({"x": strength}, lambda x: {"y": x}))
    for model in (blending, plain, styled, numbers):
        model.metadata = {
            name: {"inputs": {key: _told("-1", "2") for key in inputs}}
            for name, inputs in model.inputs.items()
        }
    return {"blending": blending, "numbers": numbers, "plain": plain, "styled": styled}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("models")
    models = manager_of(folder, **_models())
    write_card(folder, "styled", '{"styles": ["negative", "none"]}')
    with running(models, ServerSettings(demo=True)) as at_work:
        yield at_work


@pytest.fixture
def open_page(open_at: Open, served: Running) -> Open:
    return partial(open_at, served.port)


CHOICES = ["blending", "plain", "styled: negative", "styled: none"]


def test_a_dropped_picture_is_stylized_and_compared(open_page: Open) -> None:
    page = open_page()
    assert page.locator("#style option").all_inner_texts() == CHOICES
    assert not page.is_visible("#look"), "no model here takes a style picture"
    drop(page, picture())
    finished(page)
    assert f"{WIDTH} x {HEIGHT} pixels" in page.inner_text("#told")
    half = shown(page)
    middle = WIDTH // 2
    np.testing.assert_allclose(half[:, : middle - 2], PHOTO[:, : middle - 2], atol=2)
    np.testing.assert_allclose(half[:, middle + 2 :], 255 - PHOTO[:, middle + 2 :], atol=2)
    name, result = downloaded(page)
    assert name == "photo-stylized.png"
    np.testing.assert_array_equal(result, 255 - PHOTO)
    # The divider, by keyboard and from edge to edge.
    for key, expected in (("Home", 255 - PHOTO), ("End", PHOTO)):
        page.focus("#divider")
        page.keyboard.press(key)
        np.testing.assert_allclose(shown(page)[:, 1:-1], expected[:, 1:-1], atol=2)


def test_the_divider_is_dragged(open_page: Open) -> None:
    page = open_page()
    drop(page, picture())
    finished(page)
    box = page.locator("#view").bounding_box()
    across = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, across)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, across, steps=4)
    page.mouse.up()
    seen, edge = shown(page), WIDTH // 4
    np.testing.assert_allclose(seen[:, : edge - 3], PHOTO[:, : edge - 3], atol=2)
    np.testing.assert_allclose(seen[:, edge + 3 :], 255 - PHOTO[:, edge + 3 :], atol=2)


@pytest.mark.parametrize("style", ["blending", "plain", "styled: negative"])
def test_strength(open_page: Open, style: str) -> None:
    """By the model where it takes strength, by the page where it does not: the same to see."""
    page = open_page()
    page.select_option("#style", label=style)
    drop(page, picture())
    finished(page)
    page.focus("#divider")
    page.keyboard.press("Home")
    for strength, expected in ((0, PHOTO), (25, PHOTO * 0.75 + (255 - PHOTO) * 0.25)):
        page.evaluate("document.getElementById('told').textContent = 'pixels in'")
        if style != "plain":
            page.evaluate("document.getElementById('view').classList.add('busy')")
        page.locator("#strength").fill(str(strength))
        finished(page)
        assert page.inner_text("#percent") == f"{strength} %"
        np.testing.assert_allclose(shown(page)[:, 1:-1], expected[:, 1:-1], atol=3)
        np.testing.assert_allclose(downloaded(page)[1], expected, atol=3)


def test_another_style(open_page: Open) -> None:
    page = open_page()
    drop(page, picture())
    finished(page)
    page.evaluate("document.getElementById('told').textContent = ''")
    page.select_option("#style", label="styled: none")
    finished(page)
    np.testing.assert_array_equal(downloaded(page)[1], PHOTO)


def test_errors_are_told_in_words(open_page: Open, served: Running) -> None:
    page = open_page()
    drop(page, picture((1, 2, 3)))
    page.wait_for_selector("#alarm:not([hidden])")
    assert page.inner_text("#alarm") == "The server says: this picture is too dull"
    assert page.is_visible("#again") and not page.is_visible("#download")
    assert not page.is_visible("#tag"), "nothing is stylized"
    # A picture that can be painted takes the alarm away.
    drop(page, picture())
    finished(page)
    assert not page.is_visible("#alarm") and page.is_visible("#download")
    drop(page, b"no picture", "notes.txt", "text/plain")
    page.wait_for_selector("#alarm:not([hidden])")
    assert "notes.txt is damaged, or no picture" in page.inner_text("#alarm")
    page.route("**/*:predict", lambda route: route.abort())
    drop(page, picture())
    page.wait_for_selector("#again:not([hidden])")
    assert "cannot be reached" in page.inner_text("#alarm")
    page.unroute("**/*:predict")
    page.click("#again")
    finished(page)
    assert not page.is_visible("#alarm")


def test_the_file_dialog_and_other_formats(open_page: Open) -> None:
    page = open_page()
    for name, mime, kind in (("a.webp", "image/webp", "WEBP"), ("b.jpg", "image/jpeg", "JPEG")):
        data = picture(kind=kind)
        page.evaluate("document.getElementById('told').textContent = ''")
        page.set_input_files("#file", {"name": name, "mimeType": mime, "buffer": data})
        finished(page)
        got = downloaded(page)[1]
        assert got.shape == PHOTO.shape and np.abs(got - (255 - PHOTO)).mean() < 6
    # A large one is shrunk before it travels.
    file = io.BytesIO()
    Image.new("RGB", (4096, 16), "red").save(file, "PNG")
    page.evaluate("document.getElementById('told').textContent = ''")
    page.set_input_files(
        "#file", {"name": "wide.png", "mimeType": "image/png", "buffer": file.getvalue()}
    )
    finished(page)
    assert "2048 x 8 pixels" in page.inner_text("#told")


def test_the_camera(open_page: Open) -> None:
    page = open_page()
    page.click("#camera")
    page.wait_for_selector("#viewer[open]")
    until(page, "document.getElementById('video').videoWidth > 0")
    page.click("#take")
    finished(page)
    assert not page.is_visible("#viewer") and page.is_visible("#download")
    assert page.evaluate("document.getElementById('video').srcObject") is None


def test_it_is_usable_by_keyboard(open_page: Open) -> None:
    page = open_page()
    drop(page, picture())
    finished(page)
    page.focus("#file")  # Where a browser begins after it has scrolled to the result is its own.
    reached = [page.evaluate("document.activeElement.id")]
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    assert reached == ["file", "style", "strength", "camera", "divider", "download"]
    labels = page.evaluate(
        """[...document.querySelectorAll("input, select, button, a, img")].filter((item) =>
             !(item.labels?.length || item.ariaLabel || item.alt || item.textContent.trim())
           ).map((item) => item.id)"""
    )
    assert labels == [], "everything has a name to read out"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(open_page: Open, scheme: str, tmp_path: Path) -> None:
    page = open_page(
        viewport={"width": 320, "height": 640}, color_scheme=scheme, has_touch=True, is_mobile=True
    )
    drop(page, picture())
    finished(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.inner_text(".drop").startswith("Choose a photo"), "nothing is dropped by a thumb"
    small = page.evaluate(
        """[...document.querySelectorAll("select, button, .button, .controls input")].filter(
             (item) => item.offsetParent && item.offsetHeight < 44).map((item) => item.id)"""
    )
    assert small == [], "large enough for a thumb"
    colours = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    ink, paper = (sum(map(int, colour[4:-1].split(","))) / 3 for colour in colours)
    assert (paper > 200 and ink < 60) if scheme == "light" else (paper < 60 and ink > 200)
