"""Who takes part in `benchmarks.quality`, and how each one's training is run and resumed.

Nothing here imports TensorFlow or PyTorch: each training is a process of its own, since the two do
not go together in one (importing triton after TensorFlow crashes).
"""

import dataclasses
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import write_file
from style_gan_tf.training import Settings

OURS = "ours"
PEERS = ("cut", "cyclegan", "enco")
FLOAT32 = "_float32"  # Behind a peer's name: as published, in place of PyTorch's best setting.
CONTENDERS = (OURS, *PEERS, *(f"{name}{FLOAT32}" for name in PEERS))
# What a peer shares with ours, and what ours may change without being another recipe.
_SHARED = frozenset(
    {"content_data", "style_data", "crop", "flip", "max_pixels", "max_minutes", "seed",
     "extractor", "extractor_weights", "eval_images"}
)  # fmt: skip
_NO_MATTER = frozenset({"run_dir", "keep", "cache", "log_every", "checkpoint_minutes"})


@dataclasses.dataclass(frozen=True)
class PeerSettings:
    """What is said of the peers alone.

    Attributes:
        python: The interpreter that has PyTorch.
        measure_minutes: Minutes of training between two measurements.
        crop: Pixels a side of their crops.
        load_size: Short side in pixels of the pictures that these are cut out of.
        schedule: `linear` or `constant`.
        bfloat16: Whether the CPU has instructions for it.
        threads: Of PyTorch.
    """

    python: str
    measure_minutes: float
    crop: int
    load_size: int
    schedule: str
    bfloat16: bool
    threads: int


@dataclasses.dataclass(frozen=True)
class Contender:
    """One training of one contender.

    Attributes:
        name: In CONTENDERS.
        settings: Of ours, with this contender's seed and run folder.
        peers: What is said of the peers alone.
        output: The benchmark's folder.
    """

    name: str
    settings: Settings
    peers: PeerSettings
    output: Path

    @property
    def seed(self) -> int:
        return self.settings.seed

    @property
    def result(self) -> Path:
        """The file of its figures."""
        return self.output / f"{self.name}_seed_{self.seed}.json"

    @property
    def folder(self) -> Path:
        """What its training leaves: a run folder of ours, or a peer's."""
        return run_folder(self.output, self.name, self.seed)

    @property
    def conditions(self) -> list[str]:
        """The flags that its figures hang on."""
        told = [(line, line[2:].partition("=")[0]) for line in self.settings.flags()]
        if self.name == OURS:
            return [line for line, flag in told if flag not in _NO_MATTER]
        peers = self.peers
        return [
            *(line for line, flag in told if flag in _SHARED),
            f"--measure_minutes={peers.measure_minutes}",
            f"--peer_crop={peers.crop}",
            f"--peer_load_size={peers.load_size}",
            f"--peer_schedule={peers.schedule}",
        ]

    @property
    def command(self) -> list[str]:
        """The process that trains it, or goes on where it stopped."""
        if self.name == OURS:
            return [sys.executable, "-m", "style_gan_tf.train", *self.settings.flags()]
        peers = self.peers
        return [
            peers.python,
            "-m",
            "benchmarks.peers.training",
            f"--recipe={self.name.removesuffix(FLOAT32)}",
            f"--setting={'float32' if self.name.endswith(FLOAT32) else 'best'}",
            *(["--bfloat16"] if peers.bfloat16 else []),
            f"--pictures={self.output / 'pictures'}",
            f"--run_dir={self.folder}",
            f"--minutes={self.settings.max_minutes}",
            f"--measure_minutes={peers.measure_minutes}",
            f"--checkpoint_minutes={self.settings.checkpoint_minutes}",
            f"--schedule={peers.schedule}",
            f"--crop={peers.crop}",
            "--flip" if self.settings.flip else "--no-flip",
            f"--seed={self.seed}",
            f"--threads={peers.threads}",
        ]

    def measured(self) -> bool:
        """Whether its figures are there.

        Raises:
            UsageError: When its training was begun, or its figures taken, under other flags.
        """
        if not self.result.exists():
            return False
        found = json.loads(self.result.read_text(encoding="utf-8"))
        refuse_other(self.result, found["conditions"], self.conditions)
        return bool(found["finished"])

    def write(self, figures: dict[str, Any]) -> None:
        """Keep what is known of it; without figures: that it was begun, under which flags."""
        found = {"conditions": self.conditions, "finished": bool(figures), **figures}
        write_file(self.result, (json.dumps(found, indent=2) + "\n").encode())


def run_folder(output: Path, name: str, seed: int) -> Path:
    """Where a contender's training by a seed lives."""
    return output / name / f"seed_{seed}"


def list_contenders(
    names: Sequence[str], seeds: int, settings: Settings, peers: PeerSettings, output: Path
) -> list[Contender]:
    """All trainings, seed by seed, so that a machine that gets slower slows all.

    Raises:
        UsageError: For a name that there is not.
    """
    if unknown := [name for name in names if name not in CONTENDERS]:
        raise UsageError(f"--contenders={unknown[0]}: choose of {', '.join(CONTENDERS)}")
    if not names:
        raise UsageError(f"--contenders: name one or more of {', '.join(CONTENDERS)}")
    return [
        Contender(
            name,
            dataclasses.replace(settings, seed=seed, run_dir=str(run_folder(output, name, seed))),
            peers,
            output,
        )
        for seed in range(settings.seed, settings.seed + seeds)
        for name in dict.fromkeys(names)
    ]


def refuse_other(path: Path, before: list[str], now: list[str]) -> None:
    """Refuse to set figures beside others that were taken under other conditions.

    Raises:
        UsageError: Names the file and the flags.
    """
    if before == now:
        return
    others = [line for line in before if line not in now]
    raise UsageError(
        f"--output={path.parent}: {path.name} was measured with {' '.join(others) or 'less'}: "
        "give the same flags, or another folder"
    )


def find_torch(python: str) -> str:
    """The version of an interpreter's PyTorch.

    Raises:
        UserError: When it has none, or does not run.
    """
    code = "import importlib.metadata as m; print(m.version('torch'))"
    try:
        found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    except OSError as error:
        raise UserError(f"--torch_python={python}: does not run ({error.strerror})") from None
    if found.returncode:
        raise UserError(
            "PyTorch is missing: pip install 'style_gan_tf[bench]', or name by --torch_python the "
            "Python of an environment that has torch, numpy and pillow"
        )
    return found.stdout.strip()


def run_process(command: Sequence[str]) -> int:
    """Run a training and return its exit status.

    Signals that end this process reach the training first, which saves where it is; GPUs are
    hidden from it, since the comparison is one of CPUs.
    """
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1"}
    with subprocess.Popen(command, env=environment) as process:

        def forward(number: int, frame: FrameType | None) -> None:
            # Ctrl-C goes to both from the terminal; a second one does no harm.
            process.send_signal(number)

        before = {n: signal.signal(n, forward) for n in (signal.SIGINT, signal.SIGTERM)}
        try:
            return process.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
