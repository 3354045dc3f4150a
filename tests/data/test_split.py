import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from style_gan_tf.data import split
from style_gan_tf.data.source import Source


class Names(Source):
    def __init__(self, keys):
        super().__init__("names", keys)

    def read(self, index):
        return self.keys[index].encode()


def digest(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16)


def test_a_tenth_is_held_out_by_the_hash_of_the_file_name():
    keys = [f"folder{i % 3}/{i}.jpg" for i in range(2000)]
    held_out = split(Names(keys), "held_out")
    expected = [key for key in keys if digest(key.split("/")[1]) % 10 == 0]
    assert held_out.keys == expected
    assert 150 < len(expected) < 250
    train = split(Names(keys), "train")
    assert sorted([*train.keys, *held_out.keys]) == sorted(keys)
    assert train.read(7).decode() == train.keys[7]


@given(st.sets(st.text("abc0123456789", min_size=1), min_size=2, max_size=30), st.randoms())
def test_parts_are_disjoint_never_empty_and_independent_of_the_order(names, random):
    keys = sorted(names)
    held_out = set(split(Names(keys), "held_out").keys)
    train = set(split(Names(keys), "train").keys)
    assert held_out
    assert train
    assert held_out | train == names
    assert not held_out & train
    random.shuffle(keys)
    assert set(split(Names(keys), "held_out").keys) == held_out


def test_without_a_hit_the_smallest_hash_is_held_out():
    keys = [key for key in map(str, range(40)) if digest(key) % 10][:5]
    assert split(Names(keys), "held_out").keys == [min(keys, key=digest)]


def test_a_single_picture_is_on_both_sides():
    for part in ("train", "held_out", "all"):
        assert split(Names(["a"]), part).keys == ["a"]


def test_parts_of_parts_are_parts_of_the_whole():
    source = Names([str(i) for i in range(50)])
    train = split(source, "train")
    assert split(train, "train") is train
    assert split(train, "held_out").keys == split(source, "held_out").keys
    assert len(split(train, "all")) == 50


def test_a_source_may_say_itself_what_is_held_out():
    source = Names(["a", "b", "c"])
    source.held_out_keys = frozenset("b")
    assert split(source, "held_out").keys == ["b"]
    assert split(source, "train").keys == ["a", "c"]


def test_what_a_part_skips_is_counted_in_the_whole():
    source = Names([str(i) for i in range(50)])
    part = split(source, "train")
    part.skip("3", "broken")
    part.skip("3", "broken again")
    assert source.skipped == [("3", "broken")]
    assert part.skipped == source.skipped


def test_an_unknown_part_is_a_programming_error():
    with pytest.raises(ValueError, match="part is"):
        split(Names(["a", "b"]), "test")
