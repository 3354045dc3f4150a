"""One device, two devices and two worker processes are the same training."""

import functools
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from style_gan_tf.objectives import OBJECTIVES

SCRIPT = Path(__file__).with_name("distributed.py")


def _start(objective, devices, output, tf_config=None):
    environment = {**os.environ, **({"TF_CONFIG": json.dumps(tf_config)} if tf_config else {})}
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), objective, str(devices), str(output)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _finish(*processes):
    for process in processes:
        output, _ = process.communicate(timeout=240)
        assert process.returncode == 0, output[-3000:]


def _free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


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
    hosts = [f"127.0.0.1:{port}" for port in _free_ports(2)]
    outputs = [tmp_path / f"worker_{index}.npz" for index in range(2)]
    workers = [
        _start(
            "contrastive",
            1,
            output,
            {"cluster": {"worker": hosts}, "task": {"type": "worker", "index": index}},
        )
        for index, output in enumerate(outputs)
    ]
    _finish(*workers)
    chief = np.load(outputs[0])
    assert int(chief["replicas"]) == 2
    assert not outputs[1].exists()
    _assert_same(single("contrastive"), chief)
