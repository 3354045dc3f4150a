"""The page sends a photo as small as the model paints well, and enlarges the painting."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

from style_gan_tf.images import decode, encode
from style_gan_tf.inference.paint_size import Enlarging, shrink
from style_gan_tf.serving.server import ServerSettings
from tests.serving.pages import HEIGHT, PHOTO, WIDTH, Open, downloaded, drop, finished, picture
from tests.serving.stand_ins import FunctionModel, Running, manager_of, running, spec, write_card

SIZES: list[tuple[int, int]] = []  # height and width of what the model was sent


def _grey(image_bytes: np.ndarray, strength: Any = 1.0) -> dict[str, np.ndarray]:
    """The photo's luminance in brown, at a strength."""
    answers = []
    for data, share in zip(image_bytes, np.broadcast_to(strength, len(image_bytes)), strict=True):
        rgb = decode(data).rgb.astype(float)
        SIZES.append(rgb.shape[:2])
        painted = (1 - share) * rgb + share * brown(rgb)
        answers.append(encode(np.rint(painted).astype(np.uint8), format="png"))
    return {"stylized_image_bytes": np.array(answers, object)}


def brown(rgb: np.ndarray) -> np.ndarray:
    seen = rgb @ np.array([0.299, 0.587, 0.114])
    return seen[..., np.newaxis] * np.array([0.9, 0.7, 0.4]) + 10


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("models")
    image_bytes, strength = spec("string"), spec("float")
    blending = FunctionModel(
        serve_bytes_strength=({"image_bytes": image_bytes, "strength": strength}, _grey)
    )
    strings = {"dtype": "DT_STRING", "tensor_shape": {"dim": [{"size": "-1"}]}}
    inputs = dict.fromkeys(("image_bytes", "strength"), strings)
    blending.metadata = {"serve_bytes_strength": {"inputs": inputs}}
    models = manager_of(folder, grey=blending)
    write_card(folder, "grey", '{"paint_size": 48}')
    with running(models, ServerSettings(demo=True)) as at_work:
        yield at_work


@pytest.fixture
def open_page(open_at: Open, served: Running) -> Open:
    return partial(open_at, served.port)


def test_a_large_photo_travels_small_and_comes_back_large(open_page: Open) -> None:
    page = open_page()
    SIZES.clear()
    drop(page, picture())
    finished(page)
    assert SIZES == [(HEIGHT // 2, WIDTH // 2)]
    told = page.inner_text("#told")
    assert f"{WIDTH} x {HEIGHT} pixels in" in told
    assert f"painted at {WIDTH // 2} x {HEIGHT // 2}." in told
    np.testing.assert_allclose(downloaded(page)[1], brown(PHOTO), atol=4)
    # At strength 0 what is left is the photo, as sharp as it was.
    page.evaluate("document.getElementById('told').textContent = ''")
    page.locator("#strength").fill("0")
    finished(page)
    np.testing.assert_allclose(downloaded(page)[1], PHOTO, atol=1)


def test_a_small_photo_travels_as_it_is(open_page: Open) -> None:
    page = open_page()
    SIZES.clear()
    drop(page, encode(PHOTO[:30, :40].astype(np.uint8), format="png"))
    finished(page)
    assert SIZES == [(30, 40)] and "painted at" not in page.inner_text("#told")


def test_it_is_what_the_package_does(open_page: Open) -> None:
    """The page's numbers against Python's, of sharp bars and a painting with strokes."""
    random = np.random.default_rng(0)
    size, few = (72, 100), (36, 50)
    bars = np.where(np.arange(size[1]) // 9 % 2, 0.8, -0.6)[np.newaxis, :, np.newaxis]
    photo = (bars + random.normal(0, 0.03, (*size, 3))).clip(-1, 1).astype(np.float32)
    copy = shrink(lambda first, stop: photo[first:stop], size, few[1])
    # Smooth strokes: of sharp ones bilinear and bicubic make something else.
    rows, columns = np.mgrid[0 : few[0], 0 : few[1]]
    strokes = 0.2 * np.sin(rows / 4)[..., np.newaxis] * np.cos(columns / 5)[..., np.newaxis]
    painted = (copy * np.float32([-0.6, 0.9, 0.3]) + strokes).clip(-1, 1).astype(np.float32)
    page = open_page()
    for kept in (0.0, 0.7):
        octets = [in_octets(kept * p + (1 - kept) * q) for p, q in ((copy, copy), (copy, painted))]
        found = page.evaluate(
            """([photo, copy, painted, [width, small], kept]) => {
              const of = (octets, width) => new ImageData(new Uint8ClampedArray(octets), width);
              const large = enlarge(of(photo, width), of(copy, small), of(painted, small), kept);
              return Array.from(large.data);
            }""",
            [in_octets(photo), *octets, [size[1], few[1]], kept],
        )
        found = np.array(found, float).reshape(*size, 4)
        assert (found[..., 3] == 255).all()
        mixture = kept * copy + (1 - kept) * painted
        expected = 127.5 * (Enlarging(copy, mixture, size, kept).rows(photo, 0) + 1)
        assert np.abs(found[..., :3] - expected).mean() < 1.5
        assert np.abs(127.5 * (photo + 1) - expected).mean() > 10


def in_octets(images: np.ndarray) -> list[int]:
    opaque = np.full((*images.shape[:2], 1), 255)
    rgb = np.rint(127.5 * (images + 1)).clip(0, 255)
    return np.concatenate([rgb, opaque], -1).astype(int).ravel().tolist()
