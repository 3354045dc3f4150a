"""Pages opened in a browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def open_file(browser: Any) -> Iterator[Any]:
    """Opens a page; nothing may go wrong in it, nor be asked of anywhere but its folder."""
    contexts, faults = [], []

    def open_(path: Path, *, still: bool = False, **options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        known = (path.parent.as_uri(), "blob:", "data:")
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("requestfailed", lambda request: faults.append(request.url))
        page.on(
            "request",
            lambda request: request.url.startswith(known) or faults.append(request.url),
        )
        if still:  # Time goes on where the test says so.
            page.clock.install()
        page.goto(path.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert faults == []
