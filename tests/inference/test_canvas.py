"""How a picture is surrounded and cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from style_gan_tf.inference.canvas import Canvas, Span, spans


def numbered(height: int, width: int) -> np.ndarray:
    numbers = np.arange(height * width, dtype=np.float32).reshape(height, width, 1)
    return np.repeat(numbers, 3, axis=2)


def cut_out(canvas: Canvas) -> np.ndarray:
    rows, columns = (Span(0, n, 0, n) for n in (len(canvas.rows), len(canvas.columns)))
    return canvas.tile(canvas.strip(rows), columns)[0]


@pytest.mark.parametrize(("mode", "wrap"), [("reflect", False), ("wrap", True)])
def test_surround_is_numpys(mode: str, wrap: bool) -> None:
    picture = numbered(9, 7)
    canvas = Canvas(lambda a, b: picture[a:b], 9, 7, ((4, 7), (0, 6)), wrap)
    expected = np.pad(picture, ((4, 7), (0, 6), (0, 0)), mode=mode)
    np.testing.assert_array_equal(cut_out(canvas), expected)


def test_too_small_to_be_reflected() -> None:
    picture = numbered(1, 3)
    canvas = Canvas(lambda a, b: picture[a:b], 1, 3, ((2, 5), (3, 2)))
    expected = np.pad(picture, ((2, 5), (3, 2), (0, 0)), mode="edge")
    np.testing.assert_array_equal(cut_out(canvas), expected)


@given(
    cells=st.integers(1, 70),
    stride=st.sampled_from([1, 2, 4]),
    tile=st.integers(1, 20),
    overlap=st.integers(0, 9),
    margin=st.integers(0, 3),
)
@settings(deadline=None, derandomize=True)
def test_spans_cover_a_side_once(cells, stride, tile, overlap, margin):
    length, margin = (cells + 2 * margin) * stride, margin * stride
    found = list(spans(length, tile * stride, overlap * stride, stride, margin))
    covered = np.concatenate([np.arange(span.start, span.stop) for span in found])
    np.testing.assert_array_equal(covered, np.arange(margin, length - margin))
    for span in found:
        assert 0 < span.stop - span.start <= tile * stride
        assert all(end % stride == 0 for end in (span.start, span.outer_start, span.outer_stop))
        assert span.outer_start == max(span.start - overlap * stride, 0)
        assert span.outer_stop == min(span.stop + overlap * stride, length)
    sizes = [span.stop - span.start for span in found]
    assert max(sizes) - min(sizes) <= stride


def test_rows_are_asked_for_from_top_to_bottom() -> None:
    picture, asked = numbered(50, 5), []

    def read(first: int, stop: int) -> np.ndarray:
        asked.append((first, stop))
        return picture[first:stop]

    canvas = Canvas(read, 50, 5, ((4, 6), (0, 0)))
    whole = np.pad(picture, ((4, 6), (0, 0), (0, 0)), mode="reflect")
    kept = []
    for span in spans(60, 20, 8, 4):
        strip = canvas.strip(span)
        np.testing.assert_array_equal(strip, whole[span.outer_start : span.outer_stop])
        seen, place = canvas.inside(span, 0)
        np.testing.assert_array_equal(strip[seen], picture[place])
        kept.append(strip[seen])
    np.testing.assert_array_equal(np.concatenate(kept), picture)
    assert asked == sorted(asked) and len(asked) == 3
