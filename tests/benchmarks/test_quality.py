"""The equal-time comparison, tiny, through the frame of every command."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from benchmarks import alternating, contenders, quality
from style_gan_tf import command_line, reports, train
from style_gan_tf.metrics import METRICS, Estimate, Metric
from style_gan_tf.networks import build_generator
from style_gan_tf.training import RunFolder
from tests.perturbed import perturb


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # The benchmarks set it; this takes it back after the test.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    # PyTorch's threads wait for each other at every operation: minutes on a busy machine.
    monkeypatch.setattr(alternating, "cores", lambda: 1)


class Trainings:
    """Stands in for the processes that train ours: leaves what a run leaves, at once.

    Attributes:
        commands: What was to be run.
        status: What the next one ends with.
    """

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.status = 0

    def __call__(self, command: list[str]) -> int:
        self.commands.append(command)
        flags = dict(flag.removeprefix("--").partition("=")[::2] for flag in command[3:])
        folder = RunFolder(flags["run_dir"])
        folder.best.mkdir(parents=True, exist_ok=True)
        rows = "step,minutes,loss,kid_squeezenet\n10,1.0,0.5,900\n20,2.0,0.5,-1e9\n30,3,0.5,\n"
        folder.metrics.write_text(rows)
        facts = json.dumps({"step": 33, "minutes": float(f"3.{flags['seed']}")})
        np.savez(folder.checkpoints / "step_00000033.npz", facts=np.array(facts))
        for path, spread in ((folder.generator, 0.3), (folder.best_generator, 0.2)):
            perturb(build_generator("fast", filters=4, n_blocks=1), spread).save(path)
        return self.status


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> Trainings:
    stand_in = Trainings()
    monkeypatch.setattr(contenders, "run_process", stand_in)
    return stand_in


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Two folders of which enough is held out to measure KID by."""
    root, rng = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for name, cells in (("photos", 6), ("paintings", 3)):
        (root / name).mkdir()
        for index in range(40):
            small = rng.uniform(40, 200, (cells, cells, 3)).astype(np.uint8)
            Image.fromarray(small).resize((72, 64)).save(root / name / f"{index:02d}.png")
    return root


@pytest.fixture
def go(tiny_flags, pictures, tmp_path):
    """Run the benchmark; more flags win over the tiny ones."""

    def run(*argv: str) -> int:
        tiny = tiny_flags(
            content_data=pictures / "photos",
            style_data=pictures / "paintings",
            eval_every=1,
            eval_images=3,
            steps=2,
        )
        given = (*tiny, f"--output={tmp_path / 'out'}", "--minutes=5", *argv)
        return command_line.run("benchmark", "", quality.define_flags, quality.main, given)

    return run


def test_ours_is_measured_once(go, tmp_path, capsys, trainings, monkeypatch):
    # Whatever is registered is reported.
    brightness = Metric(lambda case: Estimate(float(np.mean(case.stylized)), 0.5), "mean value")
    monkeypatch.setitem(METRICS, "brightness", brightness)
    assert go("--contenders=ours", "--seeds=2") == 0
    seeds = [flag for command in trainings.commands for flag in command if "--seed=" in flag]
    assert seeds == ["--seed=0", "--seed=1"]
    output = tmp_path / "out"
    figures = json.loads((output / "ours_seed_1.json").read_text())
    assert figures["metric"] == "kid_squeezenet" and figures["finished"]
    assert figures["steps"] == 33 and figures["minutes"] == pytest.approx(3.1)
    for state in ("final", "best"):
        found = {figure["metric"] for figure in figures[state].values()}
        assert {"kid", "content_edges", "brightness"} <= found <= set(METRICS)
    assert figures["final"]["brightness"]["error"] == 0.5
    final = figures["final"]["kid_squeezenet"]["value"]
    assert figures["curve"] == [[1.0, 900.0], [2.0, -1e9], [3.1, pytest.approx(final, rel=1e-4)]]
    # The best one is another model, and was told to be the best after two minutes.
    assert figures["best_minutes"] == 2.0 and figures["best"] != figures["final"]
    assert "<polygon" in (output / "index.html").read_text()
    capsys.readouterr()

    assert go("--contenders=ours", "--seeds=2") == 0 and len(trainings.commands) == 2
    told = capsys.readouterr().out
    assert "ours, seed 1: measured before" in told and "| `ours` |" in told
    # Under other conditions it is another figure.
    assert go("--contenders=ours", "--minutes=4") == 2
    told = capsys.readouterr().err
    assert "ours_seed_0.json was measured with --max_minutes=5" in told
    assert go("--contenders=ours", "--set=nce_weight=2") == 2 and len(trainings.commands) == 2


