"""The page with a model that takes a style picture beside the photo."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

from style_gan_tf.images import decode, encode
from style_gan_tf.serving.rest import RestError
from style_gan_tf.serving.server import ServerSettings
from tests.serving.pages import PHOTO, Open, downloaded, drop, finished, picture
from tests.serving.stand_ins import FunctionModel, Running, manager_of, running, spec

RED = (250, 10, 20)


def _tinted(data: bytes, share: float, colour: Any) -> bytes:
    pixels = decode(data).rgb.astype(float)
    return encode(np.rint(pixels + share * (colour - pixels)).astype(np.uint8), format="png")


def _by_reference(
    image_bytes: np.ndarray, reference_bytes: np.ndarray, strength: np.ndarray
) -> dict[str, np.ndarray]:
    """The photo in the mean colour of the reference."""
    look = decode(reference_bytes[0]).rgb
    if np.ptp(look, axis=(0, 1)).max() == 0:
        words = "reference_bytes is a picture of one colour, which is no style"
        raise RestError("INVALID_ARGUMENT", f"assertion failed: [{words}] [node]")
    painted = _tinted(image_bytes[0], float(strength[0]), look.mean(axis=(0, 1)))
    return {"stylized_image_bytes": np.array([painted], object)}


def _by_style(image_bytes: np.ndarray, style_weights: np.ndarray) -> dict[str, np.ndarray]:
    painted = _tinted(image_bytes[0], float(style_weights.sum()), np.array(RED))
    return {"stylized_image_bytes": np.array([painted], object)}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    image_bytes, number = spec("string"), spec("float")
    any_style = FunctionModel(
        serve_bytes_reference=(
            {"image_bytes": image_bytes, "reference_bytes": image_bytes, "strength": number},
            _by_reference,
        ),
        serve_bytes_style=({"image_bytes": image_bytes, "style_weights": number}, _by_style),
    )
    dims = {"dtype": "DT_FLOAT", "tensor_shape": {"dim": [{"size": "-1"}, {"size": "2"}]}}
    any_style.metadata = {
        name: {"inputs": {key: dims for key in inputs}} for name, inputs in any_style.inputs.items()
    }
    folder = tmp_path_factory.mktemp("models")
    with running(manager_of(folder, any_style=any_style), ServerSettings(demo=True)) as at_work:
        yield at_work


@pytest.fixture
def open_page(open_at: Open, served: Running) -> Open:
    return partial(open_at, served.port)


def look(share: float = 0.5) -> bytes:
    """Black and white, so much of it white."""
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[: round(40 * share)] = 255
    return encode(pixels, format="png")


def next_answer(page: Any) -> None:
    """Forget that something was finished before."""
    page.evaluate("document.getElementById('told').textContent = ''")


NAMED = ["any_style: style 1", "any_style: style 2"]


def chosen(page: Any) -> str:
    return page.locator("#style option:checked").inner_text()


def test_a_style_picture_comes_and_goes(open_page: Open) -> None:
    page = open_page()
    assert page.is_visible("#look") and not page.is_visible("#remove")
    page.select_option("#style", label=NAMED[1])
    # Before there is a photo.
    drop(page, look(), "look.png", on="#look small")
    page.wait_for_selector("#painting:not([hidden])")
    assert page.inner_text("#told") == "Now choose a photo."
    assert chosen(page) == "any_style: your style picture"
    drop(page, picture())
    finished(page)
    np.testing.assert_allclose(downloaded(page)[1], 127.5, atol=1)
    # Another one, by the file dialog.
    next_answer(page)
    page.set_input_files(
        "#reference", {"name": "b.png", "mimeType": "image/png", "buffer": look(0.25)}
    )
    finished(page)
    np.testing.assert_allclose(downloaded(page)[1], 63.75, atol=1)
    next_answer(page)
    page.locator("#strength").fill("40")
    finished(page)
    np.testing.assert_allclose(downloaded(page)[1], 0.6 * PHOTO + 0.4 * 63.75, atol=1)
    # A style of the model's own, while it is there.
    next_answer(page)
    page.select_option("#style", label=NAMED[0])
    finished(page)
    np.testing.assert_allclose(downloaded(page)[1], 0.6 * PHOTO + 0.4 * np.array(RED), atol=1)
    page.select_option("#style", label="any_style: your style picture")
    next_answer(page)
    page.click("#remove")
    finished(page)
    assert chosen(page) == NAMED[1], "what was chosen before"
    assert page.locator("#style option").all_inner_texts() == NAMED
    assert not page.is_visible("#painting") and not page.is_visible("#remove")
    np.testing.assert_allclose(downloaded(page)[1], 0.6 * PHOTO + 0.4 * np.array(RED), atol=1)


def test_what_is_wrong_with_a_style_picture_is_told_in_words(open_page: Open) -> None:
    page = open_page()
    drop(page, picture())
    finished(page)
    drop(page, b"no picture", "notes.txt", "text/plain", on="#look")
    page.wait_for_selector("#alarm:not([hidden])")
    assert "notes.txt is damaged, or no picture" in page.inner_text("#alarm")
    assert not page.is_visible("#painting")
    drop(page, picture((9, 9, 9)), "dull.png", on="#look")
    page.wait_for_selector("#again:not([hidden])")
    told = "The server says: the style picture is a picture of one colour, which is no style"
    assert page.inner_text("#alarm") == told
    next_answer(page)
    page.click("#remove")
    finished(page)
    assert not page.is_visible("#alarm")
    assert page.evaluate("document.activeElement.id") == "reference", "the keyboard's place"


def test_it_is_usable_by_keyboard(open_page: Open) -> None:
    page = open_page()
    drop(page, look(), on="#look")
    page.wait_for_selector("#painting:not([hidden])")
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    assert reached == ["file", "reference", "remove", "style"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(open_page: Open, scheme: str) -> None:
    page = open_page(
        viewport={"width": 320, "height": 640}, color_scheme=scheme, has_touch=True, is_mobile=True
    )
    assert page.inner_text("#look .by-thumb") == "Choose a style picture"
    drop(page, look(), on="#look")
    page.wait_for_selector("#painting:not([hidden])")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.inner_text("#look .by-thumb") == "Choose another"
    assert page.evaluate("document.getElementById('remove').offsetHeight") >= 44
