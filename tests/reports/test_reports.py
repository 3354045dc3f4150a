"""Test sets, measuring several models, curves, the page."""

import dataclasses
import json
import math
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from style_gan_tf import data, reports
from style_gan_tf.errors import UserError
from style_gan_tf.metrics import METRICS, Figure, Judge
from style_gan_tf.networks import Extractor, load_extractor
from style_gan_tf.reports.report import Column, _ranking, _resizing_of, best_of
from tests.extractor_weights import write_squeezenet


@pytest.fixture(scope="module")
def report(tmp_path_factory, two_folders) -> reports.Report:
    weights = tmp_path_factory.mktemp("weights") / "w.h5"
    write_squeezenet(weights)
    content, style = (data.open_source(str(folder)) for folder in two_folders)
    test_set = reports.read_test_set(content, style, content, size=40)
    judge = Judge(test_set.style, load_extractor("squeezenet", weights))
    models = {"same": lambda images: images, "<dark>": lambda images: images - 1.0}
    return reports.measure_models(models, test_set, judge)


def columns(report):
    return {column.name: {f.metric: f for f in column.figures} for column in report.columns}


def test_the_test_set_is_squares_of_the_smallest_side(two_folders):
    content, style = (data.open_source(str(folder)) for folder in two_folders)
    test_set = reports.read_test_set(content, style)
    assert test_set.size == 64 and test_set.content.shape == (12, 64, 64, 3)
    assert test_set.names[0] == "photos_00.png" and test_set.reference is None
    few = reports.read_test_set(content, style, images=3)
    assert few.names == ("photos_00.png", "photos_06.png", "photos_11.png")
    held_out = reports.read_test_set(content, style, part="held_out")
    assert set(held_out.names) == set(data.split(content, "held_out").keys)


def test_references_go_by_name_whatever_their_suffix(two_folders, tmp_path):
    content, style = (data.open_source(str(folder)) for folder in two_folders)
    for index in range(12):
        picture = Image.new("RGB", (64, 64), (20 * index, 0, 0))
        picture.save(tmp_path / f"photos_{index:02d}.bmp.png")
        picture.save(tmp_path / f"photos_{index:02d}.webp", lossless=True)
    reference = data.open_source(str(tmp_path / "*.webp"))
    found = reports.read_test_set(content, style, reference, images=3).reference
    np.testing.assert_allclose((found[:, 0, 0, 0] + 1) * 127.5, [0, 120, 220], atol=1)
    (tmp_path / "photos_06.webp").unlink()
    with pytest.raises(UserError, match=r"no picture of the name of photos_06\.png"):
        reports.read_test_set(content, style, data.open_source(str(tmp_path / "*.webp")))


def test_the_ends_of_the_scale_stand_beside_the_models(report):
    found = columns(report)
    assert list(found) == ["untouched photos", "same", "<dark>", "real style images"]
    assert found["same"]["kid"] == found["untouched photos"]["kid"]
    # What asks for the photo has its end of the scale there.
    assert found["untouched photos"]["content_edges"].value == pytest.approx(1)
    assert found["untouched photos"]["content_distance"].value == pytest.approx(0, abs=1e-6)
    assert found["untouched photos"]["chroma"].value == pytest.approx(1)
    assert "content_edges" not in found["real style images"]
    assert found["same"]["content_edges"].value == pytest.approx(1)
    assert math.isinf(found["same"]["reference_psnr"].value)
    near, far = (found[name]["sliced_wasserstein"].value for name in ("real style images", "same"))
    assert near < far
    assert [column.name for column in report.models] == ["same", "<dark>"]


def test_pictures_are_ranked_from_the_nearest_on(report):
    for column in report.models:
        assert sorted(column.ranking) == list(range(12))


class Distances:
    """A judge that sees four numbers, of ten real pictures in two clusters."""

    extractor = SimpleNamespace(standardize=True)
    style_embeddings = np.repeat([[0.0, 0, 0, 0], [1, 1, 1, 1]], 5, axis=0)


