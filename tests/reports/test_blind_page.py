"""The blind test in a real browser: by keys, by touch, saved, and gone on with."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from style_gan_tf import reports

SIDE = 160
TEST = reports.draw_questions(("a", "b"), ["one", "two", "three"], "salt")


@pytest.fixture
def open_page(open_file: Any, tmp_path: Path) -> Any:
    photos = {name: np.full((SIDE, SIDE, 3), 0.0) for name in ("one", "two", "three")}
    results = {
        name: {key: np.full((SIDE, SIDE, 3), value) for key in photos}
        for name, value in (("a", 0.7), ("b", -0.7))
    }
    looks = [np.ones((64, 64, 3))] * 6
    (tmp_path / "index.html").write_text(reports.blind_page(TEST, photos, results, looks))

    def open_(**options: Any) -> Any:
        page = open_file(tmp_path / "index.html", **options)
        page.wait_for_selector("body.ready")
        return page

    return open_


def saved(page: Any) -> dict[str, Any]:
    with page.expect_download() as waiting:
        page.click("#save")
    assert waiting.value.suggested_filename.startswith(f"votes-{TEST.name}-")
    return json.loads(Path(waiting.value.path()).read_text())


def test_votes_by_keys(open_page: Any, tmp_path: Path) -> None:
    page = open_page()
    assert page.inner_text("#told") == "1 of 3" and page.is_disabled("#save")
    page.keyboard.press("1")
    page.keyboard.press("0")
    assert page.inner_text("#told") == "3 of 3"
    page.keyboard.press("Backspace")  # The second anew.
    assert page.get_attribute('[data-choice="none"]', "aria-pressed") == "true"
    page.keyboard.press("2")
    page.keyboard.press("Control+1")  # Is the browser's.
    assert page.inner_text("#told") == "3 of 3"
    page.fill("#who", "012")  # Digits in a name are no votes.
    assert page.inner_text("#told") == "3 of 3"
    page.keyboard.press("Tab")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("1")
    assert page.is_visible("#end") and not page.is_visible("main")
    facts = saved(page)
    assert [vote["choice"] for vote in facts["votes"]] == ["left", "right", "left"]
    assert facts["who"] == "012" and all(vote["seconds"] >= 0 for vote in facts["votes"])
    (tmp_path / "votes.json").write_text(json.dumps(facts))
    votes = reports.read_votes([tmp_path / "votes.json"], TEST)
    assert [vote.question for vote in votes] == list(TEST.questions)


def test_the_pictures_are_those_of_the_key(open_page: Any) -> None:
    page = open_page()
    for question in TEST.questions:
        for side, model in (("left", question.left), ("right", question.right)):
            grey = page.evaluate(
                """async (id) => {
                  const image = document.getElementById(id);
                  await image.decode();
                  const canvas = document.createElement("canvas");
                  const drawing = canvas.getContext("2d");
                  drawing.drawImage(image, 0, 0);
                  return drawing.getImageData(5, 5, 1, 1).data[0];
                }""",
                side,
            )
            assert grey == pytest.approx({"a": 217, "b": 38}[model], abs=2)
        page.click('[data-choice="left"]')


def test_it_goes_on_where_it_was_left(open_page: Any) -> None:
    page = open_page()
    page.keyboard.press("2")
    page.reload()
    page.wait_for_selector("body.ready")
    assert page.inner_text("#told") == "2 of 3"
    assert [vote["choice"] for vote in saved(page)["votes"]] == ["right"]


def test_a_phone(open_page: Any) -> None:
    page = open_page(viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.evaluate(
        "[...document.querySelectorAll('main button, #back, #save')]"
        ".filter((item) => item.offsetHeight < 44).length"
    )
    assert small == 0, "large enough for a thumb"
    left, right = (page.locator(name).bounding_box() for name in ("#left", "#right"))
    assert left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]
    page.tap('[data-choice="right"]')
    assert page.inner_text("#told") == "2 of 3"
    page.tap("#left")
    assert page.is_visible("dialog.viewer")
    page.tap('[data-go="0"]')
    assert not page.is_visible("dialog.viewer")
    page.tap("#back")
    assert page.inner_text("#told") == "1 of 3"


def test_a_picture_is_shown_pixel_for_pixel(open_page: Any) -> None:
    page = open_page()
    page.click("#left")
    box = page.locator(".viewer .pane img").bounding_box()
    assert (box["width"], box["height"]) == (SIDE, SIDE)
    assert page.inner_text(".viewer p") == "left (1 of 3)"
    # In the order in which they are seen.
    for told in ("the photo (2 of 3)", "right (3 of 3)"):
        page.keyboard.press("ArrowRight")
        assert page.inner_text(".viewer p") == told
    page.keyboard.press("1")  # Looking is not voting.
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog.viewer") and page.inner_text("#told") == "1 of 3"
