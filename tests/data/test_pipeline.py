import numpy as np
import pytest

from style_gan_tf.data import (
    Augmentation,
    batches,
    held_out_pictures,
    open_source,
    side_by_side,
    split,
    validate,
)
from style_gan_tf.data.pipeline import style_seed
from style_gan_tf.errors import UserError
from style_gan_tf.images import decode, encode

SIZES = {f"{i}.png": (20 + i, 19) for i in range(7)}
CROP = Augmentation(crop=16)


def take(dataset, count):
    return [(b["images"].numpy(), b["positions"].numpy()) for b in dataset.take(count)]


@pytest.fixture
def source(folder_of):
    return open_source(str(folder_of(SIZES)))


@pytest.fixture
def flat_source(tmp_path):
    """Seven flat pictures that can be told apart after any augmentation."""
    for i in range(7):
        (tmp_path / f"{i}.png").write_bytes(
            encode(np.full((20, 20, 3), 30 * i, np.uint8), format="png")
        )
    return open_source(str(tmp_path))


def test_shapes_range_and_positions(source):
    dataset = batches(source, CROP, batch_size=3, seed=0)
    spec = dataset.element_spec
    assert spec["images"].shape == (3, 16, 16, 3)
    assert spec["images"].dtype == "float32"
    assert spec["positions"].shape == (3,)
    [(images, positions)] = take(dataset, 1)
    assert -1 <= images.min() < -0.9
    assert 0.9 < images.max() <= 1
    np.testing.assert_array_equal(positions, [0, 1, 2])


def test_every_epoch_has_every_picture_once_in_another_order(flat_source):
    dataset = batches(flat_source, CROP, batch_size=7, seed=5)
    epochs = [np.rint((i[:, 0, 0, 0] + 1) * 127.5 / 30).astype(int) for i, _ in take(dataset, 6)]
    for epoch in epochs:
        assert sorted(epoch) == list(range(7))
    assert len({tuple(epoch) for epoch in epochs}) >= 5


@pytest.mark.parametrize("start", [1, 5])
def test_starting_later_equals_skipping(source, start):
    whole = take(batches(source, CROP, batch_size=3, seed=9), start + 3)
    later = take(batches(source, CROP, batch_size=3, seed=9, start=start), 3)
    for (expected, _), (images, _) in zip(whole[start:], later, strict=True):
        np.testing.assert_array_equal(images, expected)


def test_workers_read_together_what_one_reads(source):
    whole = take(batches(source, CROP, batch_size=4, seed=2), 4)
    first = take(batches(source, CROP, batch_size=4, seed=2, positions=range(2)), 4)
    second = take(batches(source, CROP, batch_size=4, seed=2, positions=range(2, 4)), 4)
    for all_, low, high in zip(whole, first, second, strict=True):
        np.testing.assert_array_equal(np.concatenate([low[0], high[0]]), all_[0])
        np.testing.assert_array_equal(np.concatenate([low[1], high[1]]), all_[1])


def test_seeds_and_places_give_different_examples(source):
    one, other = (take(batches(source, CROP, batch_size=3, seed=s), 1)[0][0] for s in (0, 1))
    assert np.abs(one - other).max() > 0.1
    alone = open_source(str(source.name(0)))
    images = take(batches(alone, CROP, batch_size=6, seed=0), 1)[0][0]
    assert len({image.tobytes() for image in images}) > 1


def test_huge_steps_keep_their_precision(source):
    far = 10**9
    one, two = (
        take(batches(source, CROP, batch_size=5, seed=0, start=far + i), 1)[0][0] for i in (0, 1)
    )
    assert np.abs(one - two).max() > 0.1


def test_cached_pictures_are_the_same_and_read_once(source, monkeypatch):
    expected = take(batches(source, CROP, batch_size=3, seed=0), 8)
    reads = []
    read = source.read
    monkeypatch.setattr(source, "read", lambda index: reads.append(index) or read(index))
    cached = take(batches(source, CROP, batch_size=3, seed=0, cache=True), 8)
    for (a, _), (b, _) in zip(expected, cached, strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(reads) < 24


def test_broken_pictures_are_skipped_once_and_replaced_by_the_next(flat_source, tmp_path, caplog):
    path = tmp_path / "3.png"
    path.write_bytes(path.read_bytes()[:45])  # the header stays readable
    source = open_source(str(tmp_path))
    assert len(source) == 7
    images = np.concatenate([i for i, _ in take(batches(source, CROP, batch_size=7, seed=5), 3)])
    shown = np.rint((images[:, 0, 0, 0] + 1) * 127.5 / 30).astype(int).reshape(3, 7)
    for epoch in shown:
        assert sorted(epoch) == [0, 1, 2, 4, 4, 5, 6]
    assert [key for key, _ in source.skipped] == ["3.png"]
    assert sum("3.png" in record.getMessage() for record in caplog.records) == 1


def test_when_all_are_broken_the_data_are_named(flat_source, tmp_path):
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:45])
    with pytest.raises(UserError, match=r"none of the 7 pictures is usable \(the first: not a rea"):
        batches(flat_source, CROP, batch_size=2, seed=0)


