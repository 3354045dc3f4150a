"""Bands over seeds, against what can be reckoned by hand."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from benchmarks.bands import _ticks, band, draw_bands


def test_a_band_is_the_least_the_mean_and_the_most():
    minutes, least, mean, most = band([[(0, 4.0), (10, 8.0)], [(2, 10.0), (8, 4.0)]])
    assert minutes[0] == 2 and minutes[-1] == 10
    # The first is 4 + 0.4 t, the second 12 - t until it ends; they cross at 40 / 7.
    lines = np.stack([4 + 0.4 * minutes, 12 - np.minimum(minutes, 8)])
    np.testing.assert_allclose(least, lines.min(axis=0))
    np.testing.assert_allclose(mean, lines.mean(axis=0))
    np.testing.assert_allclose(most, lines.max(axis=0))
    apart, *_ = band([[(0, 1.0), (1, 1.0)], [(2, 1.0), (3, 1.0)]])
    assert (apart[0], apart[-1]) == (2, 3)


def test_drawing_is_a_document_with_a_band_for_several_seeds():
    curves = {"ours": [[(1, 900.0), (60, 300.0)]], "cut & co": [[(5, 4e3), (60, 5e2)]] * 2}
    root = ElementTree.fromstring(draw_bands("kid <x1000>", curves))
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert names.count("polyline") == 2 and names.count("polygon") == 1
    assert names.count("circle") == 2
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert {"ours", "cut & co", "kid <x1000>", "500", "1000", "2000"} <= set(texts)
    width, height = (float(side) for side in root.get("viewBox").split()[2:])
    for element in root.iter():
        for pair in (element.get("points") or "").split():
            x, y = (float(value) for value in pair.split(","))
            assert 0 <= x <= width and 0 <= y <= height


def test_nothing_to_draw():
    assert draw_bands("kid", {}) == ""
    assert draw_bands("kid", {"ours": [[(1, 0.0)]]}).startswith("<svg ")


@pytest.mark.parametrize(
    ("ends", "logarithmic", "wanted"),
    [
        ((0.0, 60.0), False, [0, 20, 40, 60]),
        ((3.0, 4.0), False, [3, 3.2, 3.4, 3.6, 3.8, 4]),
        ((90.0, 2100.0), True, [100, 200, 500, 1000, 2000]),
        ((5.0, 5.0), False, [5]),
    ],
)
def test_ticks_are_round(ends, logarithmic, wanted):
    assert _ticks(*ends, logarithmic) == pytest.approx(wanted)
