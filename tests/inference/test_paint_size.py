"""Large pictures painted small: broad strokes, and the photo's own edges."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy.interpolate import BSpline

from style_gan_tf.errors import UsageError
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.inference import Model, Tiling, joint_upsampling, load_model, paint_size
from style_gan_tf.inference.card import paint_size_in, read_card
from style_gan_tf.inference.joint_upsampling import (
    columns_of,
    enlarged,
    local_model,
    painted_small,
)
from style_gan_tf.inference.paint_size import Enlarging, SmallPainter, paint_small, shrink
from style_gan_tf.inference.video.shared_statistics import frame_stylizer
from style_gan_tf.networks import build_generator
from tests.perturbed import perturb

LUMA = np.float32([0.299, 0.587, 0.114])


def photo(height: int = 96, width: int = 128) -> np.ndarray:
    """Black and white bars with sharp edges, and a little noise."""
    random = np.random.default_rng(0)
    bars = np.where(np.arange(width) // 11 % 2, 0.7, -0.7)
    noise = random.normal(0, 0.02, (height, width, 3))
    return (bars[np.newaxis, :, np.newaxis] + noise).astype(np.float32)


def plainly(images: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Enlarged by cubic B-splines alone, as SciPy has them."""
    places = [
        (np.arange(large) + 0.5) * small / large - 0.5
        for large, small in zip(size, images.shape, strict=False)
    ]
    weights = [
        BSpline.basis_element(np.arange(-2.0, 3.0), extrapolate=False)(
            place[:, np.newaxis] - np.arange(small)
        )
        for place, small in zip(places, images.shape, strict=False)
    ]
    rows, columns = (np.nan_to_num(w) / np.nansum(w, 1, keepdims=True) for w in weights)
    return np.einsum("yi,xj,ijc->yxc", rows, columns, images)


