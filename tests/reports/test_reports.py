"""Test sets, measuring several models, curves, the page."""

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
    assert "content_edges" not in found["untouched photos"]
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
    def column(name, value, pictures=None):
        figures = [Figure(metric, "", value, math.nan) for metric in ("kid", "content_edges")]
        return Column(name, tuple(figures), pictures)

    drawn = np.zeros((1, 2, 2, 3))
    columns = [column("untouched", 0.0), column("a", 3.0, drawn), column("b", 2.0, drawn)]
    assert best_of(columns, "kid") == "b"  # The smaller the better.
    assert best_of(columns, "content_edges") == "a"  # The larger.
    assert best_of(columns[:2], "kid") is None


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
    """What a page holds: its tags, its text, where its pictures come from."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.text, self.sources = [], "", []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.sources += [value for name, value in attributes if name in ("src", "href")]

    def handle_data(self, data):
        self.text += data


def test_the_page_needs_nothing_beside_it(report, tmp_path: Path):
    path = tmp_path / "index.html"
    curves = {"same": [reports.draw_curves("loss", {"": [(0, 1.0), (1, 0.5)]})]}
    reports.write_page(report, curves, path, "Photos & <paintings>")
    page = Page(path.read_text())
    assert "Photos & <paintings>" in page.text and "<dark>" in page.text
    assert "dark" not in page.tags and "paintings" not in page.tags
    # One sheet of all models and one for each.
    assert len(page.sources) == 3
    assert all(source.startswith("data:image/jpeg;base64,") for source in page.sources)
    assert "untouched photos" in page.text and page.tags.count("svg") == 1
    assert "then the middle square. Features: squeezenet" in page.text


def test_what_a_network_of_one_size_does_is_told():
    network = Extractor("seer", None, ("deep",), minimum=1, size=299)
    assert _resizing_of(network) == "; for seer to 299 pixels by TensorFlow's antialiased bilinear"


def test_curves_of_a_run(tmp_path: Path):
    assert reports.training_curves(tmp_path / "metrics.csv") == []
    rows = ["step,minutes,loss,flat,kid"]
    rows += [f"{s},{s / 60},{100 / (s + 1)},1,{s if s % 50 == 0 else ''}" for s in range(200)]
    (tmp_path / "metrics.csv").write_text("\n".join(rows) + "\n")
    loss, kid = reports.training_curves(tmp_path / "metrics.csv")
    assert "loss" in loss and "kid" in kid
    points = loss.split('points="')[1].split('"')[0].split()
    assert 2 < len(points) <= 60
    across = [float(point.split(",")[0]) for point in points]
    assert across == sorted(across)


def test_several_curves_share_a_frame_and_are_named():
    drawing = reports.draw_curves("KID", {"ours": [(0, 4), (2, 2)], "a < b": [(0, 4), (4, 3)]})
    assert drawing.count("<polyline") == 2 and "a &lt; b" in drawing
    first, second = (part.split('"')[0].split() for part in drawing.split('points="')[1:])
    assert first[0] == second[0]  # Both begin at one place.
    assert float(first[1].split(",")[0]) < float(second[1].split(",")[0])
