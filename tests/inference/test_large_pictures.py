"""Pictures that the memory does not hold: the same as those that it does."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_gan_tf.errors import UserError
from style_gan_tf.images import decode, encode
from style_gan_tf.inference import Job, Model, Tiling, load_model, stylize_files, stylize_picture
from style_gan_tf.inference.color import preserve_color
from style_gan_tf.inference.large_pictures import is_large, stylize_large
from style_gan_tf.networks import build_generator
from tests.perturbed import perturb

pytest.importorskip("pyvips", reason="libvips is an extra")

SIZE = (150, 190)
LITTLE = 2**20  # bytes: not enough for 28500 pixels


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    network = build_generator("fast", filters=8, n_blocks=1)
    perturb(network, 0.15)
    file = tmp_path_factory.mktemp("model") / "generator.keras"
    network.save(file)
    return file


@pytest.fixture(scope="module")
def model(path: Path) -> Model:
    return load_model(path, "float32", Tiling(memory=LITTLE))


def photo(deep: bool = False, bands: int = 3) -> np.ndarray:
    random = np.random.default_rng(0)
    small = random.uniform(0, 255, (9, 9, bands)).astype(np.uint8)
    smooth = np.asarray(Image.fromarray(small).resize(SIZE[::-1], Image.Resampling.BICUBIC))
    return smooth.astype(np.uint16) * 257 if deep else smooth


def save(path: Path, pixels: np.ndarray) -> Path:
    alpha = pixels[..., 3] if pixels.shape[-1] == 4 else None
    path.write_bytes(encode(pixels[..., :3], alpha, format=path.suffix[1:].replace("jpg", "jpeg")))
    return path


def difference(target: Path, source: Path, path: Path, **options: object) -> np.ndarray:
    """Between what was written and what the whole picture becomes, in steps of 8 bits."""
    picture = decode(source.read_bytes(), faithful=True)
    expected = stylize_picture(load_model(path, "float32"), picture, **options)  # type: ignore[arg-type]
    found = decode(target.read_bytes(), faithful=True)
    assert found.rgb.dtype == expected.rgb.dtype
    assert (found.alpha is None) == (expected.alpha is None)
    if expected.alpha is not None:
        np.testing.assert_array_equal(found.alpha, expected.alpha)
    return np.abs(found.rgb.astype(float) - expected.rgb) / (expected.white / 255)


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
@pytest.mark.parametrize(("deep", "bands"), [(False, 3), (False, 4), (True, 3)])
def test_by_rows_is_as_whole(tmp_path, path, model, suffix, deep, bands):
    source = save(tmp_path / f"photo{suffix}", photo(deep, bands))
    assert is_large(source, LITTLE) and not is_large(source, 2**30)
    target = tmp_path / f"painted{suffix}"
    stylize_large(model, source, target)
    found = difference(target, source, path)
    if bands == 3:
        assert found.max() <= (0.1 if deep else 1.0)
    else:  # Rounding is magnified where the picture is nearly transparent.
        assert np.median(found) <= 1.0 and found.mean() < 1.0


def test_strength_color_and_other_suffixes(tmp_path: Path, path: Path, model: Model) -> None:
    source = save(tmp_path / "photo.png", photo())
    options = {"strength": 0.5, "color": preserve_color}
    stylize_large(model, source, tmp_path / "a.png", **options)  # type: ignore[arg-type]
    assert difference(tmp_path / "a.png", source, path, **options).max() <= 1.0
    stylize_large(model, source, tmp_path / "a.jpg", quality=100)
    assert difference(tmp_path / "a.jpg", source, path).mean() < 2.0
    source = save(tmp_path / "photo.jpg", photo())
    stylize_large(model, source, tmp_path / "b.png")
    assert difference(tmp_path / "b.png", source, path).mean() < 1.0


def test_thumbnail(tmp_path: Path, path: Path) -> None:
    tiling = Tiling(memory=LITTLE, tile=64, statistics="thumbnail")
    model = load_model(path, "float32", tiling)
    source = save(tmp_path / "photo.png", photo())
    stylize_large(model, source, tmp_path / "a.png")
    whole = model.stylize(photo()[np.newaxis] / np.float32(127.5) - 1)[0] * 127.5 + 127.5
    found = np.asarray(Image.open(tmp_path / "a.png"))
    # The strips are lower than the tiles of the picture in memory; the pixels are the same.
    assert np.abs(found - whole).max() <= 1.0


def test_painted_small(tmp_path: Path, path: Path) -> None:
    """By rows and in memory the same, with alpha and its strength too."""
    by_rows = load_model(path, "float32", Tiling(memory=LITTLE, paint_size=60))
    whole = load_model(path, "float32", Tiling(paint_size=60))
    for bands in (3, 4):
        source = save(tmp_path / f"{bands}.png", photo(bands=bands))
        stylize_large(by_rows, source, tmp_path / "a.png", strength=0.7)
        picture = decode(source.read_bytes(), faithful=True)
        expected = stylize_picture(whole, picture, 0.7).rgb.astype(int)
        found = np.abs(decode((tmp_path / "a.png").read_bytes(), faithful=True).rgb - expected)
        assert np.median(found) <= 1.0 and found.mean() < 1.0 and (bands == 4 or found.max() <= 1)


def test_among_others(tmp_path: Path, path: Path, model: Model) -> None:
    small = save(tmp_path / "a.png", photo()[:20, :30])
    large = save(tmp_path / "b.png", photo())
    broken = tmp_path / "c.png"
    broken.write_bytes(large.read_bytes()[:2000])
    deep = save(tmp_path / "d.png", photo(deep=True))
    sources = [small, large, broken, deep]
    jobs = [Job(source, tmp_path / "out" / source.name) for source in sources]
    asked: list[Model] = []

    def precise() -> Model:
        asked.append(model)
        return model

    coarse = load_model(path, "mixed_bfloat16", Tiling(memory=LITTLE))
    report = stylize_files(coarse, jobs, precise=precise)
    assert [path.name for path in report.written] == ["a.png", "b.png", "d.png"]
    (failure,) = report.failures
    assert failure.source == broken and failure.reason.startswith("not a readable picture (")
    assert difference(tmp_path / "out" / "d.png", deep, path).max() <= 0.1 and asked
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "b.png", "d.png"]


def test_what_needs_the_whole_picture(tmp_path: Path, path: Path, model: Model) -> None:
    source = save(tmp_path / "photo.png", photo())
    seamless = load_model(path, tiling=Tiling(memory=LITTLE, seamless=True))
    with pytest.raises(UserError, match=r"photo\.png: too large for --seamless"):
        stylize_large(seamless, source, tmp_path / "a.png")
    with pytest.raises(UserError, match=r"photo\.png: too large for --match_color"):
        stylize_large(model, source, tmp_path / "a.png", color=lambda stylized, *_: stylized)
    assert not (tmp_path / "a.png").exists()


def test_without_libvips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = save(tmp_path / "photo.png", photo())
    from style_gan_tf.inference import large_pictures

    monkeypatch.setattr(large_pictures, "has_vips", lambda: False)
    assert not is_large(source, LITTLE)
    monkeypatch.setattr(large_pictures, "DEFAULT_MAX_PIXELS", 1000)
    assert is_large(source, LITTLE)
    assert not is_large(tmp_path / "nowhere.png", LITTLE)
    monkeypatch.setitem(__import__("sys").modules, "pyvips", None)
    from style_gan_tf.images.row_reader import RowReader

    with pytest.raises(UserError, match=r"pip install 'style_gan_tf\[large\]'"):
        RowReader(source)
