"""Styles of pictures: by name `reference`, mixed, saved, and what is no style."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.inference import Stylizer, Tiling, load_model
from style_gan_tf.inference.saved_styles import read_style, save_style, saved_names
from tests.reference_model import build, write_pictures

KINDS = ("generator.keras", "export")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models")
    network = build()
    network.save(path / "generator.keras")
    export_saved_model(network, path / "export")
    write_pictures(path)
    return path


def photo(height: int = 40, width: int = 36) -> np.ndarray:
    pixels = np.random.default_rng(3).uniform(-1, 1, (1, height, width, 3))
    return pixels.astype(np.float32)


def test_a_file_and_its_export_paint_alike(folder: Path) -> None:
    images = photo()
    for options in (
        {"style_image": folder / "wave.png"},
        {"style_image": folder / "tall.jpg", "style": "reference:0.5,oil:0.3"},
        {"style": "ink"},
        {},
    ):
        one, other = (load_model(folder / kind, "float32", **options) for kind in KINDS)  # type: ignore[arg-type]
        np.testing.assert_allclose(one.style, other.style, atol=1e-4)
        np.testing.assert_allclose(one.stylize(images), other.stylize(images), atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_the_reference_decides(folder: Path, kind: str) -> None:
    images = photo()
    painted = [
        load_model(folder / kind, "float32", style_image=folder / name).stylize(images)
        for name in ("wave.png", "tall.jpg")
    ]
    assert np.abs(painted[0] - painted[1]).max() > 0.01
    model = load_model(folder / kind, "float32", style_image=folder / "wave.png")
    assert model.styles == ("ink", "oil", "reference")
    distances = [np.abs(model.at_strength(s).stylize(images) - images).mean() for s in (0, 0.5, 1)]
    assert distances[0] < 1e-6 and 0.001 < distances[1] < distances[2]


@pytest.mark.parametrize("kind", KINDS)
def test_tiles_are_painted_by_the_reference(folder: Path, kind: str) -> None:
    images = photo(90, 70)
    options = {"style_image": folder / "wave.png"}
    whole = load_model(folder / kind, "float32", **options).stylize(images)  # type: ignore[arg-type]
    tiled = load_model(folder / kind, "float32", Tiling(tile=48), **options)  # type: ignore[arg-type]
    np.testing.assert_allclose(tiled.stylize(images), whole, atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_style_is_the_style(folder: Path, kind: str, tmp_path: Path) -> None:
    images = photo()
    model = load_model(folder / kind, "float32", style_image=folder / "wave.png")
    assert model.table and model.table.encode and model.style is not None
    save_style(tmp_path / "new", "wave", model.style, model.table.encode)
    assert saved_names(tmp_path / "new") == {"wave"}
    again = load_model(folder / kind, "float32", style="wave:0.5", saved_styles=tmp_path / "new")
    np.testing.assert_allclose(
        again.stylize(images), model.at_strength(0.5).stylize(images), atol=1e-4
    )
    # A name of the model's own is the model's.
    save_style(tmp_path / "new", "ink", model.style, model.table.encode)
    own = load_model(folder / kind, "float32", style="ink", saved_styles=tmp_path / "new")
    plain = load_model(folder / kind, "float32", style="ink")
    np.testing.assert_array_equal(own.style, plain.style)


def test_saved_styles_that_cannot_be_taken(folder: Path, tmp_path: Path) -> None:
    model = load_model(folder / "generator.keras", style_image=folder / "wave.png")
    assert model.table and model.table.encode and model.style is not None
    encode = model.table.encode
    path = save_style(tmp_path, "wave", model.style, encode)
    with pytest.raises(UserError, match=r"wave\.json: a code of another model's encoder"):
        read_style(tmp_path, "wave", lambda picture: encode(picture) + 1)
    with pytest.raises(UserError, match=r"wave\.json: a code of 65 numbers, not of 9"):
        read_style(tmp_path, "wave", lambda picture: encode(picture)[:9])
    text = path.read_text()
    path.write_text(text.replace('"format": 1', '"format": 2'))
    with pytest.raises(UserError, match="format 2; this version reads format 1"):
        read_style(tmp_path, "wave", encode)
    wrong = {
        "1.5": "its code's first number, the strength, is 1.5, not between",
        "-0.1": "the strength, is -0.1, not between 0 and 1",
        "NaN": "not all of its code's numbers are finite",
        "1e99": "not all of its code's numbers are finite",
        "1" + 400 * "0": "not a saved style: save it again",
    }
    for first, said in wrong.items():
        path.write_text(text.replace('"style_code": [1.0', f'"style_code": [{first}'))
        with pytest.raises(UserError, match=said):
            read_style(tmp_path, "wave", encode)
    path.write_text("{")
    with pytest.raises(UserError, match="not a saved style: save it again with --save_style"):
        read_style(tmp_path, "wave", encode)
    with pytest.raises(UsageError, match=r"--save_style=reference: --style calls the picture"):
        save_style(tmp_path, "reference", model.style, encode)
    for name in ("reference", "a b", "wave"):
        (tmp_path / f"{name}.json").touch()
    assert saved_names(tmp_path) == {"wave"}
    for name in ("", "a:b", "a/b", ".hidden"):
        with pytest.raises(UsageError, match=r"--save_style=.*: a name has no comma"):
            save_style(tmp_path, name, model.style, encode)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written"):
        save_style(tmp_path / "file", "wave", model.style, encode)


def test_an_export_says_whether_a_style_or_a_size_is_refused(folder: Path) -> None:
    model = load_model(folder / "export", style="ink")
    assert model.style is not None
    for style in (5 * model.style, np.nan * model.style):
        with pytest.raises(UserError, match=r"export.*: the style that is given is not finite and"):
            model.driven_by(style).stylize(photo())


def test_pictures_that_are_no_style(folder: Path, tmp_path: Path) -> None:
    Image.new("RGB", (1, 1), "red").save(tmp_path / "dot.png")
    Image.new("RGBA", (30, 20), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    (tmp_path / "text.png").write_text("no picture")
    path = folder / "generator.keras"
    for name, said in (
        ("dot.png", "all of its 1x1 pixels have one colour, which is no style"),
        ("clear.png", "all of its 30x20 pixels have one colour"),
        ("text.png", "--style_image=.*text.png"),
    ):
        with pytest.raises(UserError, match=said):
            load_model(path, style_image=tmp_path / name)
    with pytest.raises(UsageError, match=r"--style_image=nothing\.jpg: no such file"):
        load_model(path, style_image="nothing.jpg")
    with pytest.raises(UsageError, match="no style 'wave'; the model has ink, oil"):
        load_model(path, style="wave", saved_styles=tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_picture_is_seen_in_the_middle(folder: Path, kind: str, tmp_path: Path) -> None:
    # More pixels than an export reads; beyond the middle they have no say.
    rng = np.random.default_rng(5)
    middle = rng.integers(0, 256, (1024, 4096, 3)).astype(np.uint8)
    long = np.zeros((1024, 17000, 3), np.uint8)
    long[:, 6452 : 6452 + 4096] = middle
    for name, pixels in (("long.png", long), ("middle.png", middle)):
        Image.fromarray(pixels).save(tmp_path / name, compress_level=1)
    one, other = (
        load_model(folder / kind, "float32", style_image=tmp_path / name)
        for name in ("long.png", "middle.png")
    )
    np.testing.assert_array_equal(one.style, other.style)


def test_the_middle_is_what_the_network_takes() -> None:
    import tensorflow as tf

    from style_gan_tf.images import Picture
    from style_gan_tf.inference.references import check_reference
    from style_gan_tf.networks import encode_style

    network = build()
    pixels = np.random.default_rng(6).integers(0, 256, (9, 101, 3)).astype(np.uint8)
    seen = check_reference(Picture(pixels), "it").rgb
    assert seen.shape == (9, 36, 3)
    whole, cut = (
        encode_style(network, tf.constant(rgb[np.newaxis] / 127.5 - 1.0, tf.float32)).numpy()
        for rgb in (pixels, seen)
    )
    np.testing.assert_allclose(whole, cut, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_colours_beside_the_middle_are_no_style(folder: Path, kind: str, tmp_path: Path) -> None:
    pixels = np.full((100, 1000, 3), 255, np.uint8)
    pixels[:, :250] = np.random.default_rng(7).integers(0, 256, (100, 250, 3))
    Image.fromarray(pixels).save(tmp_path / "edge.png")
    said = "all of the middle 400x100 of its 1000x100 pixels have one colour"
    with pytest.raises(UserError, match=said):
        load_model(folder / kind, style_image=tmp_path / "edge.png")


def test_models_without_an_encoder_take_no_pictures(folder: Path, tmp_path: Path) -> None:
    from style_gan_tf.networks import build_generator

    for count, said in ((1, "the model has one style"), (2, "the model has no style encoder")):
        file = tmp_path / f"{count}.keras"
        build_generator("fast", filters=4, n_blocks=1, num_styles=count).save(file)
        with pytest.raises(UsageError, match=f"--style_image=.*wave.png: {said}"):
            load_model(file, style_image=folder / "wave.png")


def test_a_stylizer_takes_a_reference(folder: Path) -> None:
    stylizer = Stylizer(folder / "export", style_image=folder / "wave.png")
    pixels = np.random.default_rng(4).integers(0, 256, (20, 24, 3)).astype(np.uint8)
    assert stylizer(pixels).shape == pixels.shape
    np.testing.assert_array_equal(stylizer(pixels, 0.0), pixels)
