"""Runs of the train command in this process, and what is in their checkpoints."""

from pathlib import Path

import numpy as np

from style_gan_tf import command_line, train


def run(*arguments):
    return command_line.run("train", "", train.define_flags, train.main, list(arguments))


def weights(run_dir):
    """Everything in the newest checkpoint, by name."""
    path = max((Path(run_dir) / "checkpoints").glob("step_*.npz"))
    with np.load(path) as file:
        return path.stem, {name: file[name] for name in file.files if name != "facts"}


def assert_same_weights(one, other):
    (step, first), (other_step, second) = weights(one), weights(other)
    assert step == other_step and set(first) == set(second)
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name], err_msg=name)
