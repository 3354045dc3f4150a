"""The models that come with the package: small, told of, and what they make of photographs."""

import json
from pathlib import Path

import numpy as np
import pytest
import skimage

from style_gan_tf.errors import UsageError
from style_gan_tf.images import Picture, decode, resize_short_side
from style_gan_tf.images.skin_color import cells_lab, is_skin
from style_gan_tf.inference import load_model, shipped_models, stylize_picture
from style_gan_tf.inference.style_choice import style_weights

MODELS = shipped_models()
PHOTOS = ("chelsea.png", "coffee.png", "astronaut.png", "rocket.jpg")
LARGEST = 10_000_000  # bytes of a model, its card and samples included


def photo(name: str, side: int = 128) -> Picture:
    data = (Path(skimage.__file__).parent / "data" / name).read_bytes()
    return Picture(resize_short_side(decode(data).rgb, side))


def difference(one: Picture, other: Picture) -> float:
    return float(np.abs(one.rgb.astype(int) - other.rgb).mean())


def test_which_they_are() -> None:
    assert set(MODELS) >= {
        "painting",
        "cartoon",
        "any_style",
        "great_wave",
        "restore",
        "denoise",
    }


@pytest.mark.parametrize("name", MODELS)
def test_each_is_small_and_told_of(name: str) -> None:
    folder = MODELS[name].path
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < LARGEST
    card = json.loads((folder / "assets.extra" / "model_card.json").read_text(encoding="utf-8"))
    assert card["name"] == name and "learned from" in card["licence"]
    assert card["data"] and card["steps"] and card["flags"] and card["figures"]
    told = json.dumps(card)
    assert not any(f"{place}/" in told for place in ("/tmp", "/work", "/home", "/root"))
    assert (folder / "assets.extra" / card["samples"]).stat().st_size > 10_000


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"restore", "denoise"}))
def test_each_repaints_a_photograph(name: str) -> None:
    given = photo("chelsea.png")
    painted = stylize_picture(load_model(name), given)
    assert painted.rgb.shape == given.rgb.shape
    assert difference(painted, given) > 8  # of 255


def test_large_photographs_are_painted_small() -> None:
    for name in sorted(MODELS):
        size = load_model(name).tiling.paint_size
        assert size == 0 if name in ("restore", "denoise") else size in (512, 768), name


def test_any_style_takes_the_colours_of_a_picture() -> None:
    model = load_model("any_style")
    assert model.table is not None and model.table.encode is not None
    given = photo("chelsea.png")
    means = {}
    for name in ("retina.jpg", "rocket.jpg"):
        reference = photo(name, 176)
        look = model.driven_by(model.table.encode(reference))
        distances = [
            difference(stylize_picture(look, given, strength), given)
            for strength in (0.0, 0.25, 0.5, 0.75, 1.0)
        ]
        assert distances[0] == 0 and all(np.diff(distances) > 0)
        means[name] = stylize_picture(look, given).rgb.mean(axis=(0, 1))
    # A retina is red, the sky behind the rocket blue; the cat is brown.
    assert means["retina.jpg"][0] > means["retina.jpg"][2] + 60
    assert means["rocket.jpg"][2] > means["rocket.jpg"][0] + 10


def test_any_style_has_many_renderings_of_a_style() -> None:
    model = load_model("any_style")
    assert model.table is not None
    given = photo("chelsea.png")
    for style in np.eye(len(model.styles), dtype=np.float32):
        rows = model.table.renderings(style, 4, seed=1)
        painted = [stylize_picture(model.driven_by(row), given) for row in rows]
        apart = [difference(painted[i], painted[j]) for i in range(4) for j in range(i)]
        assert min(apart) > 4 and np.mean(apart) > 12, apart  # of 255


@pytest.mark.parametrize("name", ["restore", "denoise"])
def test_noise_is_taken_off(name: str) -> None:
    clean = photo("coffee.png")
    noise = np.random.default_rng(0).normal(0, 25, clean.rgb.shape)
    noisy = Picture(np.clip(clean.rgb + noise, 0, 255).round().astype(np.uint8))
    mended = stylize_picture(load_model(name), noisy)
    assert difference(mended, clean) < 0.5 * difference(noisy, clean)


def test_restore_mends_scratches() -> None:
    clean = photo("coffee.png")
    scratched = clean.rgb.copy()
    height, width = scratched.shape[:2]
    rows = np.arange(height)
    for start in range(0, width - height, 40):
        scratched[rows, start + rows + np.arange(2)[:, None]] = 250
    marks = np.any(scratched != clean.rgb, axis=-1)
    mended = stylize_picture(load_model("restore"), Picture(scratched)).rgb
    before, after = (
        np.abs(rgb[marks].astype(float) - clean.rgb[marks]).mean() for rgb in (scratched, mended)
    )
    assert after < 0.5 * before


def test_the_dial_of_paintings_styles_moves_every_photograph() -> None:
    model = load_model("painting")
    assert model.styles == ("van_gogh", "ukiyo_e", "watercolour", "ink", "engraving")
    for style in np.eye(len(model.styles)):
        look = model.in_style(style)
        for name in PHOTOS:
            given = photo(name)
            distances = [
                difference(stylize_picture(look, given, strength), given)
                for strength in (0.0, 0.25, 0.5, 0.75, 1.0)
            ]
            assert distances[0] == 0
            assert all(np.diff(distances) > 0), (name, style, distances)
    given = photo("chelsea.png")
    full = [stylize_picture(model.in_style(style), given) for style in np.eye(len(model.styles))]
    # In black and white, and in colour.
    spread = [np.ptp(painted.rgb.astype(int), axis=-1).mean() for painted in full]
    assert max(spread[3:]) < 0.5 * min(spread[:3])
    # Between the two: nearer to each than they are to one another.
    half = np.array([0.5, 0, 0, 0.5, 0])
    mixed = stylize_picture(model.in_style(half), given)
    apart = difference(full[0], full[3])
    assert max(difference(mixed, full[0]), difference(mixed, full[3])) < apart


@pytest.mark.parametrize(
    ("name", "style", "most"),
    [
        # His own faces are greenish.
        ("painting", "van_gogh", 0.35),
        ("painting", "ukiyo_e", 0.05),
        ("painting", "watercolour", 0.05),
        ("cartoon", "", 0.02),
    ],
)
def test_skin_stays_skin(name: str, style: str, most: float) -> None:
    given = photo("astronaut.png", 448)
    model = load_model(name)
    if style:
        model = model.in_style(style_weights(style, model.styles))
    before, after = (
        cells_lab(picture.rgb.astype(np.float32) / 127.5 - 1)
        for picture in (given, stylize_picture(model, given))
    )
    face = np.s_[8:17, 21:28]  # cells of 8x8 pixels
    skin = is_skin(before[face])
    assert skin.mean() > 0.6
    assert (after[face][skin][:, 1] < 0).mean() <= most  # green


def test_a_model_that_was_replaced_says_by_what() -> None:
    with pytest.raises(UsageError, match="--model=painting --style=van_gogh"):
        load_model("styles")
