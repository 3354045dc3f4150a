"""Trains one rival of `benchmarks.quality`, in a process where PyTorch is and TensorFlow is not.

    python -m benchmarks.peers.training --recipe=cut --pictures=DIR --run_dir=DIR --minutes=60

`benchmarks.quality` runs it. The time that counts is that of the steps, batches included; the
clock stands still while the held-out photos are painted and while a checkpoint is written. The same
command goes on with a training that was stopped, by a signal or by a crash.
"""

import argparse
import importlib
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import peers
from benchmarks.peers.rival import Rival
from benchmarks.training_pictures import pairs, scaled
from style_gan_tf.cpu import tune_cpu

RECIPES = {"cut": ("cut", "Cut"), "enco": ("enco", "EnCo"), "cyclegan": ("cyclegan", "CycleGan")}
STATE, PAINTED, RESULT = "state.pt", "painted", "training.json"


def main(argv: list[str] | None = None) -> int:
    """Train until the minutes are over; the exit status is 128 + a signal's that ended it."""
    options = _parser().parse_args(argv)
    tune_cpu()  # PyTorch, too, allocates its maps anew at every step.
    torch.set_num_threads(options.threads)
    folder = Path(options.run_dir)
    (folder / PAINTED).mkdir(parents=True, exist_ok=True)
    state = _read(folder / STATE)
    setting = peers.Setting(*state["setting"]) if state else _setting(options)
    torch.manual_seed(options.seed)
    training = Training(make_rival(options.recipe, setting), options, folder)
    if state:
        training.restore(state)
        print(f"{options.recipe}: goes on at step {training.steps}", flush=True)
    with StopSignals() as stop:
        training.run(stop)
    if stop.caught:
        print(f"{options.recipe}: stopped at step {training.steps}", flush=True)
        return 128 + stop.caught
    training.finish()
    return 0


def make_rival(recipe: str, setting: peers.Setting) -> Rival:
    """A recipe of RECIPES in its published size."""
    module, name = RECIPES[recipe]
    made: Rival = getattr(importlib.import_module(f"benchmarks.peers.{module}"), name)(setting)
    return made


