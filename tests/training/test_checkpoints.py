import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UserError
from style_gan_tf.training import checkpoints


@pytest.fixture
def state():
    return {
        "step": tf.Variable(7, dtype=tf.int64),
        "a/b": tf.Variable(np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)),
    }


def _other(state):
    return {name: tf.Variable(tf.zeros_like(v)) for name, v in state.items()}


def test_what_was_saved_comes_back(tmp_path, state):
    path = checkpoints.save(tmp_path / "new" / "folder", 7, state, {"minutes": 1.5})
    fresh = _other(state)
    facts = checkpoints.load(path, fresh)
    assert facts["minutes"] == 1.5 and facts["step"] == 7
    for name, variable in state.items():
        np.testing.assert_array_equal(fresh[name].numpy(), variable.numpy())
    assert [p.name for p in path.parent.iterdir()] == ["step_00000007.npz"]


def test_newest_first_and_pruned(tmp_path, state):
    for step in (5, 100, 20):
        checkpoints.save(tmp_path, step, state, {})
    (tmp_path / "notes.txt").write_text("mine")
    assert [p.stem for p in checkpoints.find(tmp_path)] == [
        "step_00000100",
        "step_00000020",
        "step_00000005",
    ]
    checkpoints.prune(tmp_path, keep=1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["notes.txt", "step_00000100.npz"]
    assert checkpoints.find(tmp_path / "missing") == []


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "text"])
def test_damage_is_seen_and_nothing_is_assigned(tmp_path, state, damage):
    path = checkpoints.save(tmp_path, 7, state, {})
    data = bytearray(path.read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "empty":
        data = bytearray()
    elif damage == "flipped":
        data[data.index(state["a/b"].numpy().tobytes()) + 3] ^= 0xFF
    else:
        data = bytearray(b"no checkpoint")
    path.write_bytes(data)
    fresh = _other(state)
    with pytest.raises(checkpoints.CorruptCheckpoint, match="step_00000007"):
        checkpoints.load(path, fresh)
    assert not np.any(fresh["a/b"].numpy()) and int(fresh["step"]) == 0


def test_other_variables_are_refused(tmp_path, state):
    path = checkpoints.save(tmp_path, 7, state, {})
    with pytest.raises(checkpoints.CorruptCheckpoint, match="other variables"):
        checkpoints.load(path, {**state, "more": tf.Variable(1.0)})


def test_a_newer_format_is_refused(tmp_path, state, monkeypatch):
    monkeypatch.setattr(checkpoints, "_FORMAT", 99)
    path = checkpoints.save(tmp_path, 7, state, {})
    monkeypatch.undo()
    with pytest.raises(UserError, match="newer version"):
        checkpoints.load(path, state)


def test_an_unwritable_folder_is_one_line(tmp_path, state):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write the checkpoint") as caught:
        checkpoints.save(tmp_path / "file" / "folder", 7, state, {})
    assert "\n" not in str(caught.value)


def test_one_is_kept_alone_even_before_newer_ones(tmp_path, state):
    paths = [checkpoints.save(tmp_path, step, state, {}) for step in (5, 10, 20)]
    checkpoints.keep_only(paths[1])
    assert checkpoints.find(tmp_path) == [paths[1]]
