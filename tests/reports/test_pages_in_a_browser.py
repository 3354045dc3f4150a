"""The report and the run's page in a real browser: wide, on a phone, enlarged, refreshed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from style_gan_tf import reports
from style_gan_tf.metrics import Figure
from style_gan_tf.reports.report import Column, Report
from style_gan_tf.training import RunFolder, Settings
from style_gan_tf.training.run_page import RunPage, Standing
from style_gan_tf.training.samples import SampleSheet

PHONE = {"viewport": {"width": 390, "height": 700}, "has_touch": True, "is_mobile": True}
MODELS = ("mine", "a model with quite a long name", "theirs", "others")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of four models on five photos."""
    names = tuple(f"a_photo_with_a_long_name_{i}.jpg" for i in range(5))
    photos = np.linspace(-1, 1, 5)[:, None, None, None] * np.ones((5, 96, 96, 3))
    figures = (Figure("kid", "squeezenet", 1234.5, 67.8), Figure("content_edges", "", 0.5, 0.01))
    columns = [Column("untouched photos", figures)]
    columns += [Column(name, figures, photos, (4, 3, 2, 1, 0)) for name in MODELS]
    test_set = reports.TestSet(photos, names, photos, None, 96, "all", "all")
    facts = {"part": "all", "style_part": "all", "photos": 5, "style_images": 5, "size": 96}
    facts |= {"resizing": "none", "extractor": "squeezenet"}
    path = tmp_path_factory.mktemp("report") / "index.html"
    runs = {name: {"generator/nce": [(0, 1.0), (1, 2.0 + i)]} for i, name in enumerate(MODELS)}
    reports.write_page(Report(test_set, tuple(columns), facts), runs, path, "/a/path/" + "x" * 80)
    return path


def told(page: Any) -> str:
    return page.inner_text(".viewer p")


def test_arrows_go_from_picture_to_picture(open_file: Any, report: Path) -> None:
    page = open_file(report, viewport={"width": 1280, "height": 800})
    page.click("img.large >> nth=1")
    assert told(page) == "photo: a_photo_with_a_long_name_1.jpg (2 of 5), 3 times as large"
    box = page.locator(".viewer .pane img").bounding_box()
    assert (box["width"], box["height"]) == (288, 288)
    page.keyboard.press("ArrowRight")
    assert told(page).startswith("photo: a_photo_with_a_long_name_2.jpg (3 of 5)")
    page.keyboard.press("ArrowDown")  # The same photo, painted.
    assert told(page).startswith("mine: a_photo_with_a_long_name_2.jpg (3 of 5)")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")  # There is none before the first.
    assert told(page).startswith("photo: a_photo_with_a_long_name_0.jpg (1 of 5)")
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog.viewer")
    page.focus("img.large >> nth=5")
    page.keyboard.press("Enter")
    assert told(page).startswith("mine: a_photo_with_a_long_name_0.jpg")


def test_the_report_on_a_phone(open_file: Any, report: Path) -> None:
    page = open_file(report, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # The table is turned: each value has its column's name beside it, and all is in sight.
    cells = page.locator("td")
    for place in range(cells.count()):
        box = cells.nth(place).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    name = page.evaluate(
        "getComputedStyle(document.querySelector('td:nth-child(3)'), '::before').content"
    )
    assert name == '"mine"'
    page.tap("img.large >> nth=0")
    page.tap('[data-go="1"]')
    assert told(page).startswith("photo: a_photo_with_a_long_name_1.jpg (2 of 5)")


@pytest.fixture
def run(tmp_path: Path) -> tuple[RunFolder, RunPage]:
    folder = RunFolder(tmp_path / "run")
    settings = Settings(run_dir=str(folder.path), content_data="photos/" + "x" * 80)
    folder.open(settings)
    folder.metrics.write_text("step,minutes,kid_squeezenet\n1,1,3\n2,2,2\n3,3,4\n")
    page = RunPage(folder, settings, "kid_squeezenet", 99.0)
    pictures = [np.full((64, 64, 3), i, np.uint8) for i in range(6)]
    page.show(SampleSheet([pictures, pictures], ["photo", "stylized"]))
    (folder.samples / "step_00000003.png").touch()
    page.update(Standing(3, 10, 3.0, "7.0 min left"))
    return folder, page


def test_the_run_on_a_phone_and_its_pictures(open_file: Any, run: Any) -> None:
    page = open_file(run[0].page, **PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.querySelector('img.newest').naturalWidth") == 4 + 6 * 68


def test_an_open_page_comes_anew_unless_a_picture_is_looked_at(open_file: Any, run: Any) -> None:
    folder, run_page = run
    page = open_file(folder.page, still=True)
    page.evaluate("window.old = true")
    page.click("img.newest")
    page.clock.run_for(60_000)
    assert page.evaluate("window.old"), "not while a picture is looked at"
    run_page.update(Standing(10, 10, 9.0, state="finished"))
    page.keyboard.press("Escape")
    page.clock.run_for(21_000)
    page.wait_for_selector("text=finished")
    assert not page.evaluate("window.old")
    page.evaluate("window.old = true")
    page.clock.run_for(60_000)
    assert page.evaluate("window.old"), "nothing comes any more"
