"""Strength of models of several styles: it multiplies the style weights, wherever they run."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from style_gan_tf import command_line, stylize
from style_gan_tf.errors import UserError
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.images import Picture, encode
from style_gan_tf.inference import Job, Model, Stylizer, Tiling, load_model, stylize_files
from style_gan_tf.inference.color import MatchColor, preserve_color
from style_gan_tf.inference.pictures import finish, stylize_picture
from style_gan_tf.networks import Network, any_size, build_generator
from tests.perturbed import perturb
from tests.videos import drifting, read_video, write_video

STYLES = ["ink", "oil", "chalk"]
PHOTO = np.random.default_rng(1).integers(0, 256, (40, 56, 3), np.uint8)


@pytest.fixture(scope="module")
def network() -> Network:
    keras.utils.set_random_seed(0)
    network = build_generator("fast", filters=8, n_blocks=1, num_styles=3)
    network.recipe["styles"] = STYLES
    perturb(network, 0.2)
    return network


@pytest.fixture(scope="module")
def folder(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`generator.keras` and `export/1` of one generator."""
    folder = tmp_path_factory.mktemp("run")
    network.save(folder / "generator.keras")
    export_saved_model(network, folder / "export")
    return folder


@pytest.fixture(params=["generator.keras", "export"])
def path(folder: Path, request: pytest.FixtureRequest) -> Path:
    return folder / request.param


Expected = Callable[..., np.ndarray]


@pytest.fixture
def expected(network: Network) -> Expected:
    """What the network paints by some weights, in grey levels, unrounded."""

    def paint(*weights: float) -> np.ndarray:
        images = tf.constant(PHOTO[np.newaxis] / 127.5 - 1.0, tf.float32)
        painted: np.ndarray = any_size(network, images, style_weights=[weights]).numpy()[0]
        return painted * 127.5 + 127.5

    return paint


def test_weights_are_multiplied(path: Path, expected: Expected) -> None:
    model = load_model(path, "float32", style="oil:0.8,ink:0.2")
    got = stylize_picture(model, Picture(PHOTO), 0.5).rgb
    wanted = expected(0.1, 0.4, 0.0)
    np.testing.assert_allclose(got, wanted, atol=0.51)
    # Blended pixels would be another picture.
    assert np.abs(PHOTO + 0.5 * (expected(0.2, 0.8, 0.0) - PHOTO) - wanted).max() > 8
    np.testing.assert_array_equal(stylize_picture(model, Picture(PHOTO), 1e-6).rgb, PHOTO)
    np.testing.assert_allclose(
        stylize_picture(model, Picture(PHOTO)).rgb, expected(0.2, 0.8, 0.0), atol=0.51
    )


def test_default_is_the_first_style(path: Path, expected: Expected) -> None:
    model = load_model(path, "float32")
    np.testing.assert_allclose(
        stylize_picture(model, Picture(PHOTO), 0.5).rgb, expected(0.5, 0.0, 0.0), atol=0.51
    )


def test_tiles_and_rows_take_them_too(path: Path, tmp_path: Path) -> None:
    pixels = np.tile(PHOTO, (3, 2, 1))
    picture = Picture(pixels)
    cut = load_model(path, "float32", Tiling(tile=64), style="chalk")
    steps: list[int] = []
    cut.on_tile = lambda done, total: steps.append(total)
    got = stylize_picture(cut, picture, 0.5)
    assert steps
    whole = stylize_picture(load_model(path, "float32", style="chalk"), picture, 0.5)
    np.testing.assert_allclose(got.rgb.astype(int), whole.rgb, atol=1)
    pytest.importorskip("pyvips")
    (tmp_path / "in.png").write_bytes(encode(pixels, format="png"))
    jobs = [Job(tmp_path / "in.png", tmp_path / "out.png")]
    # So little memory that the picture is read by rows.
    small = Tiling(tile=64, memory=400_000)
    model = load_model(path, "float32", small, style="chalk")
    assert stylize_files(model, jobs, strength=0.5).failures == []
    with Image.open(tmp_path / "out.png") as image:
        np.testing.assert_allclose(np.asarray(image).astype(int), got.rgb, atol=1)