def test_small_pictures_are_enlarged_twice_at_most(folder_of):
    source = open_source(str(folder_of({"a.png": (30, 8), "b.png": (40, 9), "c.png": (7, 50)})))
    kept = validate(source, CROP)  # the short side becomes 18
    assert list(kept.keys) == ["b.png"]
    assert [key for key, _ in source.skipped] == ["a.png", "c.png"]
    assert take(batches(source, CROP, batch_size=2, seed=0), 1)[0][0].shape == (2, 16, 16, 3)
    with pytest.raises(UserError, match=r"too small for crops of 64 .*smaller crop"):
        validate(source, Augmentation(crop=64))


def test_small_pictures_are_counted_once_and_change_no_side(folder_of, caplog):
    sizes = {f"{i}.png": (6, 6) if i % 3 == 0 else (20, 20) for i in range(30)}
    whole = open_source(str(folder_of(sizes)))
    kept = validate(whole, CROP)
    assert validate(kept, CROP) is kept and len(kept) == 20
    for part in ("train", "held_out"):
        now, before = (split(source, part).keys for source in (kept, whole))
        assert list(now) == [key for key in before if sizes[key] == (20, 20)]
    take(batches(split(kept, "train"), CROP, batch_size=2, seed=0), 1)
    assert len(held_out_pictures(kept, 9, 18)) == len(split(kept, "held_out"))
    assert len(kept.skipped) == len({key for key, _ in kept.skipped}) == 10
    warned = [record.getMessage() for record in caplog.records]
    assert len(warned) == 10 and all("too small" in line for line in warned)


def test_where_all_held_out_are_too_small_the_first_is_named(folder_of):
    names = [f"{i}.png" for i in range(20)]
    held_out = split(open_source(str(folder_of(dict.fromkeys(names, (20, 20))))), "held_out").keys
    sizes = {name: (6, 6) if name in held_out else (20, 20) for name in names}
    kept = validate(open_source(str(folder_of(sizes))), CROP)
    assert list(split(kept, "train").keys) == list(kept.keys)
    words = rf"no pictures in this part .*the first, {held_out[0]}: 6 x 6 pixels are too small"
    with pytest.raises(UserError, match=words):
        held_out_pictures(kept, 2, 18)


def test_a_worker_cannot_read_outside_the_batch(source):
    with pytest.raises(ValueError, match="not within a batch"):
        batches(source, CROP, batch_size=2, seed=0, positions=range(1, 3))


def test_pairs_vary_between_epochs(flat_source):
    content = batches(flat_source, CROP, batch_size=7, seed=1)
    style = batches(flat_source, CROP, batch_size=7, seed=style_seed(1))
    pairs = set()
    for batch in side_by_side({"content": content, "style": style}).take(3):
        assert set(batch) == {"content", "style", "positions"}
        values = [batch[name].numpy()[:, 0, 0, 0] for name in ("content", "style")]
        pairs.add(tuple(zip(*values, strict=True)))
    assert len(pairs) == 3


def test_held_out_pictures_are_the_middle_of_the_resized(source):
    [key] = split(source, "held_out").keys
    rgb = decode(source.read(list(source.keys).index(key))).rgb
    left = (rgb.shape[1] - 19) // 2
    expected = rgb[:, left : left + 19].astype(np.float64) / 127.5 - 1
    for part in (source, split(source, "train"), split(source, "held_out")):
        pictures = held_out_pictures(part, 5, 19)
        assert pictures.dtype == np.float32
        assert pictures.shape == (1, 19, 19, 3)
        np.testing.assert_allclose(pictures[0], expected, atol=1e-6)
    assert len(held_out_pictures(source, 0, 19)) == 0