def test_the_nearest_to_real_pictures_comes_first(monkeypatch):
    # Away from both clusters, in one of them, and near the other.
    seen = np.array([[9.0] * 4, [1.0] * 4, [0.2] * 4])
    monkeypatch.setattr("style_gan_tf.reports.report.embed", lambda extractor, pictures: seen)
    assert _ranking(Distances(), np.zeros((3, 8, 8, 3))) == (1, 2, 0)


def test_the_best_of_a_row_is_a_models():
    columns = [column("untouched", 0.0), column("a", 3.0, drawn=True), column("b", 2.0, drawn=True)]
    assert best_of(columns, "kid") == "b"  # The smaller the better.
    assert best_of(columns, "content_edges") == "a"  # The larger.
    assert best_of(columns[:2], "kid") is None


def column(name, value, error=0.1, drawn=False):
    names = ("kid", "content_edges", "sharpness")
    figures = [Figure(metric, "", value, error) for metric in names]
    return Column(name, tuple(figures), np.zeros((1, 2, 2, 3)) if drawn else None)


@pytest.mark.parametrize(
    ("errors", "best"), [((0.5, 0.5), "b"), ((0.8, 0.8), None), ((0.1, math.nan), None)]
)
def test_nothing_is_best_within_the_errors(errors, best):
    """3 and 2 differ by 1; the errors together are the root of the sum of their squares."""
    pair = [column(n, v, e, True) for n, v, e in zip("ab", (3.0, 2.0), errors, strict=True)]
    assert best_of(pair, "kid") == best
    assert best_of([*pair, column("c", 9.0, 8.0, True)], "kid") == best  # The third says nothing.


def test_of_figures_without_a_better_the_nearest_to_the_real_ones_is_best():
    pair = [column("a", -3.0, drawn=True), column("b", 5.0, drawn=True)]
    assert best_of([*pair, column("real style images", 4.0)], "sharpness") == "b"
    assert best_of([*pair, column("real style images", -1.0)], "sharpness") == "a"
    assert best_of(pair, "sharpness") is None


def test_runs_of_one_recipe_are_one_column_with_the_error_of_seeds(report, two_folders):
    judge = Judge(report.test_set.style, load_extractor("squeezenet"))
    runs = [lambda images, dark=dark: images - dark for dark in (0.0, 0.1, 0.4)]
    found = reports.measure_models({"all": runs, "one": runs[1]}, report.test_set, judge)
    together, one = (found.columns[place] for place in (1, 2))
    values = [{f.label: f.value for f in figures}["chroma"] for figures in together.runs]
    assert len(values) == 3 and values[1] == {f.label: f.value for f in one.figures}["chroma"]
    chroma = next(f for f in together.figures if f.label == "chroma")
    assert chroma.value == pytest.approx(np.mean(values))
    assert chroma.error == pytest.approx(np.std(values, ddof=1) / 3**0.5)
    told = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert [run["chroma"]["value"] for run in told["runs"]["all"]] == values
    assert "one" not in told["runs"]


def test_whole_pictures_are_as_large_as_they_are_used(tmp_path):
    for name, size in (("wide", (500, 240)), ("small", (300, 260)), ("narrow", (300, 90))):
        Image.new("RGB", size, (90, 120, 200)).save(tmp_path / f"{name}.png")
    source = data.open_source(str(tmp_path))
    test_set = reports.read_whole_test_set(source, source, size=480)
    sizes = dict(zip(test_set.names, (p.shape[:2] for p in test_set.content), strict=True))
    # Shrunk by the longer side, never enlarged.
    assert sizes == {"wide.png": (230, 480), "small.png": (260, 300), "narrow.png": (90, 300)}
    assert test_set.crop == reports.CROP and "480 pixels" in test_set.resizing
    judge = Judge(test_set.style, load_extractor("squeezenet"), crop=test_set.crop)
    found = reports.measure_models({"same": lambda x: x}, test_set, judge)
    assert [p.shape for p in found.models[0].pictures] == [p.shape for p in test_set.content]
    reports.write_page(found, {}, tmp_path / "index.html", "whole")
    assert "480 pixels where it is longer" in (tmp_path / "index.html").read_text()
    with pytest.raises(UserError, match="no picture has 227 pixels a side"):
        reports.read_whole_test_set(source, data.open_source(str(tmp_path / "n*.png")), size=480)


