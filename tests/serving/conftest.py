"""An export that several tests serve, and a browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from style_gan_tf.exporting import export_saved_model
from tests import reference_model
from tests.serving.pages import Open


@pytest.fixture(scope="session")
def reference_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version of two named styles and a style encoder."""
    return export_saved_model(reference_model.build(), tmp_path_factory.mktemp("reference") / "any")


@pytest.fixture
def open_at(browser: Any) -> Iterator[Open]:
    """Opens the page at a port; nothing may go wrong in it, nor be asked of another host."""
    contexts, faults = [], []

    def open_(port: int, **options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        origin = f"http://127.0.0.1:{port}/"
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((origin, "blob:", "data:")) or faults.append(request.url)
            ),
        )
        page.goto(origin)
        page.wait_for_selector("body.ready")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert faults == []
