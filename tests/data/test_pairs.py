import logging

import numpy as np
import pytest

from style_gan_tf.data import (
    Augmentation,
    check_report,
    degrade_all,
    held_out_pairs,
    held_out_pictures,
    open_pairs,
    open_source,
    paired_batches,
    parse_degradations,
    side_by_side,
    split,
    validate_pairs,
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


def first_batch(pairs, **options):
    dataset = paired_batches(pairs, CROP, **{"batch_size": 4, "seed": 3, **options})
    return {name: value.numpy() for name, value in next(iter(dataset)).items()}


@pytest.mark.parametrize("kind", ["two", "side"])
def test_both_pictures_of_a_pair_get_the_same_crop_and_flip(kind, request):
    pairs = open_pairs(request.getfixturevalue(kind))
    assert len(pairs) == 8
    corners, flips = set(), set()
    for batch in paired_batches(pairs, CROP, batch_size=4, seed=0).take(10):
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
    stems = [
        {key.rpartition(".")[0] for key in source.keys}
        for pairs in (one.part("held_out"), other.part("held_out"))
        for source in (pairs.content, pairs.target)
    ]
    assert stems[0] and stems == [stems[0]] * 4
    # As everywhere else: by the names of A.
    own = split(open_source(str(tmp_path / "a")), "held_out")
    assert {key.rpartition(".")[0] for key in own.keys} == stems[0]
    train = one.part("train")
    assert len(train) + len(one.part("held_out")) == len(one) == 20
    assert not stems[0] & {key.rpartition(".")[0] for key in train.target.keys}


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


def test_pairs_of_two_shapes_and_small_ones_are_left_out(two, tmp_path):
    write(tmp_path / "b" / "2.png", places(2, width=40))
    write(tmp_path / "a" / "5.png", places(5, width=9, height=6))
    pairs = open_pairs(two)
    kept = validate_pairs(pairs, CROP)
    assert len(kept) == 6 and not {"2.png", "5.png"} & set(kept.target.keys)
    reasons = dict(pairs.skipped)
    assert "a pair of two shapes, 30 x 20 and 40 x 20 pixels" in reasons["2.png"]
    assert "too small" in reasons["5.png"]
    validate_pairs(pairs, CROP)
    assert len(pairs.skipped) == 2
    with pytest.raises(UserError, match=r"none of the 8 pairs is usable .*smaller crop"):
        validate_pairs(pairs, Augmentation(crop=128))


@pytest.mark.parametrize("broken", ["a", "b"])
def test_a_broken_picture_takes_its_partner_with_it(two, tmp_path, broken):
    path = tmp_path / broken / "3.png"
    path.write_bytes(path.read_bytes()[:45])  # the header stays readable
    pairs = open_pairs(two)
    for batch in paired_batches(pairs, CROP, batch_size=8, seed=1).take(2):
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
    whole = list(paired_batches(pairs, CROP, batch_size=4, seed=9).take(4))
    later = next(iter(paired_batches(pairs, CROP, batch_size=4, seed=9, start=3)))
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
    later = next(iter(paired_batches(pairs, CROP, batch_size=4, seed=3, start=1)))
    assert np.abs(later["content"].numpy() - batch["content"]).max() > 0.1


def test_held_out_pairs(two, tmp_path):
    pairs = open_pairs(two)
    content, target = held_out_pairs(pairs, 5, 20)
    assert len(content) == len(target) == len(pairs.part("held_out")) >= 1
    np.testing.assert_allclose(target - content, 100 / 127.5, atol=1e-5)
    np.testing.assert_array_equal(
        content, held_out_pictures(open_source(str(tmp_path / "a")), 5, 20)
    )
    assert held_out_pairs(pairs, 0, 20)[1].shape == (0, 20, 20, 3)


def test_held_out_pictures_are_degraded_the_same_way_every_time(two, tmp_path):
    pairs = open_pairs(str(tmp_path / "a"), degrade="noise:25")
    content, target = held_out_pairs(pairs, 5, 20)
    np.testing.assert_array_equal(content, held_out_pairs(pairs, 5, 20)[0])
    np.testing.assert_array_equal(content, degrade_all(target, parse_degradations("noise:25")))


def test_colour_jitter_is_the_same_for_both(tmp_path):
    for number in range(3):
        write(tmp_path / "a" / f"{number}.png", places(number))
    folder = tmp_path / "a"
    jitter = Augmentation(crop=16, load_size=20, color_jitter=0.5)
    batch = next(
        iter(paired_batches(open_pairs(f"{folder},{folder}"), jitter, batch_size=3, seed=0))
    )
    np.testing.assert_array_equal(batch["content"], batch["target"])
    plain = next(iter(paired_batches(open_pairs(f"{folder},{folder}"), CROP, batch_size=3, seed=0)))
    assert np.abs(plain["content"].numpy() - batch["content"].numpy()).max() > 0.05


def test_side_by_side_names_both(two):
    stream = paired_batches(open_pairs(two), CROP, batch_size=2, seed=0)
    merged = next(iter(side_by_side({"paired": stream})))
    assert set(merged) == {"content", "target", "positions"}


def test_report_and_sheet(two, tmp_path):
    write(tmp_path / "a" / "lonely.png", places(9))
    report = check_report({"paired": open_pairs(two)}, CROP, 0, tmp_path / "sheet.png")
    assert f"paired: {two}: 8 pairs, 7 train, 1 held out" in report
    assert "skipped: 1" in report and "lonely.png: no partner" in report
    assert "a row for each of content, target" in report
    assert decode((tmp_path / "sheet.png").read_bytes()).rgb.shape == (4 + 2 * 20, 4 + 6 * 20, 3)