def test_report_json_holds_every_figure(report):
    found = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert found["format"] == 1 and found["extractor"] == "squeezenet"
    kid = columns(report)["same"]["kid"]
    assert found["columns"]["same"]["kid_squeezenet"] == {"value": kid.value, "error": kid.error}
    assert found["columns"]["same"]["reference_psnr"]["value"] is None  # Infinite.
    assert found["ranking"]["same"][0].endswith(".png")
    assert set(found["metrics"]) == set(METRICS)


def test_the_table_names_all(report):
    lines = reports.table(report).splitlines()
    assert "untouched photos" in lines[0] and "<dark>" in lines[0]
    assert any(line.startswith("kid_squeezenet") and "+-" in line for line in lines)


class Page(HTMLParser):
    """What a page holds: its tags, its text, its pictures."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.text, self.sources, self.told, self._within = [], "", [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self._within = tag
        attributes = dict(attributes)
        self.sources += [attributes[name] for name in ("src", "href") if name in attributes]
        if tag == "img" and "src" in attributes:
            self.told.append(attributes["alt"])

    def handle_data(self, data):
        if self._within not in ("style", "script"):
            self.text += " ".join(data.split()) + " "


@pytest.fixture(scope="module")
def page(report, tmp_path_factory) -> Page:
    path = tmp_path_factory.mktemp("page") / "index.html"
    runs = {
        "same": {"kid_squeezenet": [(0, 3.0), (1, 1.0)], "flat": [(0, 1.0), (1, 1.0)]},
        "<dark>": {"kid_squeezenet": [(0, 2.0), (2, 1.5)]},
    }
    reports.write_page(report, runs, path, "Photos & <paintings>")
    return Page(path.read_text())


def test_the_page_needs_nothing_beside_it(page):
    assert "Photos & <paintings>" in page.text and "<dark>" in page.text
    assert "dark" not in page.tags and "paintings" not in page.tags
    assert all(source.startswith("data:") for source in page.sources)
    assert "untouched photos" in page.text
    assert "then the middle square. Features: squeezenet" in page.text


def test_every_picture_says_what_it_is(page):
    # Side by side: photos, two models, references, style images; then six of each model and photo.
    assert len(page.told) == 5 * 8 + 2 * 2 * 9
    assert page.told[:2] == ["photo: photos_00.png", "photo: photos_02.png"]
    assert page.told[8] == "same: photos_00.png" and page.told[16] == "<dark>: photos_00.png"
    assert page.told[24] == "reference: photos_00.png"
    assert page.told[32] == "style image, for comparison: 1"
    for label in ("photo", "same", "<dark>", "reference", "best", "median", "worst"):
        assert f" {label} " in page.text


def test_figures_have_their_errors_and_a_sentence(page, report):
    kid = columns(report)["same"]["kid"]
    assert f"{kid.value:.4g} \u00b1 {kid.error:.2g}" in page.text
    assert "kernel distance to the style images, times 1000; lower is better" in page.text


def test_all_runs_share_the_frames(page):
    assert page.tags.count("svg") == 1 and page.tags.count("polyline") == 2
    assert "all runs in one frame" in page.text


def test_the_best_has_a_star(report, tmp_path):
    reports.write_page(report, {}, tmp_path / "index.html", "t")
    text = (tmp_path / "index.html").read_text()
    assert 'class="best" data-column="same"' in text
    assert 'class="best" data-column="untouched photos"' not in text
    assert "<svg" not in text and "<h2>Training" not in text


def test_what_a_network_of_one_size_does_is_told():
    network = Extractor("seer", None, ("deep",), minimum=1, size=299)
    assert _resizing_of(network) == "; for seer to 299 pixels by TensorFlow's antialiased bilinear"


def test_curves_of_a_run(tmp_path: Path):
    assert reports.read_metrics(tmp_path / "metrics.csv") == {}
    assert reports.training_curves({"mine": {}}) == []
    rows = ["step,minutes,generator/nce,flat,kid_squeezenet"]
    rows += [f"{s},{s / 60},{100 / (s + 1)},1,{s if s % 50 == 0 else ''}" for s in range(200)]
    (tmp_path / "metrics.csv").write_text("\n".join(rows) + "\n")
    by_step = reports.read_metrics(tmp_path / "metrics.csv", across="step")
    assert by_step["kid_squeezenet"] == [(0, 0), (50, 50), (100, 100), (150, 150)]
    runs = {"mine": reports.read_metrics(tmp_path / "metrics.csv")}
    loss, kid = reports.training_curves(runs)
    assert "nce" in loss.svg and "the generator is trained to make it small" in loss.text
    assert "kid" in kid.svg and kid.text == METRICS["kid"].text
    points = loss.svg.split('points="')[1].split('"')[0].split()
    assert 2 < len(points) <= 60
    across = [float(point.split(",")[0]) for point in points]
    assert across == sorted(across)
    assert "mine" not in loss.svg  # One run needs no name.


def test_several_curves_share_a_frame_and_are_named():
    drawing = reports.draw_curves("KID", {"ours": [(0, 4), (2, 2)], "a < b": [(0, 4), (4, 3)]})
    assert drawing.count("<polyline") == 2 and "a &lt; b" in drawing
    first, second = (part.split('"')[0].split() for part in drawing.split('points="')[1:])
    assert first[0] == second[0]  # Both begin at one place.
    assert float(first[1].split(",")[0]) < float(second[1].split(",")[0])


def test_a_run_keeps_its_colour_in_every_frame():
    lines = {"b": [(0, 4), (2, 2)]}
    alone = reports.draw_curves("KID", lines, order=["a", "b"])
    both = reports.draw_curves("KID", {"a": [(0, 1), (1, 2)], **lines}, order=["a", "b"])
    colour = alone.split("stroke:")[1].split(";")[0]
    assert colour == both.split("stroke:")[2].split(";")[0] != both.split("stroke:")[1]
    assert ">b<" in alone  # Of two runs it has to be said which.


def test_names_that_are_long_take_several_lines():
    lines = {f"a run with quite a long name {i}": [(0, i), (1, i + 1)] for i in range(4)}
    drawing = reports.draw_curves("KID", lines)
    rows = {part.split('y="')[1].split('"')[0] for part in drawing.split("<text")[-4:]}
    assert len(rows) >= 2
    height = float(drawing.split('viewBox="0 0 420 ')[1].split('"')[0])
    assert height > 180


def test_figures_of_squares_are_linked(report, tmp_path):
    for squares in ("", "squares.html"):
        reports.write_page(report, {}, tmp_path / "index.html", "t", squares)
        assert ('href="squares.html"' in (tmp_path / "index.html").read_text()) == bool(squares)


def test_numbers_of_a_table_never_touch(report):
    wide = Figure("kid", "", 123456.7, 345678.9)
    columns = tuple(Column(name, (wide,)) for name in ("a", "b"))
    line = reports.table(dataclasses.replace(report, columns=columns)).splitlines()[1]
    assert line.split("1.235e+05 +- 3.5e+05") == [line[: line.index("1")], "  ", ""]