def by_pillow(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Bicubic and antialiased."""
    channels = [Image.fromarray(np.ascontiguousarray(c)) for c in np.moveaxis(image, -1, 0)]
    bicubic = Image.Resampling.BICUBIC
    return np.stack([np.asarray(c.resize(size[::-1], bicubic)) for c in channels], -1).clip(-1, 1)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 45), st.integers(1, 2))
def test_any_size(height: int, width: int, longest: int, batch: int) -> None:
    seen = []

    def negative(images: np.ndarray) -> np.ndarray:
        seen.append(images.shape)
        return -images

    images = np.random.default_rng(1).uniform(-1, 1, (batch, height, width, 3)).astype(np.float32)
    painted = paint_small(images, longest, negative)
    assert painted.shape == images.shape and painted.dtype == np.float32
    assert np.isfinite(painted).all()
    if max(height, width) <= longest:
        np.testing.assert_array_equal(painted, -images)
    else:
        assert max(seen[0][1:3]) == longest


def test_one_colour_stays_one_colour() -> None:
    """Where the painting does not follow the photo, none of its detail comes back."""
    colour = np.float32([0.3, -0.2, 0.9])
    flat = SmallPainter(_Of(lambda images: np.zeros_like(images) + colour), 32)
    painted = flat.stylize(photo()[np.newaxis])
    np.testing.assert_allclose(painted, np.broadcast_to(colour, painted.shape), atol=1e-5)


def test_what_follows_the_luminance_does_so_in_full_size() -> None:
    """The local linear model in closed form, with nothing counted as flat."""
    factor, colour = np.float32([0.5, -0.8, 0.1]), np.float32([0.1, 0.2, -0.3])
    x = np.random.default_rng(2).uniform(-1, 1, (60, 80, 3)).astype(np.float32)

    def tint(rgb: np.ndarray) -> np.ndarray:
        return (rgb @ LUMA)[..., np.newaxis] * factor + colour

    copy = shrink(lambda first, stop: x[first:stop], (60, 80), 20)
    maps = local_model(copy, tint(copy), flat=1e-9)
    painted = enlarged(maps, columns_of(maps, 80), 60, x, 0)
    np.testing.assert_allclose(painted, tint(x), atol=2e-4)


def test_edges_are_the_photos() -> None:
    x = photo()
    small = shrink(lambda first, stop: x[first:stop], (96, 128), 32)
    painted = paint_small(x[np.newaxis], 32, lambda images: images * np.float32(0.9))[0]
    blurred = plainly(small * np.float32(0.9), (96, 128))
    assert np.abs(painted - 0.9 * x).mean() < 0.25 * np.abs(blurred - 0.9 * x).mean()


def slanted(height: int, width: int, rise: int) -> tuple[np.ndarray, np.ndarray]:
    """A photo of one straight edge, and how far from it each pixel is.

    Moved by one row and `rise` columns it is the same photo.
    """
    rows, columns = np.mgrid[:height, :width]
    across = (rows - height / 2) * rise - (columns - width / 2)
    share = np.clip(across / (rise + 1) + 0.5, 0, 1)  # What of the pixel lies beyond.
    rgb = np.repeat(-0.7 + 1.2 * share[..., np.newaxis], 3, -1).astype(np.float32)
    return rgb, across / np.hypot(rise, 1)


def stair_steps(painted: np.ndarray, away: np.ndarray, rise: int) -> float:
    """What of the picture near the edge changes along it: grey levels of 255, root mean square.

    Along a straight edge nothing changes in the photo; steps at the small copy's pixels do.
    """
    near = np.abs(away) < 12
    near[:24] = near[-24:] = False
    squares = []
    for k in range(1, 8):
        moved = painted[:-k, : -k * rise] - painted[k:, k * rise :]
        squares.append((moved[near[:-k, : -k * rise] & near[k:, k * rise :]] ** 2).mean() / 2)
    return 127.5 * float(np.sqrt(np.mean(squares)))


def inked(copies: np.ndarray) -> np.ndarray:
    """As a cartoonist: dark lines along the edges."""
    steep = np.hypot(*np.gradient(copies[0] @ LUMA))
    return (copies - 3 * steep[np.newaxis, ..., np.newaxis]).clip(-1, 1).astype(np.float32)


def flattened(copies: np.ndarray) -> np.ndarray:
    """As a poster: two colours."""
    return np.where(copies > 0, np.float32(0.6), np.float32(-0.6))


@pytest.mark.parametrize("times", [8 / 3, 16 / 3])
@pytest.mark.parametrize(("painter", "most"), [(inked, 6.0), (flattened, 8.5)])
def test_edges_have_no_stair_steps(painter: Any, most: float, times: float) -> None:
    """Enlarged by an interpolating bicubic kernel: 8.3 and 11.6 for inked, 11.1 and 14.5."""
    found = []
    for rise in (2, 3, 5):
        x, away = slanted(240, 320, rise)
        assert stair_steps(x, away, rise) < 0.01
        painted = paint_small(x[np.newaxis], round(320 / times), painter)[0]
        found.append(stair_steps(painted, away, rise))
    assert np.mean(found) < most, found


def test_noise_is_not_amplified_beside_contours() -> None:
    noise = np.random.default_rng(8).normal(0, 0.1, (96, 128, 1)).astype(np.float32)
    x = 0.2 * photo() + noise  # faint bars, which a cartoonist makes black and white
    size, copy = (96, 128), shrink(lambda first, stop: x[first:stop], (96, 128), 32)
    painted = np.tanh(8 * copy)
    added = Enlarging(copy, painted, size).rows(x, 0) - plainly(painted, size)
    of_the_photo = x - plainly(copy, size)
    assert 0.2 < added.std() / of_the_photo.std() < 1.1


def test_strokes_are_kept() -> None:
    """Of a photo of one grey, what is painted is what is enlarged."""
    grey = np.zeros((1, 80, 80, 3), np.float32)
    strokes = np.random.default_rng(3).uniform(-1, 1, (20, 20, 3)).astype(np.float32)
    painted = paint_small(grey, 20, lambda images: strokes[np.newaxis])[0]
    np.testing.assert_allclose(painted, plainly(strokes, (80, 80)).clip(-1, 1), atol=1e-5)


def test_what_is_kept_of_the_photo_is_kept_in_full_size() -> None:
    """A weak style in closed form: the photo's grain, and a little of one colour."""
    x = np.random.default_rng(6).uniform(-1, 1, (1, 90, 70, 3)).astype(np.float32)
    colour = np.float32([0.3, -0.2, 0.9])
    for kept in (1.0, 0.9, 0.4):
        painted = paint_small(x, 30, lambda i, k=kept: k * i + (1 - np.float32(k)) * colour, kept)
        np.testing.assert_allclose(painted, kept * x + (1 - kept) * colour, atol=1e-5)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 45), st.floats(0, 1))
def test_in_a_graph_it_is_the_same(height: int, width: int, longest: int, kept: float) -> None:
    """What exports do inside is what the command line does, in strips or not."""
    x = np.random.default_rng(9).uniform(-1, 1, (height, width, 3)).astype(np.float32)
    expected = paint_small(x[np.newaxis], longest, np.tanh, kept)[0]
    if max(height, width) > longest:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(joint_upsampling, "_PIXELS", 11 * width)
            found = painted_small(x, longest, tf.tanh, np.float32(kept))
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_mean_is_numpys() -> None:
    maps = np.random.default_rng(4).normal(size=(7, 9, 2)).astype(np.float32)
    found = np.asarray(joint_upsampling._mean(maps))
    around = np.pad(maps, ((2, 2), (2, 2), (0, 0)), "edge")
    for row, column in ((0, 0), (3, 4), (6, 8)):
        expected = around[row : row + 5, column : column + 5].mean((0, 1))
        np.testing.assert_allclose(found[row, column], expected, atol=1e-6)


