"""Stages that run at the same time, each in a thread of its own."""

import queue
import threading
from collections.abc import Generator, Iterable
from typing import TypeVar

_Item = TypeVar("_Item")
_PATIENCE = 0.1  # seconds between looks at whether anybody still takes what is made


class _End:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def in_background(items: Iterable[_Item], ahead: int) -> Generator[_Item, None, None]:
    """Iterate in another thread, which runs ahead by a bounded number of items.

    What the iteration raises is raised here, in its place. When this generator is closed, the
    other thread ends after the item at hand, and the iterator, if it is a generator, is closed.

    Args:
        items: What to iterate over.
        ahead: Items that may wait.
    """
    waiting: queue.Queue[_Item | _End] = queue.Queue(ahead)
    closed = threading.Event()

    def put(item: _Item | _End) -> bool:
        while not closed.is_set():
            try:
                waiting.put(item, timeout=_PATIENCE)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        error = None
        iterator = iter(items)
        try:
            for item in iterator:
                if not put(item):
                    break
        except BaseException as raised:
            error = raised
        finally:
            if close := getattr(iterator, "close", None):
                close()
            put(_End(error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            item = waiting.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        closed.set()
        thread.join()
