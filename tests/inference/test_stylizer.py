"""A model as one callable: what comes in comes out stylized, of the same kind."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_gan_tf.errors import UsageError
from style_gan_tf.inference import Stylizer, Tiling
from style_gan_tf.networks import build_generator
from tests.perturbed import perturb


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    network = build_generator("fast", filters=8, n_blocks=1)
    perturb(network, 0.15)
    file = tmp_path_factory.mktemp("model") / "generator.keras"
    network.save(file)
    return file


@pytest.fixture(scope="module")
def stylizer(path: Path) -> Stylizer:
    return Stylizer(path, precision="float32")


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def test_arrays_keep_their_type(stylizer: Stylizer) -> None:
    photo = draw(20, 31, 3)
    stylized = stylizer(photo)
    assert stylized.shape == photo.shape and stylized.dtype == np.uint8
    assert np.abs(stylized.astype(int) - photo).mean() > 5
    deep = stylizer(photo.astype(np.uint16) * 257)
    assert deep.dtype == np.uint16
    assert np.abs(deep / 257 - stylized).max() <= 0.51
    for kind in (np.float32, np.float64):
        floats = stylizer((photo / 255).astype(kind))
        assert floats.dtype == kind
        np.testing.assert_allclose(floats, deep / 65535, atol=1e-4)


def test_grey_and_alpha(stylizer: Stylizer) -> None:
    assert stylizer(draw(9, 8)).shape == (9, 8, 3)
    photo = draw(9, 8, 4)
    stylized = stylizer(photo)
    np.testing.assert_array_equal(stylized[..., 3], photo[..., 3])
    np.testing.assert_array_equal(stylizer(photo, strength=0), photo)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "CMYK", "I;16", "F"])
def test_pil_images(stylizer: Stylizer, mode: str) -> None:
    colored = Image.fromarray(draw(12, 17, 3))
    if mode == "I;16":
        image = Image.fromarray(draw(12, 17).astype(np.uint16) * 200)
    else:
        image = colored.convert("L").convert(mode) if mode == "F" else colored.convert(mode)
    stylized = stylizer(image)
    assert stylized.size == (17, 12)
    assert stylized.mode == ("RGBA" if "A" in mode else "RGB")


def test_orientation_is_applied(stylizer: Stylizer) -> None:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(draw(12, 17, 3)).save(file, "jpeg", exif=exif)
    assert stylizer(Image.open(file)).size == (12, 17)


def test_paths(stylizer: Stylizer, tmp_path: Path) -> None:
    photo = draw(12, 17, 3)
    Image.fromarray(photo).save(tmp_path / "a.png")
    for path in (tmp_path / "a.png", str(tmp_path / "a.png")):
        np.testing.assert_array_equal(np.asarray(stylizer(path)), stylizer(photo))


def test_a_notebook_shows_the_last_picture(path: Path) -> None:
    stylizer = Stylizer(path, precision="float32")
    assert stylizer._repr_png_() is None and repr(stylizer) == f"Stylizer({str(path)!r})"
    photo = draw(30, 40, 3)
    stylized = stylizer(photo)
    shown = np.asarray(Image.open(io.BytesIO(stylizer._repr_png_())).convert("RGB"))
    np.testing.assert_array_equal(shown[-34:-4, 4:44], photo)
    np.testing.assert_array_equal(shown[-34:-4, 48:88], stylized)
    stylizer(draw(900, 700, 3))
    assert Image.open(io.BytesIO(stylizer._repr_png_())).size[0] < 700


def test_seamless(path: Path) -> None:
    stylizer = Stylizer(path, precision="float32", tiling=Tiling(seamless=True))
    photo = draw(24, 32, 3)
    rolled = stylizer(np.roll(photo, (8, 12), (0, 1)))
    difference = rolled.astype(int) - np.roll(stylizer(photo), (8, 12), (0, 1))
    assert np.abs(difference).max() <= 1


def test_what_is_refused(stylizer: Stylizer) -> None:
    with pytest.raises(UsageError, match="strength"):
        stylizer(draw(4, 4, 3), strength=2)
    for wrong in (draw(4, 4, 2), draw(4), draw(0, 4, 3), draw(4, 4, 3).astype(np.int64)):
        with pytest.raises(ValueError, match="a picture"):
            stylizer(wrong)
    with pytest.raises(TypeError, match="a picture is an array"):
        stylizer(3)
    with pytest.raises(UsageError, match="nowhere"):
        Stylizer("nowhere")