def test_strips_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(5).uniform(-1, 1, (1, 211, 150, 3)).astype(np.float32)
    size, small = (211, 150), np.stack([by_pillow(x[0], (53, 38))])
    at_once = paint_small(x, 53, lambda images: np.tanh(images))
    copy = shrink(lambda first, stop: x[0, first:stop], size, 53)
    np.testing.assert_allclose(copy, small[0], atol=1e-5)
    monkeypatch.setattr(paint_size, "_ROWS", 20)
    np.testing.assert_allclose(shrink(lambda a, b: x[0, a:b], size, 53), copy, atol=1e-5)
    by_rows = paint_small(x, 53, lambda images: np.tanh(images))
    np.testing.assert_allclose(by_rows, at_once, atol=1e-5)
    part = Enlarging(copy, np.tanh(copy), size).rows(x[0, 37:41], 37)
    np.testing.assert_allclose(part, at_once[0, 37:41], atol=1e-5)


class _Of:
    def __init__(self, stylize: Any) -> None:
        self.stylize = stylize


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generator's file, and its export, whose card says 32."""
    network = build_generator("fast", filters=8, n_blocks=1)
    perturb(network, 0.15)
    folder = tmp_path_factory.mktemp("exported")
    network.save(folder / "generator.keras")
    export_saved_model(network, folder / "export", paint_size=32)
    return folder


def test_the_card_says_the_size_and_the_user_another(folder: Path) -> None:
    x = photo()[np.newaxis]
    whole = load_model(folder / "generator.keras", "float32").stylize(x)
    assert np.abs(whole - x).mean() > 0.02
    small = load_model(folder / "generator.keras", "float32", Tiling(paint_size=32))
    by_card = load_model(folder / "export")
    assert by_card.tiling.paint_size == 32
    np.testing.assert_allclose(by_card.stylize(x), small.stylize(x), atol=1e-4)
    assert np.abs(small.stylize(x) - whole).mean() > 0.02
    own = load_model(folder / "export", tiling=Tiling(paint_size=0, tile=48))
    np.testing.assert_allclose(own.stylize(x), whole, atol=2e-3)
    copy = shrink(lambda first, stop: x[0, first:stop], (96, 128), 32)[np.newaxis]
    np.testing.assert_allclose(by_card.stylize(copy), small.stylize(copy), atol=1e-4)


def test_a_weak_style_leaves_the_photo_its_grain(tmp_path: Path) -> None:
    x = np.random.default_rng(7).uniform(-1, 1, (1, 80, 96, 3)).astype(np.float32)
    for name, options in (("weights", {}), ("codes", {"style_encoder": True})):
        network = build_generator("fast", filters=8, n_blocks=1, num_styles=2, **options)
        perturb(network, 0.15)
        network.save(tmp_path / f"{name}.keras")
        model = load_model(tmp_path / f"{name}.keras", "float32", Tiling(paint_size=32))
        assert np.abs(model.stylize(x) - x).mean() > 0.3  # In full, grain goes.
        weak = model.at_strength(0.05)
        assert model.kept == 0.0 and weak.kept == pytest.approx(0.95)
        assert np.abs(weak.stylize(x) - x).mean() < 0.06
        assert np.abs(frame_stylizer(weak)(x, True) - x).mean() < 0.06


def test_a_texture_is_never_painted_small(folder: Path) -> None:
    seamless = load_model(folder / "export", tiling=Tiling(seamless=True))
    assert seamless.stylize(photo()[np.newaxis]).shape == (1, 96, 128, 3)
    assert not seamless.tiling.paint_size
    with pytest.raises(UsageError, match="--paint_size and --seamless: give one of them"):
        Tiling(seamless=True, paint_size=32)


def test_frames_share_statistics_at_that_size(folder: Path) -> None:
    model: Model = load_model(folder / "export")
    frame = photo()[np.newaxis]
    painted = frame_stylizer(model)(frame, True)
    np.testing.assert_allclose(painted, model.stylize(frame), atol=5e-3)
    whole = load_model(folder / "export", tiling=Tiling(paint_size=0))
    assert np.abs(painted - whole.stylize(frame)).mean() > 0.02


def test_frames_after_a_cut_begin_anew(folder: Path) -> None:
    """What is told of cuts reaches what shares the statistics."""
    frame = photo()[np.newaxis]
    for size in (32, 0):
        stylize = frame_stylizer(load_model(folder / "export", tiling=Tiling(paint_size=size)))
        first = stylize(frame, True)
        stylize(frame * 0.2, False)
        np.testing.assert_allclose(stylize(frame, True), first, atol=1e-5)
        stylize(frame * 0.2, True)
        assert np.abs(stylize(frame, False) - first).mean() > 1e-3


@pytest.mark.parametrize("text", ["", "[1]", '{"paint_size": "big"}', '{"paint_size": -3}', "{}"])
def test_a_card_that_says_no_size(tmp_path: Path, text: str) -> None:
    (tmp_path / "assets.extra").mkdir()
    (tmp_path / "assets.extra" / "model_card.json").write_text(text, encoding="utf-8")
    assert paint_size_in(read_card(tmp_path)) == 0
    assert read_card(tmp_path / "none") == read_card(Path(__file__)) == {}
