"""What hands do with the page in a browser, and what is to be seen of it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from style_gan_tf.images import decode

WIDTH, HEIGHT = 96, 64
Open = Callable[..., Any]


def picture(colour: tuple[int, int, int] | None = None, kind: str = "PNG") -> bytes:
    """Smooth, so that browsers and codecs agree on it; or of one colour."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    pixels = np.stack([columns * 2, rows * 3, 255 - columns], -1).astype(np.uint8)
    if colour is not None:
        pixels = np.full((HEIGHT, WIDTH, 3), colour, np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


PHOTO = np.asarray(Image.open(io.BytesIO(picture()))).astype(int)


def drop(
    page: Any, data: bytes, name: str = "photo.png", kind: str = "image/png", on: str = ""
) -> None:
    """What a hand does with the mouse; anywhere, or on the element that a selector names."""
    page.evaluate(
        """([octets, name, type, on]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(octets)], name, { type }));
          const place = on ? document.querySelector(on) : window;
          const how = { dataTransfer: transfer, cancelable: true, bubbles: true };
          for (const kind of ["dragenter", "dragover", "drop"]) {
            place.dispatchEvent(new DragEvent(kind, how));
          }
        }""",
        [list(data), name, kind, on],
    )


def until(page: Any, condition: str) -> None:
    """Wait for a condition; Playwright's own way would need what the page's policy forbids."""
    for _ in range(1500):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"never so: {condition}; alarm: {page.inner_text('#alarm')}")


def finished(page: Any) -> None:
    """Wait until a picture is stylized."""
    until(
        page,
        "!document.getElementById('view').classList.contains('busy')"
        " && document.getElementById('told').textContent.includes('pixels in')",
    )


def shown(page: Any) -> np.ndarray:
    """What is to be seen of the two pictures, without tags, grip and round corners."""
    place = ".view { position: fixed; top: 0; left: 0; z-index: 9; border-radius: 0 }"
    page.add_style_tag(content=f"{place} .tag, .view input {{ visibility: hidden }}")
    data = page.screenshot(clip={"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT})
    page.evaluate("document.head.lastElementChild.remove()")
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def downloaded(page: Any) -> tuple[str, np.ndarray]:
    """The result's name and pixels."""
    with page.expect_download() as waiting:
        page.click("#download")
    data = Path(waiting.value.path()).read_bytes()
    return waiting.value.suggested_filename, decode(data).rgb.astype(int)
