"""Styles of pictures and renderings by noise, through the command line."""

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from style_gan_tf import command_line, stylize
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.images import decode, encode
from style_gan_tf.networks import build_generator
from tests.reference_model import build, write_pictures

KINDS = ("generator.keras", "export")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models")
    write_pictures(path)
    (path / "of_references").mkdir()
    build().save(path / "of_references" / "generator.keras")
    keras.utils.set_random_seed(0)
    network = build_generator("fast", filters=4, n_blocks=1, num_styles=2, latent_dim=5)
    network.recipe["styles"] = ["ink", "oil"]
    rng = np.random.default_rng(1)
    network.set_weights([w + rng.normal(0, 0.05, w.shape) for w in network.get_weights()])
    network.save(path / "generator.keras")
    export_saved_model(network, path / "export")
    return path


def run(*argv: str) -> int:
    return command_line.run("stylize", "", stylize.define_flags, stylize.main, argv)


def read(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


@pytest.mark.parametrize("kind", KINDS)
def test_renderings_differ_and_repeat(folder: Path, kind: str, tmp_path: Path) -> None:
    given = (f"--model={folder / kind}", f"--input={folder / 'photo.png'}", "--style=oil")
    given = (*given, "--precision=float32")
    assert run(*given, "--samples=2", "--seed=1", f"--output={tmp_path / 'a'}") == 0
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "photo_1.png",
        "photo_2.png",
    ]
    first, second = (read(tmp_path / "a" / f"photo_{n}.png") for n in (1, 2))
    assert np.abs(first - second).max() > 3
    # More of them begin with the same; another seed gives others.
    assert run(*given, "--samples=1", "--seed=1", f"--output={tmp_path / 'b'}") == 0
    np.testing.assert_array_equal(read(tmp_path / "b" / "photo_1.png"), first)
    assert run(*given, "--samples=1", "--seed=2", f"--output={tmp_path / 'c'}") == 0
    assert np.abs(read(tmp_path / "c" / "photo_1.png") - first).max() > 3


def test_a_style_is_saved_and_taken(folder: Path, tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = f"--model={folder / 'of_references'}"
    wave = f"--style_image={folder / 'wave.png'}"
    assert run(model, wave, "--save_style=wave") == 0
    assert "style wave: styles/wave.json" in capsys.readouterr().out
    photo = f"--input={folder / 'photo.png'}"
    assert run(model, wave, photo, "--output=a.png") == 0
    assert run(model, "--style=wave", photo, "--output=b.png") == 0
    assert np.abs(read(tmp_path / "a.png") - read(tmp_path / "b.png")).max() <= 1
    # It is saved at the strength that is painted.
    assert run(model, wave, photo, "--strength=0.5", "--save_style=half", "--output=c.png") == 0
    assert run(model, "--style=half", photo, "--output=d.png") == 0
    assert np.abs(read(tmp_path / "c.png") - read(tmp_path / "d.png")).max() <= 1
    assert np.abs(read(tmp_path / "a.png") - read(tmp_path / "d.png")).max() > 3
    assert run(model, wave, "--sheet", photo, "--output=sheet.png") == 0
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 2 * 52


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--samples=2",), "--samples=2: the model has no mapping network"),
        (("--samples=2", "--sheet"), "--sheet and --samples"),
        (("--style_image=nothing.jpg",), "--style_image=nothing.jpg: no such file"),
        (("--style=wave",), "no style 'wave'; the model has ink, oil"),
        (("--save_style=a:b",), "--save_style=a:b: a name has no comma"),
        (("--save_style=reference",), "--save_style=reference: --style calls the picture"),
        (("--save_style=oil",), "--save_style=oil: the model has a style of that name"),
    ],
)
def test_one_line_says_what_is_wrong(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: tuple, said: str
) -> None:
    given = (f"--model={folder / 'of_references'}", f"--input={folder / 'photo.png'}")
    assert run(*given, f"--output={tmp_path / 'out'}", *flags) == 2
    told = capsys.readouterr().err
    assert said in told and "Traceback" not in told and len(told.splitlines()) == 1


