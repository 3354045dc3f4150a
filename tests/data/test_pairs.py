import logging

import numpy as np
import pytest

from style_gan_tf.data import (
    Augmentation,
    PairSource,
    batches,
    check_report,
    content_and_target,
    degrade_all,
    held_out_pictures,
    open_pairs,
    open_source,
    parse_degradations,
    read_squares,
    side_by_side,
    split,
    validate,
)
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import decode, encode

CROP = Augmentation(crop=16, load_size=20)


def places(number: int, width: int = 30, height: int = 20) -> np.ndarray:
    """Red tells the row, green the column, blue the number of the picture."""
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[..., 0] = 4 * np.arange(height)[:, np.newaxis]
    rgb[..., 1] = 4 * np.arange(width)
    rgb[..., 2] = 10 * number
    return rgb


def write(path, rgb) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(rgb, format="png"))


@pytest.fixture
def two(tmp_path):
    """Folders A and B: B is A with 100 added to every value."""
    for number in range(8):
        write(tmp_path / "a" / f"{number}.png", places(number))
        write(tmp_path / "b" / f"{number}.png", places(number) + 100)
    return f"{tmp_path / 'a'},{tmp_path / 'b'}"


@pytest.fixture
def side(tmp_path):
    """The same as the two halves of one picture."""
    for number in range(8):
        both = np.concatenate([places(number), places(number) + 100], axis=1)
        write(tmp_path / "ab" / f"{number}.png", both)
    return str(tmp_path / "ab")


def pair_batches(pairs, augmentation=CROP, **options):
    """Batches with their content and target by name, as objectives read them."""
    stream = batches(pairs, augmentation, **{"batch_size": 4, "seed": 3, **options})
    return side_by_side({"paired": stream})


def first_batch(pairs, augmentation=CROP, **options):
    batch = next(iter(pair_batches(pairs, augmentation, **options)))
    return {name: value.numpy() for name, value in batch.items()}


@pytest.mark.parametrize("kind", ["two", "side"])
def test_both_pictures_of_a_pair_get_the_same_crop_and_flip(kind, request):
    pairs = open_pairs(request.getfixturevalue(kind))
    assert len(pairs) == 8
    corners, flips = set(), set()
    for batch in pair_batches(pairs, seed=0).take(10):
        content, target = batch["content"].numpy(), batch["target"].numpy()
        assert content.shape == (4, 16, 16, 3)
        np.testing.assert_allclose(target - content, 100 / 127.5, atol=1e-5)
        corners |= {round(float(c) * 127.5) for c in content.min(axis=(1, 2))[:, 1]}
        flips |= {bool(row[0, 0, 1] < row[0, 1, 1]) for row in content}
        np.testing.assert_array_equal(batch["positions"], range(4))
    assert len(corners) > 3 and flips == {True, False}


@pytest.mark.parametrize("kind", ["two", "side"])
def test_direction(kind, request):
    spec = request.getfixturevalue(kind)
    there, back = open_pairs(spec), open_pairs(spec, direction="BtoA")
    one, other = first_batch(there), first_batch(back)
    np.testing.assert_array_equal(one["content"], other["target"])
    np.testing.assert_array_equal(one["target"], other["content"])
    with pytest.raises(UsageError, match="--direction=AtoC: choose one of AtoB, BtoA"):
        open_pairs(spec, direction="AtoC")


def test_both_kinds_of_pairs_are_the_same(two, side):
    for name, value in first_batch(open_pairs(two)).items():
        np.testing.assert_array_equal(value, first_batch(open_pairs(side))[name])


def test_halves_have_half_the_width(tmp_path):
    write(tmp_path / "odd" / "x.png", places(0, width=41))
    pairs = open_pairs(str(tmp_path / "odd"))
    assert pairs.content.size(0) == pairs.target.size(0) == pairs.target.known_size(0) == (20, 20)
    halves = [
        source.picture(0, max_pixels=10**6, at_least=20) for source in (pairs.content, pairs.target)
    ]
    np.testing.assert_array_equal(halves[0], places(0, width=41)[:, :20])
    np.testing.assert_array_equal(halves[1], places(0, width=41)[:, 21:])


def test_pictures_without_a_partner_are_counted_and_named(two, tmp_path, caplog):
    write(tmp_path / "a" / "lonely.png", places(9))
    (tmp_path / "b" / "3.png").unlink()
    with caplog.at_level(logging.WARNING):
        pairs = open_pairs(two)
    assert len(pairs) == 7
    assert [key for key, _ in pairs.skipped] == ["3.png", "lonely.png"]
    assert "skipping lonely.png: no partner of this name in" in caplog.text
    batch = first_batch(pairs, batch_size=7)
    np.testing.assert_allclose(batch["target"] - batch["content"], 100 / 127.5, atol=1e-5)


