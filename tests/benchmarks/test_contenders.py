"""Who takes part: the commands of their trainings, and figures that do not belong together."""

import dataclasses
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from benchmarks import contenders
from benchmarks.contenders import Contender, PeerSettings
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.training import Settings

PEER = PeerSettings("python", 5.0, 128, 143, "linear", True, 2)
SETTINGS = Settings(content_data="a", style_data="b", crop=128, max_minutes=60, seed=4)


def listed(output: Path, *names: str, seeds: int = 1) -> list[Contender]:
    return contenders.list_contenders(names, seeds, SETTINGS, PEER, output)


def test_seed_by_seed(tmp_path):
    runs = listed(tmp_path, "ours", "cut", "ours", seeds=3)
    assert [(run.name, run.seed) for run in runs] == [
        ("ours", 4), ("cut", 4), ("ours", 5), ("cut", 5), ("ours", 6), ("cut", 6)
    ]  # fmt: skip
    assert runs[3].result == tmp_path / "cut_seed_5.json"
    assert runs[3].folder == tmp_path / "cut" / "seed_5"


@pytest.mark.parametrize("names", [["theirs"], []])
def test_names_that_there_are_not(tmp_path, names):
    with pytest.raises(UsageError, match="ours, cut, cyclegan, enco, cut_float32"):
        listed(tmp_path, *names)


def test_commands(tmp_path):
    ours, cut, enco = listed(tmp_path, "ours", "cut", "enco_float32")
    assert ours.command[:3] == [sys.executable, "-m", "style_gan_tf.train"]
    for flag in ("--seed=4", "--max_minutes=60", f"--run_dir={tmp_path / 'ours' / 'seed_4'}"):
        assert flag in ours.command
    for flag in ("--recipe=cut", "--setting=best", "--bfloat16", "--crop=128", "--minutes=60"):
        assert flag in cut.command and cut.command[0] == "python"
    assert {"--recipe=enco", "--setting=float32"} <= set(enco.command)


def test_the_peers_process_takes_the_command(tmp_path):
    pytest.importorskip("torch")
    from benchmarks.peers import training

    for run in listed(tmp_path, *contenders.CONTENDERS[1:]):
        options = training._parser().parse_args(run.command[3:])
        assert (options.minutes, options.seed, options.flip) == (60, 4, True)


def test_a_peers_figures_do_not_hang_on_our_recipe(tmp_path):
    ours, cut = listed(tmp_path, "ours", "cut")
    for change in ({"learning_rate": 1e-3}, {"set": ("nce_weight=2",)}, {"batch_size": 4}):
        changed = dataclasses.replace(SETTINGS, run_dir=ours.settings.run_dir, **change)
        again = [dataclasses.replace(run, settings=changed) for run in (ours, cut)]
        assert again[0].conditions != ours.conditions and again[1].conditions == cut.conditions
    slower = dataclasses.replace(cut, peers=dataclasses.replace(PEER, measure_minutes=1.0))
    assert slower.conditions != cut.conditions
    kept = dataclasses.replace(SETTINGS, run_dir="elsewhere", keep=9, log_every=1)
    assert dataclasses.replace(ours, settings=kept).conditions == ours.conditions


def test_begun_measured_and_refused(tmp_path):
    (cut,) = listed(tmp_path, "cut")
    assert not cut.measured()
    cut.write({})
    assert not cut.measured()  # Begun alone.
    cut.write({"steps": 3})
    assert cut.measured() and json.loads(cut.result.read_text())["steps"] == 3
    other = dataclasses.replace(cut, settings=dataclasses.replace(SETTINGS, max_minutes=5))
    with pytest.raises(UsageError, match=r"cut_seed_4.json was measured with --max_minutes=60: "):
        other.measured()
    cut.write({})
    with pytest.raises(UsageError, match="give the same flags, or another folder"):
        other.measured()  # Nor does a training go on under other flags.


def test_pytorch_is_looked_for_where_it_shall_run(tmp_path):
    with pytest.raises(UserError, match=f"--torch_python={tmp_path}/python: does not run"):
        contenders.find_torch(f"{tmp_path}/python")
    bare = tmp_path / "bare"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    bare.chmod(0o755)
    with pytest.raises(UserError, match="PyTorch is missing: pip install"):
        contenders.find_torch(str(bare))


def test_a_process_sees_no_gpu_and_gives_its_status():
    code = "import os, sys; sys.exit(7 if os.environ['CUDA_VISIBLE_DEVICES'] == '-1' else 1)"
    assert contenders.run_process([sys.executable, "-c", code]) == 7


def test_a_signal_reaches_the_training(tmp_path):
    """The training ends in its own way, and only then does the benchmark."""
    ready = tmp_path / "ready"
    code = (
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"
        f"pathlib.Path({str(ready)!r}).touch()\n"
        "time.sleep(60)"
    )

    def send() -> None:
        while not ready.exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    sender = threading.Thread(target=send)
    sender.start()
    assert contenders.run_process([sys.executable, "-c", code]) == 9
    sender.join()
    assert signal.getsignal(signal.SIGTERM) is before