def test_16_bits_are_computed_in_float32(folder: Path, tmp_path: Path) -> None:
    ramp = np.tile(np.arange(20000, 20000 + 52 * 40, 40, dtype=np.uint16), (40, 1))
    deep = tmp_path / "deep.png"
    deep.write_bytes(encode(np.stack([ramp] * 3, -1), format="png"))
    given = (f"--model={folder / 'generator.keras'}", f"--input={deep}", "--samples=2")
    for precision in ("mixed_bfloat16", "float32"):
        out = f"--output={tmp_path / precision}"
        assert run(*given, out, f"--precision={precision}") == 0
    found = {}
    for n in (1, 2):
        one, other = (
            decode((tmp_path / name / f"deep_{n}.png").read_bytes(), faithful=True).rgb
            for name in ("mixed_bfloat16", "float32")
        )
        assert one.dtype == np.uint16
        np.testing.assert_array_equal(one, other)
        found[n] = one.astype(int)
    assert np.abs(found[1] - found[2]).max() > 500


def test_a_broken_picture_is_told_once(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    (photos / "a.png").write_bytes((folder / "photo.png").read_bytes())
    (photos / "b.png").write_bytes(b"")
    given = (f"--model={folder / 'export'}", f"--input={photos}", f"--output={out}", "--samples=2")
    assert run(*given) == 1
    told = capsys.readouterr()
    assert told.err.count("b.png: not a readable picture") == 1
    assert told.out.count("stylized in") == 1
    assert "2 pictures stylized" in told.out and ", 1 failed" in told.out
    assert (out / "failures.txt").read_text().count("b.png\t") == 1
    # The last rendering's pass is without failures, but not the first one's: the list stays.
    (out / "a_2.png").unlink()
    (out / "b_2.png").touch()
    assert run(*given, "--skip_existing") == 1
    assert capsys.readouterr().out.count("2 of 4 pictures are there already") == 1
    assert (out / "failures.txt").read_text().count("b.png\t") == 1


def test_noise_belongs_to_named_styles(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keras.utils.set_random_seed(0)
    network = build_generator(
        "fast", filters=4, n_blocks=1, num_styles=2, latent_dim=5, style_encoder=True
    )
    network.recipe["styles"] = ["ink", "oil"]
    network.save(tmp_path / "generator.keras")
    given = (
        f"--model={tmp_path / 'generator.keras'}",
        f"--input={folder / 'photo.png'}",
        f"--style_image={folder / 'wave.png'}",
        f"--saved_styles={tmp_path / 'styles'}",
        f"--output={tmp_path / 'out'}",
        "--samples=2",
    )
    for style in ("", "reference:0.5", "reference:0.5,oil:0"):
        assert run(*given, f"--style={style}") == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert "--samples=2: noise belongs to the model's named styles (ink, oil)" in told
    assert not (tmp_path / "out").exists()
    assert run(*given, "--style=reference:0.5,oil:0.5") == 0
    assert len(list((tmp_path / "out").iterdir())) == 2


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--generate=2", "--noise_model=n", "--samples=2"), "--samples and --generate: its"),
        (("--generate=2", "--noise_model=n", "--save_style=a"), "--save_style and --generate: its"),
        (("--save_style=a", "--samples=2"), "--samples: there is nothing to paint; name it by"),
        (("--save_style=a", "--sheet"), "--sheet: there is nothing to paint; name it by --input"),
    ],
)
def test_nothing_is_dropped_silently(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: tuple, said: str
) -> None:
    given = (f"--model={folder / 'of_references'}", f"--saved_styles={tmp_path / 'styles'}")
    assert run(*given, f"--output={tmp_path / 'out'}", *flags) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1
    assert not list(tmp_path.iterdir())