def test_suffixes_may_differ_and_decide_nothing(tmp_path):
    for number in range(20):
        write(tmp_path / "a" / "in" / f"{number}.png", places(number))
        path = tmp_path / "b" / "in" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(places(number), format="jpeg", quality=95))
    spec = f"{tmp_path / 'a'}, {tmp_path / 'b'}"
    one, other = open_pairs(spec), open_pairs(spec, direction="BtoA")
    assert one.content.keys[0] == "in/0.png" and one.target.keys[0] == "in/0.jpg"
    held_out = [split(pairs, "held_out").keys for pairs in (one, other)]
    assert {key.rpartition(".")[2] for key in held_out[0]} == {"jpg"}
    assert {key.rpartition(".")[2] for key in held_out[1]} == {"png"}
    stems = [{key.rpartition(".")[0] for key in keys} for keys in held_out]
    assert stems[0] and stems[0] == stems[1]
    # As everywhere else: by the names of A.
    own = split(open_source(str(tmp_path / "a")), "held_out")
    assert {key.rpartition(".")[0] for key in own.keys} == stems[0]
    train = split(one, "train")
    assert len(train) + len(held_out[0]) == len(one) == 20
    assert not stems[0] & {key.rpartition(".")[0] for key in train.keys}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("{a},{c}", "no picture of the one has a name of the other (they begin with 0.png and x"),
        ("{a},{b},{a}", "one data set or from two, not 3"),
        ("{a},", "the data spec is empty"),
        ("{a},no_such_folder", "no_such_folder: no such folder"),
    ],
)
def test_what_cannot_be_paired_is_one_line(two, tmp_path, spec, words):
    write(tmp_path / "c" / "x.png", places(0))
    with pytest.raises(UserError) as error:
        open_pairs(spec.format(**{name: tmp_path / name for name in "abc"}))
    assert words in str(error.value) and "\n" not in str(error.value)


def test_a_folder_with_a_comma_in_its_name(tmp_path):
    both = np.concatenate([places(1), places(1)], axis=1)
    write(tmp_path / "left,right" / "x.png", both)
    assert len(open_pairs(str(tmp_path / "left,right"))) == 1


def test_another_size_of_the_same_shape_fits(two, tmp_path):
    for number in range(8):
        write(tmp_path / "b" / f"{number}.png", places(number).repeat(2, 0).repeat(2, 1))
    batch = first_batch(open_pairs(two))
    # Resized by half again: up to the interpolation the same pixels.
    assert np.abs(batch["target"] - batch["content"]).mean() < 0.02


def test_pairs_of_two_shapes_and_small_ones_are_left_out(two, tmp_path, caplog):
    write(tmp_path / "b" / "2.png", places(2, width=40))
    write(tmp_path / "a" / "5.png", places(5, width=9, height=6))
    pairs = open_pairs(two)
    with caplog.at_level(logging.WARNING):
        kept = validate(pairs, CROP)
        assert validate(kept, CROP) is kept
        validate(pairs, CROP)
    assert len(kept) == 6 and not {"2.png", "5.png"} & set(kept.keys)
    assert set(split(kept, "held_out").keys) <= set(split(pairs, "held_out").keys)
    reasons = dict(kept.skipped)
    assert "a pair of two shapes, 30 x 20 and 40 x 20 pixels" in reasons["2.png"]
    assert "too small" in reasons["5.png"]
    assert len(pairs.skipped) == len(caplog.records) == 2
    with pytest.raises(UserError, match=r"none of the 8 pairs is usable .*smaller crop"):
        validate(pairs, Augmentation(crop=128))


@pytest.mark.parametrize("kind", ["two", "side", "degraded"])
def test_pairs_are_a_source_of_six_channels(kind, two, side, tmp_path):
    pairs = {
        "two": lambda: open_pairs(two),
        "side": lambda: open_pairs(side),
        "degraded": lambda: open_pairs(str(tmp_path / "b"), degrade="noise:10"),
    }[kind]()
    assert isinstance(pairs, PairSource)
    train = split(pairs, "train")
    assert train.channels == 6
    images = next(iter(batches(train, CROP, batch_size=2, seed=0)))["images"].numpy()
    assert images.shape == (2, 16, 16, 6)
    named = first_batch(train, batch_size=2, seed=0)
    for part, name in zip(content_and_target(images), ("content", "target"), strict=True):
        np.testing.assert_array_equal(part, named[name])
    squares, keys = read_squares(pairs, 20)
    assert squares.shape == (8, 20, 20, 6) and list(keys) == list(pairs.keys)
    targets = read_squares(open_source(str(tmp_path / "b")), 20)[0]
    np.testing.assert_array_equal(squares[..., 3:], targets)


