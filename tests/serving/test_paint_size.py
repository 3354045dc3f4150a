"""A model of a paint size: every way to paint by it gives the picture of every other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf import command_line, stylize
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.images import decode, encode
from style_gan_tf.inference import Tiling, load_model
from style_gan_tf.networks import build_generator
from style_gan_tf.serving.model_config import ModelConfig
from style_gan_tf.serving.model_manager import ModelManager
from style_gan_tf.serving.servable import Servable
from style_gan_tf.serving.server import ServerSettings
from tests.perturbed import perturb
from tests.serving.pages import Open, downloaded, drop, finished
from tests.serving.stand_ins import running

SIZE = 40
HEIGHT, WIDTH = 66, 90
HALF = [[0.2, 0.3]]  # of two styles


def photo() -> np.ndarray:
    """uint8, with sharp edges and noise."""
    random = np.random.default_rng(0)
    bars = np.where(np.arange(WIDTH) // 9 % 2, 210.0, 40.0)[:, np.newaxis]
    return (bars + random.normal(0, 8, (HEIGHT, WIDTH, 3))).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    network = build_generator("fast", filters=4, n_blocks=1, num_styles=2)
    network.recipe["styles"] = ["ink", "oil"]
    perturb(network, 0.2)
    return export_saved_model(network, tmp_path_factory.mktemp("sized") / "sized", paint_size=SIZE)


@pytest.fixture(scope="module")
def served(export: Path) -> Iterator[int]:
    """The port."""
    models = ModelManager([ModelConfig("sized", export.parent)], Servable, lambda line: None)
    models.look(at_once=True)
    with running(models, ServerSettings(demo=True)) as at_work:
        yield at_work.port
    models.stop()


def in_process(export: Path, weights: list[float], **how: Any) -> np.ndarray:
    """By the command line's model, in grey levels."""
    model = load_model(export, tiling=Tiling(**how)).in_style(np.float32(weights))
    return (model.stylize(photo()[np.newaxis] / np.float32(127.5) - 1)[0] + 1) * 127.5


def test_signatures_paint_what_the_command_line_paints(export: Path) -> None:
    loaded = tf.saved_model.load(str(export))
    png = tf.constant([encode(photo(), format="png")])
    floats = tf.constant(photo()[np.newaxis] / np.float32(255))

    def octets(signature: str, **given: Any) -> np.ndarray:
        (data,) = loaded.signatures[signature](image_bytes=png, **given).values()
        return decode(data.numpy()[0]).rgb.astype(float)

    def levels(signature: str, **given: Any) -> np.ndarray:
        (images,) = loaded.signatures[signature](images=floats, **given).values()
        return images.numpy()[0] * 255

    half, none = tf.constant(HALF), tf.zeros([1, 2])
    first = in_process(export, [1.0, 0.0])
    np.testing.assert_allclose(octets("serve_bytes"), first, atol=0.51)
    np.testing.assert_allclose(levels("serving_default"), first, atol=0.01)
    mixed = in_process(export, HALF[0])
    np.testing.assert_allclose(octets("serve_bytes_style", style_weights=half), mixed, atol=0.51)
    np.testing.assert_allclose(levels("serve_style", style_weights=half), mixed, atol=0.01)
    # Where nothing of the style is wanted, nothing of the photo is lost.
    np.testing.assert_array_equal(octets("serve_bytes_style", style_weights=none), photo())
    np.testing.assert_array_equal(octets("serve_bytes_strength", strength=tf.zeros([])), photo())
    blended = octets("serve_bytes_strength", strength=tf.constant(0.5))
    np.testing.assert_allclose(blended, (first + photo()) / 2, atol=0.51)
    # At their own size, for who asks for that.
    whole = in_process(export, HALF[0], paint_size=0)
    np.testing.assert_allclose(levels("own_size", style_weights=half), whole, atol=0.01)
    assert np.abs(whole - mixed).mean() > 5
    with pytest.raises(tf.errors.InvalidArgumentError, match="one row for each picture"):
        levels("own_size", style_weights=tf.zeros([2, 2]))


def test_the_server_answers_what_the_command_line_paints(
    export: Path, served: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("photo.png").write_bytes(encode(photo(), format="png"))

    def run(output: str, *flags: str) -> np.ndarray:
        argv = ("--input=photo.png", f"--output={output}", "--strength=0.6", *flags)
        assert command_line.run("stylize", "", stylize.define_flags, stylize.main, argv) == 0
        return decode(Path(output).read_bytes()).rgb.astype(int)

    here = run("here.png", f"--model={export}", "--style=oil")
    there = run("there.png", f"--server=http://127.0.0.1:{served}/v1/models/sized", "--style=oil")
    assert np.abs(here - photo()).mean() > 5 and np.abs(here - there).max() <= 1


def test_the_page_shows_what_the_command_line_paints(
    open_at: Open, export: Path, served: int
) -> None:
    page = open_at(served)
    drop(page, encode(photo(), format="png"))
    finished(page)
    assert f"{WIDTH} x {HEIGHT} pixels in" in page.inner_text("#told")
    np.testing.assert_allclose(downloaded(page)[1], in_process(export, [1.0, 0.0]), atol=0.51)