def test_a_training_that_was_stopped_goes_on(go, tmp_path, capsys, trainings):
    """By the train command's own resume: it gets the same flags again."""
    trainings.status = 143
    assert go("--contenders=ours") == 1
    assert "ended with status 143 before its time was over" in capsys.readouterr().err
    assert not json.loads((tmp_path / "out" / "ours_seed_0.json").read_text())["finished"]
    # Not with other flags, not even in the middle.
    assert go("--contenders=ours", "--learning_rate=1e-3") == 2
    assert "ours_seed_0.json was measured with --learning_rate=0.0002" in capsys.readouterr().err
    trainings.status = 0
    assert go("--contenders=ours") == 0
    first, again = trainings.commands
    assert first == again
    assert json.loads((tmp_path / "out" / "ours_seed_0.json").read_text())["finished"]


def test_ours_is_trained_by_the_train_command(go, tmp_path, monkeypatch):
    def here(command: list[str]) -> int:  # This process has TensorFlow already.
        assert command[:3] == [sys.executable, "-m", "style_gan_tf.train"]
        return command_line.run("train", "", train.define_flags, train.main, command[3:])

    monkeypatch.setattr(contenders, "run_process", here)
    assert go("--contenders=ours", "--steps=1") == 0
    figures = json.loads((tmp_path / "out" / "ours_seed_0.json").read_text())
    assert figures["steps"] == 1
    # Measured in training and after it: the same but for 8 bits a value.
    run = reports.read_metrics(tmp_path / "out" / "ours" / "seed_0" / "metrics.csv")
    in_loop = run["kid_squeezenet"][-1][1]
    assert figures["curve"][-1][1] == pytest.approx(in_loop, rel=0.05)


def test_a_peer_alone_in_a_process_of_its_own(go, tmp_path, capfd):
    pytest.importorskip("torch")
    argv = ["--contenders=cut_float32", "--minutes=0.001", "--peer_crop=32", "--cache"]
    assert go(*argv) == 0
    output = tmp_path / "out"
    figures = json.loads((output / "cut_float32_seed_0.json").read_text())
    assert figures["steps"] > 0 and figures["setting"].startswith("PyTorch ")
    assert figures["final"]["kid_squeezenet"]["value"] == pytest.approx(figures["curve"][-1][1])
    assert not list((output / "cut_float32" / "seed_0" / "painted").iterdir())
    painted = np.load(output / "painted" / "cut_float32_seed_0_final.npy")
    assert painted.shape == np.load(output / "pictures" / "held_out_content.npy").shape
    # Ours may change beside it; the pictures may not.
    assert go(*argv, "--learning_rate=1e-3") == 0
    assert "cut_float32, seed 0: measured before" in capfd.readouterr().out
    assert go(*argv, "--peer_crop=16") == 2
    assert "measured with --peer_crop=32" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--contenders=theirs"], "--contenders=theirs: choose of ours, cut, cyclegan, enco"),
        (["--contenders=ours", "--eval_every=0"], "--eval_every=0: nothing would be measured"),
        (["--contenders=cut", "--torch_python=nowhere"], "--torch_python=nowhere: does not run"),
        (["--contenders=ours", "--objective=gan"], "--objective=gan: compared are models from"),
        (["--contenders=cut", "--peer_load_size=9"], "--peer_load_size=9: is below --peer_crop=32"),
        (["--contenders=ours", "--eval_images=1"], "held out are 1 pictures of 64 pixels: two of"),
    ],
)
def test_what_cannot_be(go, capsys, argv, message):
    assert go(*argv) in (1, 2)
    told = capsys.readouterr().err
    assert message in told and told.count("\n") == 1


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        ({"crop": 256}, (256, 286)),
        ({"crop": 256, "load_size": 384}, (256, 384)),  # The scale of ours.
        ({"crop": 128, "load_size": 176, "peer_crop": 256}, (256, 286)),
        ({"crop": 256, "load_size": 384, "peer_load_size": 286}, (256, 286)),
    ],
)
def test_peers_see_the_scale_of_ours(flags, wanted):
    values = command_line.FlagValues()
    quality.define_flags(values)
    given = {"content_data": "a", "style_data": "b", "run_dir": "c", **flags}
    command_line.parse(values, [*(f"--{k}={v}" for k, v in given.items())])
    peers = quality._peer_settings(values, train.settings_of(values), False)
    assert (peers.crop, peers.load_size) == wanted


def test_pytorch_is_found_in_this_environment_by_itself():
    values = command_line.FlagValues()
    quality.define_flags(values)
    assert values["torch_python"].default == sys.executable