class Training:
    """Steps, paintings and checkpoints on one clock.

    Args:
        rival: Who is trained.
        options: The command's.
        folder: Of the run.
        clock: Gives seconds.
    """

    def __init__(
        self,
        rival: Rival,
        options: Any,
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.rival, self.options, self.folder, self.clock = rival, options, folder, clock
        self.pictures = Path(options.pictures)
        self.steps, self.seconds = 0, 0.0
        self.painted: list[dict[str, Any]] = []
        self.saved = 0.0  # Seconds of training at the last checkpoint.

    def run(self, stop: Any) -> None:
        """Step until the minutes are over or a signal came; everything is saved then."""
        options, total = self.options, self.options.minutes * 60
        between, keeping = options.measure_minutes * 60, options.checkpoint_minutes * 60
        batches = pairs(self.pictures, options.crop, options.seed, self.steps, options.flip)
        place = self.rival.setting.place
        while self.seconds < total and not stop.caught:
            begun = self.clock()
            content, style = (place(torch.from_numpy(part)) for part in next(batches))
            self.rival.advance(self.seconds / total, options.schedule == "linear")
            losses = self.rival.step(content, style)
            self.steps += 1
            before, self.seconds = self.seconds, self.seconds + self.clock() - begun
            due = between and before // between != self.seconds // between
            if due and self.seconds < total:
                self.paint()
                told = ", ".join(f"{name} {value:.3g}" for name, value in losses.items())
                print(f"{self.seconds / 60:.1f} minutes, {self.steps} steps: {told}", flush=True)
            if self.seconds - self.saved >= keeping:
                self.save()
        self.save()

    def paint(self) -> None:
        """Paint the held-out photos into a file: uint8 `[n, height, width, 3]`."""
        photos = np.load(self.pictures / "held_out_content.npy", mmap_mode="r")
        found = []
        for photo in photos:
            image = self.rival.paint(torch.from_numpy(scaled(np.asarray(photo)[np.newaxis])))
            found.append(image.clamp(-1, 1).numpy()[0].transpose(1, 2, 0))
        name = f"step_{self.steps:08d}.npy"
        levels = np.rint((np.stack(found) + 1) * 127.5)
        _write(self.folder / PAINTED / name, lambda path: np.save(path, levels.astype(np.uint8)))
        self.painted.append({"minutes": self.seconds / 60, "steps": self.steps, "file": name})

    def save(self) -> None:
        """Write a checkpoint, whole or not at all."""
        setting = self.rival.setting
        state = {
            "setting": [setting.bfloat16, setting.channels_last],
            "steps": self.steps,
            "seconds": self.seconds,
            "painted": self.painted,
            "random": torch.get_rng_state(),
            "rival": self.rival.state(),
        }
        _write(self.folder / STATE, lambda path: torch.save(state, path))
        self.saved = self.seconds

    def restore(self, state: dict[str, Any]) -> None:
        """Take what `save` wrote."""
        self.rival.restore(state["rival"])
        torch.set_rng_state(state["random"])
        self.steps, self.seconds = state["steps"], state["seconds"]
        self.painted, self.saved = list(state["painted"]), state["seconds"]

    def finish(self) -> None:
        """Paint once more, and keep the generator and the figures in place of the checkpoint."""
        self.paint()
        weights = self.rival.networks["generator"].state_dict()
        _write(self.folder / "generator.pt", lambda path: torch.save(weights, path))
        result = {
            "steps": self.steps,
            "seconds": self.seconds,
            "setting": str(self.rival.setting),
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
            "painted": self.painted,
        }
        text = json.dumps(result, indent=2) + "\n"
        _write(self.folder / RESULT, lambda path: path.write_text(text, encoding="utf-8"))
        (self.folder / STATE).unlink()


class StopSignals:
    """Ctrl-C and SIGTERM end the training after its step, with a checkpoint.

    Attributes:
        caught: The signal's number; 0: none came.
    """

    def __init__(self) -> None:
        self.caught = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "StopSignals":
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: Any) -> None:
        self.caught = number


def _parser() -> argparse.ArgumentParser:
    # No absl here: an environment with PyTorch, NumPy and Pillow is enough.
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", choices=RECIPES, required=True)
    parser.add_argument("--setting", choices=("best", "float32"), default="best")
    parser.add_argument("--bfloat16", action="store_true", help="The CPU has instructions for it.")
    parser.add_argument("--pictures", required=True)
    parser.add_argument("--run_dir", required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--measure_minutes", type=float, default=5.0)
    parser.add_argument("--checkpoint_minutes", type=float, default=5.0)
    parser.add_argument("--schedule", choices=("linear", "constant"), default="linear")
    parser.add_argument("--crop", type=int, default=256)
    parser.add_argument("--flip", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    return parser


def _setting(options: Any) -> peers.Setting:
    """What was asked for: float32 as published, or the fastest for this step."""
    if options.setting == "float32":
        return peers.REFERENCE
    content, style = next(pairs(Path(options.pictures), options.crop, options.seed, 0, True))

    def make(setting: peers.Setting) -> Callable[[], object]:
        rival = make_rival(options.recipe, setting)
        batch = [setting.place(torch.from_numpy(part)) for part in (content, style)]
        return lambda: rival.step(*batch)

    return peers.fastest(make, options.bfloat16)


def _read(path: Path) -> dict[str, Any] | None:
    """The checkpoint; None where there is none. Tensors and plain values alone are read."""
    if not path.exists():
        return None
    found: dict[str, Any] = torch.load(path, weights_only=True)
    return found


def _write(path: Path, save: Callable[[Path], object]) -> None:
    """Write a file so that it appears whole or not at all."""
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    save(temporary)
    os.replace(temporary, path)


if __name__ == "__main__":
    raise SystemExit(main())
