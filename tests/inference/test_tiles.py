"""Tiles: the same as the whole picture with exact statistics, no seam, tori."""

from pathlib import Path

import numpy as np
import pytest

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.inference import OutOfMemory, Tiling, load_model
from style_gan_tf.inference.memory import free_memory
from style_gan_tf.inference.tiles import stylize_seamless, thumbnail, tile_side
from style_gan_tf.networks import build_generator
from tests.perturbed import perturb

OPTIONS = {
    "fast": {"filters": 8, "n_blocks": 1},
    "resnet": {"filters": 4, "n_blocks": 1},
    "restorer": {"filters": 8, "n_blocks": 1},
}


@pytest.fixture(scope="module", params=OPTIONS)
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generator that changes pictures strongly, as a file."""
    network = build_generator(request.param, **OPTIONS[request.param])
    perturb(network, 0.15)
    file = tmp_path_factory.mktemp(request.param) / "generator.keras"
    network.save(file)
    return file


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory) -> Path:
    network = build_generator("fast", **OPTIONS["fast"])
    perturb(network, 0.15)
    folder = tmp_path_factory.mktemp("exported")
    network.save(folder / "generator.keras")
    export_saved_model(network, folder / "export")
    return folder


def photo(height: int, width: int) -> np.ndarray:
    """Smooth, with another brightness at each corner, and noise."""
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    bands = [rows - columns, np.sin(9 * rows) * columns, rows * columns]
    noise = random.normal(0, 0.1, (height, width, 3))
    return np.clip(np.stack(bands, -1) + noise, -1, 1).astype(np.float32)


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    return float(10 * np.log10(4.0 / np.maximum(np.mean((one - other) ** 2), 1e-20)))


def test_exact_statistics_give_the_whole(path: Path) -> None:
    x = photo(117, 150)[np.newaxis]
    whole = load_model(path, "float32").stylize(x)
    assert psnr(whole, x) < 30  # else all of this would hold for doing nothing
    tiled = load_model(path, "float32", Tiling(tile=40)).stylize(x)
    assert psnr(tiled, whole) > 90


def test_bfloat16(fast: Path) -> None:
    x = photo(117, 150)[np.newaxis]
    whole = load_model(fast, "mixed_bfloat16").stylize(x)
    tiled = load_model(fast, "mixed_bfloat16", Tiling(tile=40)).stylize(x)
    assert psnr(tiled, whole) > 40


def test_a_thumbnails_statistics_show_no_seam(path: Path) -> None:
    x = photo(120, 150)
    model = load_model(path, "float32").tiles
    small = thumbnail(lambda first, stop: x[first:stop], x.shape[:2], 48)
    assert small.shape[0] * small.shape[1] <= 48**2
    np.testing.assert_allclose(small[0, 0], x[:3, :3].mean((0, 1)), atol=1e-6)
    (top, bottom), (left, right) = model.surround(*small.shape[:2])
    padded = np.pad(small, ((top, bottom), (left, right), (0, 0)), mode="reflect")
    shared = model.survey(padded[np.newaxis])[1]
    (top, bottom), (left, right) = model.surround(120, 150)
    padded = np.pad(x, ((top, bottom), (left, right), (0, 0)), mode="reflect")
    whole = model.paint(padded[np.newaxis], shared)[0, top : top + 120, left : left + 150]
    tiled = load_model(path, "float32", Tiling(tile=48, statistics="thumbnail"))
    np.testing.assert_allclose(tiled.stylize(x[np.newaxis])[0], whole, atol=2e-4)


def test_passes_and_tiles_are_counted(fast: Path) -> None:
    model = load_model(fast, "float32", Tiling(tile=40))
    told: list[tuple[int, int]] = []
    model.on_tile = lambda done, total: told.append((done, total))
    model.stylize(photo(60, 90)[np.newaxis])
    # With its surround of 16 pixels the picture is 92x124: 3x4 tiles; 3 layers.
    assert told == [(n, 12 * 4) for n in range(1, 12 * 4 + 1)]


def test_wrapping_is_the_same_in_tiles_and_whole(path: Path) -> None:
    x = photo(48, 64)
    model = load_model(path, "float32").tiles
    whole = stylize_seamless(model, x)
    assert whole.shape == x.shape
    tiled = load_model(path, "float32", Tiling(tile=24, seamless=True)).stylize(x[np.newaxis])
    assert psnr(tiled[0], whole) > 90


def test_a_torus_has_no_beginning(path: Path) -> None:
    x = photo(48, 64)[np.newaxis]
    model = load_model(path, "float32", Tiling(seamless=True))
    rolled = model.stylize(np.roll(x, (20, 12), (1, 2)))
    np.testing.assert_allclose(rolled, np.roll(model.stylize(x), (20, 12), (1, 2)), atol=2e-4)
    plain = load_model(path, "float32")
    rolled = plain.stylize(np.roll(x, (20, 12), (1, 2)))
    assert np.abs(rolled - np.roll(plain.stylize(x), (20, 12), (1, 2))).max() > 0.02


def test_any_size_wraps(fast: Path) -> None:
    model = load_model(fast, "float32", Tiling(seamless=True))
    for size in ((1, 1), (3, 70), (33, 17)):
        assert model.stylize(photo(*size)[np.newaxis]).shape == (1, *size, 3)


def test_a_saved_model_does_the_same(fast: Path) -> None:
    x = photo(77, 90)[np.newaxis]
    for tiling in (
        Tiling(tile=40),
        Tiling(tile=40, statistics="thumbnail"),
        Tiling(seamless=True),
        Tiling(),
    ):
        keras, saved = (
            load_model(fast / name, "float32", tiling) for name in ("generator.keras", "export")
        )
        np.testing.assert_allclose(saved.stylize(x), keras.stylize(x), atol=1e-4)
    assert saved.tiles.facts == keras.tiles.facts


def test_memory_decides(fast: Path) -> None:
    tiles = load_model(fast, "float32").tiles
    pixel = tiles.facts.bytes_per_pixel
    assert tile_side(tiles, pixel * 500**2) == 500 - 2 * tiles.facts.overlap
    assert tile_side(tiles, 0) == 64 and tile_side(tiles, 2**50) == 1024
    model = load_model(fast, "float32", Tiling(memory=pixel * 300**2))
    told: list[int] = []
    model.on_tile = lambda done, total: told.append(total)
    x = np.zeros((1, 1024, 1025, 3), np.float32)
    assert not model._fits(1024 * 1025) and model._fits(2**20)
    model.tiling = Tiling(memory=pixel * 300**2, statistics="thumbnail")
    stylized = model.stylize(x)
    assert stylized.shape == x.shape and told[0] == len(told) > 16


def test_what_does_not_fit_after_all_is_tiled(fast: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(fast, "float32")
    x = photo(150, 130)[np.newaxis]
    whole = model.stylize(x)

    def exhausted(images: object) -> None:
        raise OutOfMemory("too large for the memory")

    monkeypatch.setattr(model, "_whole", exhausted)
    assert psnr(model.stylize(x), whole) > 90
    with pytest.raises(OutOfMemory):
        model.stylize(photo(100, 90)[np.newaxis])


def test_unknown_statistics() -> None:
    with pytest.raises(UsageError, match="--tile_statistics=some: choose one of exact, thumbnail"):
        Tiling(statistics="some")


def test_an_export_without_tiles_says_so(fast: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(fast / "export", tiling=Tiling(seamless=True))

    def make_tiles(weights: None) -> None:
        from style_gan_tf.inference.tile_model import saved_model_tiles

        class Old:
            signatures: tuple[str, ...] = ("serving_default",)

        saved_model_tiles(Old(), "old/1")

    monkeypatch.setattr(model, "_make_tiles", make_tiles)
    with pytest.raises(UserError, match=r"old/1: has no signature `tile`.*export the model again"):
        model.stylize(photo(9, 9)[np.newaxis])


def test_free_memory(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9000 kB\nMemAvailable:    5000 kB\n")
    assert free_memory(meminfo, tmp_path / "none") == 5000 * 1024
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    assert free_memory(meminfo, tmp_path) == 2_000_000
    (tmp_path / "memory.max").write_text("max\n")
    assert free_memory(meminfo, tmp_path) == 5000 * 1024
    assert free_memory(tmp_path / "none", tmp_path / "none") == 4 * 2**30
    assert free_memory() > 0