def test_colours_come_in_by_the_strength(path: Path, expected: Expected) -> None:
    model = load_model(path, "float32")
    match = MatchColor(np.float32([[[0.1, 0.6, 0.2], [0.2, 0.9, 0.1]]]))
    nothing = stylize_picture(model, Picture(PHOTO), 1e-6, match).rgb
    np.testing.assert_array_equal(nothing, PHOTO)
    full = stylize_picture(model, Picture(PHOTO), 1.0, match).rgb
    painted = expected(1.0, 0.0, 0.0).astype(np.float32) / 127.5 - 1.0
    np.testing.assert_allclose(full, finish(Picture(PHOTO), painted, color=match).rgb, atol=1)
    # The photo's colours are kept in full, however little it is stylized.
    some = expected(0.3, 0.0, 0.0).astype(np.float32) / 127.5 - 1.0
    kept = stylize_picture(model, Picture(PHOTO), 0.3, preserve_color).rgb
    wanted = finish(Picture(PHOTO), some, color=preserve_color).rgb
    np.testing.assert_allclose(kept, wanted, atol=1)


def test_a_stylizer_changes_its_strength(path: Path, expected: Expected) -> None:
    stylizer = Stylizer(path, precision="float32", style="oil")
    for strength in (0.25, 1.0, 0.75):
        got = stylizer(PHOTO, strength)
        np.testing.assert_allclose(got, expected(0.0, strength, 0.0), atol=0.51)


def test_the_command(path: Path, expected: Expected, tmp_path: Path) -> None:
    Image.fromarray(PHOTO).save(tmp_path / "photo.png")
    argv = [f"--model={path}", f"--input={tmp_path}/photo.png", f"--output={tmp_path}/out.png"]
    argv += ["--style=oil", "--strength=0.5", "--precision=float32"]
    assert command_line.run("stylize", "", stylize.define_flags, stylize.main, argv) == 0
    with Image.open(tmp_path / "out.png") as image:
        np.testing.assert_allclose(np.asarray(image), expected(0.0, 0.5, 0.0), atol=0.51)


def test_videos_take_them_too(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("av")
    clip = write_video(tmp_path / "clip.mp4", drifting(3, 32, 48))
    argv = [f"--model={path}", f"--input={clip}", "--precision=float32", "--temporal=statistics"]
    for name, more in (
        ("half", ["--style=oil", "--strength=0.5"]),
        ("same", ["--style=oil:0.5"]),
        ("full", ["--style=oil"]),
    ):
        given = [*argv, f"--output={tmp_path}/{name}.mp4", *more]
        assert command_line.run("stylize", "", stylize.define_flags, stylize.main, given) == 0
    half, same, full = (
        read_video(tmp_path / f"{name}.mp4").frames.astype(int) for name in ("half", "same", "full")
    )
    np.testing.assert_array_equal(half, same)
    assert np.abs(half - full).mean() > 2


def test_models_without_weights_have_no_strength_of_their_own() -> None:
    model = Model(Path("m"), lambda images: -images)
    with pytest.raises(ValueError, match="knows one strength"):
        model.at_strength(0.5)
    half = stylize_picture(model, Picture(np.full((4, 4, 3), 200, np.uint8)), 0.5).rgb
    np.testing.assert_array_equal(half, 128)


def test_an_export_of_before_is_told_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = tf.saved_model.load(str(folder / "export" / "1"))
    older = {key: value for key, value in loaded.signatures.items() if key != "serve_style"}

    class Older:
        signatures = older

    monkeypatch.setattr(tf.saved_model, "load", lambda path: Older())
    with pytest.raises(UserError, match="has no signature serve_style: export the model again"):
        load_model(folder / "export", style="oil")
    assert load_model(folder / "export").style is None
