"""Stages in threads."""

import threading
import time
from collections.abc import Iterator

import pytest

from style_gan_tf.inference.video.background import in_background


def test_order_and_end() -> None:
    assert list(in_background(in_background(range(100), 2), 3)) == list(range(100))


def test_stages_run_at_the_same_time() -> None:
    def slow(items: Iterator[int]) -> Iterator[int]:
        for item in items:
            time.sleep(0.05)
            yield item

    begin = time.monotonic()
    stages = in_background(slow(in_background(slow(iter(range(10))), 2)), 2)
    assert len(list(stages)) == 10
    assert time.monotonic() - begin < 0.85  # one after another: 1 s


def test_it_runs_ahead_by_a_bounded_number() -> None:
    made = []

    def items() -> Iterator[int]:
        for item in range(100):
            made.append(item)
            yield item

    stage = in_background(items(), 3)
    assert next(stage) == 0
    time.sleep(0.2)
    assert len(made) <= 5
    stage.close()


def test_errors_come_in_their_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise KeyError("two")

    stage = in_background(items(), 9)
    assert next(stage) == 1
    with pytest.raises(KeyError, match="two"):
        next(stage)


def test_closing_ends_all_threads_and_iterators() -> None:
    closed = []

    def items(name: str) -> Iterator[int]:
        try:
            while True:
                yield 0
        finally:
            closed.append(name)

    def through(inner: Iterator[int]) -> Iterator[int]:
        try:
            yield from inner
        finally:
            closed.append("outer")

    before = threading.active_count()
    stage = in_background(through(in_background(items("inner"), 2)), 2)
    next(stage)
    stage.close()
    assert sorted(closed) == ["inner", "outer"] and threading.active_count() == before
