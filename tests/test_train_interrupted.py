"""Runs that are killed, asked to stop, or out of disk: nothing is lost."""

import os
import random
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.runs import assert_same_weights, run, weights

COMMAND = [sys.executable, "-m", "style_gan_tf.train"]


def start(flags, **options):
    return subprocess.Popen(
        [*COMMAND, *flags], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )


def wait_for_step(process, run_dir, step, seconds=120):
    """Wait until a checkpoint of that step, or a later one, is there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        names = [p.stem for p in (run_dir / "checkpoints").glob("step_*.npz")]
        if any(int(name.split("_")[1]) >= step for name in names):
            return
        assert process.poll() is None, process.communicate()[0][-2000:]
        time.sleep(0.02)
    raise AssertionError(f"no step {step} after {seconds} s")


def test_killed_at_a_random_step_and_resumed_is_bit_identical(tiny_flags, tmp_path):
    total = 40
    # As users have it: what the tests set for themselves is not passed on.
    environment = {k: v for k, v in os.environ.items() if k != "TF_ENABLE_ONEDNN_OPTS"}

    def begin(name):
        flags = tiny_flags(steps=total, run_dir=tmp_path / name, checkpoint_minutes=0)
        return start([*flags, "--deterministic"], env=environment)

    whole = begin("whole")
    output, _ = whole.communicate(timeout=200)
    assert whole.returncode == 0, output
    killed = begin("killed")
    # Any step will do; a failure prints which it was.
    step = random.SystemRandom().randint(2, total // 2)
    print(f"killed after step {step}")
    wait_for_step(killed, tmp_path / "killed", step)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert int(weights(tmp_path / "killed")[1]["step"]) < total
    resumed = begin("killed")
    output, _ = resumed.communicate(timeout=200)
    assert resumed.returncode == 0 and "resuming" in output, output
    assert_same_weights(tmp_path / "whole", tmp_path / "killed")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_saves_and_tells_how_to_resume(tiny_flags, tmp_path, number):
    flags = tiny_flags(steps=100_000, checkpoint_minutes=0)
    process = start(flags)
    wait_for_step(process, tmp_path / "run", 2)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    line = next(line for line in output.splitlines() if line.startswith("stopped by"))
    assert number.name in line and f"--flagfile={tmp_path / 'run' / 'flags.txt'}" in line
    assert f"at step {int(weights(tmp_path / 'run')[1]['step'])};" in line


def test_a_full_disk_leaves_the_last_good_checkpoint(tiny_flags, tmp_path):
    assert run(*tiny_flags(steps=2)) == 0
    step, good = weights(tmp_path / "run")

    def limit_file_size():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    process = start(tiny_flags(steps=4), preexec_fn=limit_file_size)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 1, output
    errors = [line for line in output.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and "cannot write the checkpoint" in errors[0]
    assert "Traceback" not in output
    left, still_good = weights(tmp_path / "run")
    assert left == step
    for name, value in good.items():
        np.testing.assert_array_equal(value, still_good[name])
    assert not [p for p in (tmp_path / "run" / "checkpoints").iterdir() if p.name.startswith(".")]


def test_errors_in_flags_are_one_line_without_tensorflow():
    process = start(["--content_data=x", "--style_data=y", "--run_dir=z"])
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert output.startswith("error: --steps") and output.count("\n") == 1