def test_what_is_wrong_with_a_pair_names_the_file(two, tmp_path, caplog):
    """The target's size is known and right: the content is found broken by reading it."""
    path = tmp_path / "a" / "3.png"
    path.write_bytes(path.read_bytes()[:45])
    pairs = open_pairs(two)
    with caplog.at_level(logging.WARNING):
        assert len(read_squares(pairs, 20)[0]) == 7
    (record,) = caplog.records
    assert f"{two}: skipping 3.png: {path}: not a readable picture" in record.getMessage()


@pytest.mark.parametrize("broken", ["a", "b"])
def test_a_broken_picture_takes_its_partner_with_it(two, tmp_path, broken):
    path = tmp_path / broken / "3.png"
    path.write_bytes(path.read_bytes()[:45])  # the header stays readable
    pairs = open_pairs(two)
    for batch in pair_batches(pairs, batch_size=8, seed=1).take(2):
        difference = batch["target"].numpy() - batch["content"].numpy()
        np.testing.assert_allclose(difference, 100 / 127.5, atol=1e-5)
    assert [key for key, _ in pairs.skipped] == ["3.png"]


def test_when_all_are_broken_the_data_are_named(two, tmp_path):
    for path in (tmp_path / "a").iterdir():
        path.write_bytes(path.read_bytes()[:45])
    with pytest.raises(UserError, match="none of the 8 pairs is usable"):
        first_batch(open_pairs(two))


def test_starting_later_and_workers(two):
    pairs = open_pairs(two)
    whole = list(pair_batches(pairs, seed=9).take(4))
    later = first_batch(pairs, seed=9, start=3)
    half = first_batch(pairs, seed=9, positions=range(2, 4))
    for name in ("content", "target", "positions"):
        np.testing.assert_array_equal(later[name], whole[3][name])
        np.testing.assert_array_equal(half[name], whole[0][name][2:])


def test_degradations_make_the_content_of_the_target(two, tmp_path):
    pairs = open_pairs(str(tmp_path / "a"), degrade="noise:25")
    batch = first_batch(pairs)
    again = first_batch(pairs)
    difference = (batch["content"] - batch["target"]) * 127.5
    assert 15 < difference.std() < 30  # Clipping at black takes some of it.
    assert np.abs(difference[0] - difference[1]).max() > 1
    np.testing.assert_array_equal(batch["content"], again["content"])
    np.testing.assert_array_equal(
        batch["target"], first_batch(open_pairs(two))["content"]
    )  # The crops are those of any pairs.
    later = first_batch(pairs, start=1)
    assert np.abs(later["content"] - batch["content"]).max() > 0.1


def test_held_out_pairs(two, tmp_path):
    pairs = open_pairs(two)
    content, target = content_and_target(held_out_pictures(pairs, 5, 20))
    assert len(content) == len(target) == len(split(pairs, "held_out")) >= 1
    np.testing.assert_allclose(target - content, 100 / 127.5, atol=1e-5)
    np.testing.assert_array_equal(
        content, held_out_pictures(open_source(str(tmp_path / "a")), 5, 20)
    )
    assert held_out_pictures(pairs, 0, 20).shape == (0, 20, 20, 6)


def test_held_out_pictures_are_degraded_the_same_way_every_time(two, tmp_path):
    pairs = open_pairs(str(tmp_path / "a"), degrade="noise:25")
    both = held_out_pictures(pairs, 5, 20)
    np.testing.assert_array_equal(both, held_out_pictures(pairs, 5, 20))
    content, target = content_and_target(both)
    np.testing.assert_array_equal(content, degrade_all(target, parse_degradations("noise:25")))


def test_colour_jitter_is_the_same_for_both(tmp_path):
    for number in range(3):
        write(tmp_path / "a" / f"{number}.png", places(number))
    folder = tmp_path / "a"
    jitter = Augmentation(crop=16, load_size=20, color_jitter=0.5)
    pairs = open_pairs(f"{folder},{folder}")
    batch = first_batch(pairs, jitter, batch_size=3, seed=0)
    np.testing.assert_array_equal(batch["content"], batch["target"])
    plain = first_batch(pairs, batch_size=3, seed=0)
    assert np.abs(plain["content"] - batch["content"]).max() > 0.05


def test_side_by_side_names_both(two):
    assert set(first_batch(open_pairs(two))) == {"content", "target", "positions"}


def test_report_and_sheet(two, tmp_path):
    write(tmp_path / "a" / "lonely.png", places(9))
    report = check_report({"paired": open_pairs(two)}, CROP, 0, tmp_path / "sheet.png")
    assert f"paired: {two}: 8 pairs, 7 train, 1 held out" in report
    assert "skipped: 1" in report and "lonely.png: no partner" in report
    assert "a row for each of content, target" in report
    assert decode((tmp_path / "sheet.png").read_bytes()).rgb.shape == (4 + 2 * 20, 4 + 6 * 20, 3)
