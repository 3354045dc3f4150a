"""A rival's training: its clock, its checkpoints, and what it leaves."""

import json
import signal

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks.peers import training  # noqa: E402
from benchmarks.peers.cut import Cut  # noqa: E402
from benchmarks.peers.cyclegan import CycleGan  # noqa: E402
from benchmarks.training_pictures import write_pictures  # noqa: E402


@pytest.fixture
def options(tmp_path):
    """The command's options over small pictures; keyword arguments add to them."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in ("content", "style"):
        write_pictures(folder, name, rng.integers(0, 256, (3, 36, 40, 3), np.uint8))
    np.save(folder / "held_out_content.npy", rng.integers(0, 256, (2, 32, 32, 3), np.uint8))

    def parse(**changes):
        chosen = {
            "recipe": "cut",
            "setting": "float32",
            "pictures": folder,
            "run_dir": tmp_path / "run",
            "minutes": 1,
            "crop": 32,
            "threads": 1,
            **changes,
        }
        return training._parser().parse_args(
            [f"--{name}={value}" for name, value in chosen.items()]
        )

    return parse


class Stopped:
    """A stop request that comes after so many looks at it."""

    def __init__(self, after: int = 10**9) -> None:
        self.left = after

    @property
    def caught(self) -> int:
        self.left -= 1
        return signal.SIGTERM if self.left < 0 else 0


class Clock:
    """Six seconds pass between two looks, so a step takes six."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 6.0
        return self.now


def begin(rival, options, tmp_path):
    folder = tmp_path / "run"
    (folder / training.PAINTED).mkdir(parents=True, exist_ok=True)
    return training.Training(rival, options, folder, Clock())


class Still:
    """A rival that does nothing but count."""

    setting = training.peers.REFERENCE

    def __init__(self) -> None:
        self.progress: list[float] = []
        self.networks = {"generator": torch.nn.Identity()}

    def advance(self, progress: float, linear: bool) -> None:
        self.progress.append(progress)

    def step(self, content, style):
        return {"loss": 1.0}

    def paint(self, images):
        return images

    def state(self):
        return {}


def test_only_steps_take_time(options, tmp_path):
    rival = Still()
    made = begin(rival, options(minutes=1, measure_minutes=0.4, checkpoint_minutes=0.2), tmp_path)
    made.run(Stopped())
    made.finish()
    # A minute of six-second steps; painted after 24 and 48 seconds, and at the end.
    assert made.steps == 10 and rival.progress == pytest.approx(np.arange(10) / 10)
    told = json.loads((tmp_path / "run" / training.RESULT).read_text())
    assert [entry["steps"] for entry in told["painted"]] == [4, 8, 10]
    assert [entry["minutes"] for entry in told["painted"]] == pytest.approx([0.4, 0.8, 1.0])
    assert told["steps"] == 10 and told["setting"] == "float32"
    painted = np.load(tmp_path / "run" / training.PAINTED / told["painted"][-1]["file"])
    held_out = np.load(tmp_path / "pictures" / "held_out_content.npy")
    assert np.array_equal(painted, held_out)  # What `Still` paints is the photo.
    assert not (tmp_path / "run" / training.STATE).exists()


@pytest.mark.parametrize(
    "make", [lambda: Cut(filters=2, blocks=5, discriminator_filters=2), lambda: CycleGan(
        filters=2, blocks=1, discriminator_filters=2, pool=1)], ids=["cut", "cyclegan"]
)  # fmt: skip
def test_a_stopped_training_goes_on_as_if_it_had_not_been(make, options, tmp_path):
    torch.set_num_threads(1)

    def train(folder, *stops):
        folder.mkdir()
        for stop in stops:
            torch.manual_seed(0)
            made = begin(make(), options(minutes=0.6, measure_minutes=0), folder)
            if (state := training._read(made.folder / training.STATE)) is not None:
                made.restore(state)
            made.run(stop)
        return made

    whole = train(tmp_path / "whole", Stopped())
    parts = train(tmp_path / "parts", Stopped(after=2), Stopped())
    assert whole.steps == parts.steps == 6 and parts.seconds == whole.seconds
    for name, network in whole.rival.networks.items():
        others = parts.rival.networks[name].parameters()
        assert all(map(torch.equal, network.parameters(), others)), name


def test_the_command_leaves_a_generator_and_figures(options, tmp_path, monkeypatch, capsys):
    small = lambda recipe, setting: Cut(setting, 2, 5, 2)  # noqa: E731
    monkeypatch.setattr(training, "make_rival", small)
    argv = [f"--{name}={value}" for name, value in vars(options(minutes=1e-4)).items()
            if name not in ("flip", "bfloat16")]  # fmt: skip
    assert training.main(argv) == 0
    run = tmp_path / "run"
    assert json.loads((run / training.RESULT).read_text())["steps"] >= 1
    assert "model.1.weight" in torch.load(run / "generator.pt", weights_only=True)


def test_every_recipe_is_found():
    for module, name in training.RECIPES.values():
        assert hasattr(__import__(f"benchmarks.peers.{module}", fromlist=[name]), name)
