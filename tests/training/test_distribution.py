"""One device, two devices and two worker processes are the same training."""

import functools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from style_gan_tf.objectives import OBJECTIVES
from tests.workers import outputs, start_workers

SCRIPT = Path(__file__).with_name("distributed.py")


def _start(objective, devices, output):
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), objective, str(devices), str(output)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _finish(process):
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0, output[-3000:]


def _assert_same(one, other):
    assert set(one.files) == set(other.files)
    for name in one.files:
        if name.startswith("losses/"):
            np.testing.assert_allclose(one[name], other[name], rtol=1e-6, atol=1e-6, err_msg=name)
        elif name.startswith("weights/"):
            # Sums in another order round elsewhere, which the moments of Adam, up to 1e8, show.
            np.testing.assert_allclose(one[name], other[name], rtol=1e-5, atol=1e-4, err_msg=name)


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    """Of an objective, what one device makes of it."""
    folder = tmp_path_factory.mktemp("single")

    @functools.cache
    def result(objective):
        _finish(_start(objective, 1, folder / f"{objective}.npz"))
        return np.load(folder / f"{objective}.npz")

    return result


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_two_devices_equal_one(tmp_path, single, objective):
    _finish(_start(objective, 2, tmp_path / "two.npz"))
    two = np.load(tmp_path / "two.npz")
    assert int(two["replicas"]) == 2 and int(single(objective)["replicas"]) == 1
    _assert_same(single(objective), two)


def test_two_workers_equal_one(tmp_path, single):
    saved = [tmp_path / f"worker_{index}.npz" for index in range(2)]
    workers = start_workers(*[[SCRIPT, "contrastive", 1, path] for path in saved])
    told = outputs(workers)
    assert [worker.returncode for worker in workers] == [0, 0], "\n".join(told)[-3000:]
    chief = np.load(saved[0])
    assert int(chief["replicas"]) == 2
    assert not saved[1].exists()
    _assert_same(single("contrastive"), chief)
