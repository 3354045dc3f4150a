"""Several workers end a run together, whichever of them has a reason to."""

import re
import signal
import time
from pathlib import Path

import pytest

from tests.runs import assert_same_weights, weights
from tests.workers import outputs, start_workers

SCRIPT = Path(__file__).with_name("agreeing.py")


def test_what_one_worker_says_all_hear():
    workers = start_workers([SCRIPT], [SCRIPT])
    chief, other = outputs(workers)
    assert [worker.returncode for worker in workers] == [0, 0], chief + other
    told = [re.findall("^(?:ending|same) .*", output, re.MULTILINE) for output in (chief, other)]
    wanted = [
        "ending False False None",
        "ending True True None",
        f"ending True False {signal.SIGTERM!s}",
        "same True False",
    ]
    assert told == [wanted, wanted]
    assert "failed no room" in chief
    assert "failed another worker of this run has failed" in other


@pytest.mark.timeout(900)  # Six processes.
def test_one_is_asked_to_stop_and_both_do(tiny_flags, tmp_path):
    def begin(name, steps):
        flags = tiny_flags(steps=steps, run_dir=tmp_path / name, checkpoint_minutes=0)
        return start_workers(*[["-m", "style_gan_tf.train", *flags]] * 2)

    def finish(workers, status):
        told = outputs(workers)
        assert [worker.returncode for worker in workers] == [status] * 2, "\n".join(told)
        return told

    workers = begin("stopped", 100_000)
    end = time.monotonic() + 240
    while not list((tmp_path / "stopped" / "checkpoints").glob("step_*2.npz")):
        assert time.monotonic() < end and all(worker.poll() is None for worker in workers)
        time.sleep(0.02)
    workers[1].send_signal(signal.SIGTERM)  # Not the one that writes the folder.
    told = finish(workers, 128 + signal.SIGTERM)
    steps = {int(step) for text in told for step in re.findall(r"SIGTERM at step (\d+);", text)}
    assert len(steps) == 1 and all("stopped by SIGTERM" in text for text in told)
    (step,) = steps
    assert weights(tmp_path / "stopped")[1]["step"] == step
    resumed = finish(begin("stopped", step + 2), 0)
    assert all(f"at step {step}" in text for text in resumed)
    finish(begin("whole", step + 2), 0)
    assert_same_weights(tmp_path / "whole", tmp_path / "stopped")
