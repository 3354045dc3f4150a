"""Reading a `.pth` file; needs PyTorch, but for the message that it is missing."""

import pickle
import sys

import numpy as np
import pytest

from style_gan_tf.conversion import read_state_dict
from style_gan_tf.errors import UserError


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed")


class Evil:
    """Pickled, it is a call that writes a file when it is loaded."""

    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return (exec, (f"open({str(self.path)!r}, 'w').close()",))


def refusal(path) -> str:
    with pytest.raises(UserError) as error:
        read_state_dict(path)
    told = str(error.value)
    assert told.startswith(f"{path}: ") and "\n" not in told
    return told


def test_without_pytorch_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    (tmp_path / "net.pth").write_bytes(b"")
    assert "pip install 'torch" in refusal(tmp_path / "net.pth")


def test_missing_file(tmp_path):
    assert "no such file" in refusal(tmp_path / "net.pth")


@pytest.mark.parametrize("old_format", [False, True])
def test_tensors_become_arrays(torch, tmp_path, old_format):
    path = tmp_path / "net.pth"
    values = torch.linspace(-1, 1, 12).reshape(3, 4)
    state = {
        "float32": values,
        "bfloat16": values.bfloat16(),
        "float64": values.double(),
        "parameter": torch.nn.Parameter(values),
        "transposed": values.T,
        "count": torch.tensor(5),
    }
    torch.save(state, path, _use_new_zipfile_serialization=not old_format)
    found = read_state_dict(path)
    assert list(found) == list(state)
    for name in ("float32", "float64", "parameter"):
        assert found[name].dtype == np.float32
        np.testing.assert_array_equal(found[name], values.numpy())
    np.testing.assert_allclose(found["bfloat16"], values.numpy(), atol=4e-3)
    np.testing.assert_array_equal(found["transposed"], values.numpy().T)
    assert found["count"].dtype == np.int64 and found["count"] == 5


@pytest.mark.parametrize("by", ["torch", "pickle"])
def test_pickled_code_is_refused_and_not_run(torch, tmp_path, by):
    path, marker = tmp_path / "net.pth", tmp_path / "was_run"
    content = {"weight": torch.ones(2), "extra": Evil(marker)}
    if by == "torch":
        torch.save(content, path)
    else:
        path.write_bytes(pickle.dumps(content))
    assert "pickled code" in refusal(path)
    assert not marker.exists()
    # The test could fail: an open door runs it.
    with open(path, "rb") as file:
        torch.load(file, weights_only=False) if by == "torch" else pickle.load(file)
    assert marker.exists()


def test_what_is_no_state_dict_is_refused(torch, tmp_path):
    path = tmp_path / "net.pth"
    one = torch.ones(2)
    for content in (
        [one],
        one,
        {},
        {1: one},
        {"epoch": 3, "weight": one},
        {"state_dict": {"weight": one}},
        {"weight": one.to_sparse()},
    ):
        torch.save(content, path)
        assert "not a state dict" in refusal(path), content
    torch.save(torch.nn.Linear(2, 2), path)
    assert "pickled code" in refusal(path)


def test_damaged_files_are_refused(torch, tmp_path):
    path = tmp_path / "net.pth"
    torch.save({"weight": torch.ones(1000)}, path)
    whole = path.read_bytes()
    for damaged in (b"", b"no checkpoint", whole[: len(whole) // 2], b"\x80\x02" + whole):
        path.write_bytes(damaged)
        refusal(path)
