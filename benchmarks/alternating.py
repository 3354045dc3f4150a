"""Times several ways of doing one job, turn by turn, and compares their medians.

Machines are shared and their clocks move: the same program can take twice as long an hour later.
So everything that is compared runs in one process, in turns (A B C A B C ...), and only the ratios
of the medians count.
"""

import dataclasses
import importlib.metadata
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from absl import flags

from style_gan_tf.errors import UsageError, UserError

# What decides how fast a CPU is at convolutions, with the name of the feature in /proc/cpuinfo.
_CPU_FEATURES = {
    "AMX bfloat16": "amx_bf16",
    "AVX-512 bfloat16": "avx512_bf16",
    "AVX-512": "avx512f",
    "AVX2": "avx2",
}
_PACKAGES = ("tensorflow", "keras", "torch")


@dataclasses.dataclass(frozen=True)
class Contender:
    """One way of doing the job.

    Attributes:
        name: In the table.
        run: Does the job once and returns when it is done.
        ours: Whether it is style_gan_tf's; the others are peers.
    """

    name: str
    run: Callable[[], object]
    ours: bool = False


@dataclasses.dataclass(frozen=True)
class Timing:
    """How long a contender took in each round, in seconds."""

    name: str
    ours: bool
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def define_flags(values: flags.FlagValues, rounds: int) -> None:
    """The flags that every benchmark has."""
    flags.DEFINE_integer(
        "rounds", rounds, "How often each contender runs.", lower_bound=1, flag_values=values
    )
    flags.DEFINE_string("json", "", "Write the figures to this file too.", flag_values=values)


def prepare(values: flags.FlagValues) -> bool:
    """Check the flags and `settle`."""
    if values.json and not Path(values.json).absolute().parent.is_dir():
        raise UsageError(f"--json={values.json}: its folder does not exist")
    return settle()


def settle() -> bool:
    """Settle what both frameworks share; before TensorFlow is imported.

    Returns:
        Whether PyTorch is installed: without it ours run alone.
    """
    # The comparison is one of CPUs. Without this one of the two could compute on a GPU.
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    if "torch" not in versions():
        print("torch is not installed (pip install 'style_gan_tf[bench]'): ours run alone")
        return False
    import torch

    torch.set_num_threads(cores())  # TensorFlow takes all cores by itself.
    return True


def take_turns(
    contenders: Sequence[Contender],
    rounds: int,
    warm_up: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> list[Timing]:
    """Run all contenders once a round, in their order.

    Args:
        contenders: Who runs.
        rounds: Timed rounds.
        warm_up: Rounds before those, untimed: they trace, compile and fill allocators.
        clock: Gives seconds.
    """
    seconds: list[list[float]] = [[] for _ in contenders]
    for number in range(-warm_up, rounds):
        for contender, durations in zip(contenders, seconds, strict=True):
            start = clock()
            contender.run()
            if number >= 0:
                durations.append(clock() - start)
    return [Timing(c.name, c.ours, tuple(s)) for c, s in zip(contenders, seconds, strict=True)]


def ratios(timings: Sequence[Timing]) -> dict[str, dict[str, float]]:
    """How many times as long each peer takes as each of ours: over 1 where ours is faster."""
    return {
        ours.name: {peer.name: peer.median / ours.median for peer in timings if not peer.ours}
        for ours in timings
        if ours.ours
    }


def table(timings: Sequence[Timing]) -> str:
    """Medians and extremes, then the ratios, as text."""
    width = max(len(timing.name) for timing in timings)
    lines = [f"{'seconds':{width}}    median       min       max"]
    for timing in timings:
        figures = (timing.median, min(timing.seconds), max(timing.seconds))
        lines.append(f"{timing.name:{width}}" + "".join(f"{f:10.3f}" for f in figures))
    for ours, peers in ratios(timings).items():
        for peer, ratio in peers.items():
            lines.append(f"ratio: {ours} is {ratio:.2f} times as fast as {peer}")
    return "\n".join(lines)


def report(facts: dict[str, Any], timings: Sequence[Timing], path: str) -> None:
    """Print the table, and write the figures as JSON where `path` is not empty.

    Args:
        facts: What else belongs to the figures: the machine, the sizes.
        timings: What was measured.
        path: A file, or nothing.
    """
    print(table(timings))
    if not path:
        return
    figures = {
        **facts,
        "seconds": {timing.name: list(timing.seconds) for timing in timings},
        "medians": {timing.name: timing.median for timing in timings},
        "ratios": ratios(timings),
    }
    try:
        Path(path).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"--json={path}: cannot be written ({error.strerror})") from None


def cores() -> int:
    """The CPU cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux alone has it.
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def versions() -> dict[str, str]:
    """Installed versions of what is compared."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def machine(cpuinfo: str = "/proc/cpuinfo") -> dict[str, Any]:
    """What the figures depend on: the CPU's name, its cores and features, the versions."""
    try:
        lines = Path(cpuinfo).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # Not Linux.
        lines = []
    entries: dict[str, str] = {}
    for line in lines:
        key, separator, value = line.partition(":")
        if separator:
            entries.setdefault(key.strip(), value.strip())  # The first core stands for all.
    known = set(entries.get("flags", "").split())
    return {
        "cpu": entries.get("model name") or platform.processor() or platform.machine(),
        "cores": cores(),
        "features": {name: flag in known for name, flag in _CPU_FEATURES.items()},
        "versions": versions(),
    }


def has_bfloat16(facts: dict[str, Any]) -> bool:
    """Whether the CPU of `machine` has instructions for bfloat16."""
    return any(has for name, has in facts["features"].items() if "bfloat16" in name)


def describe(facts: dict[str, Any]) -> str:
    """The lines that stand above every table, from `machine`."""
    features = ", ".join(f"{n} {'yes' if has else 'no'}" for n, has in facts["features"].items())
    installed = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    return f"CPU: {facts['cpu']}, {facts['cores']} cores; {features}\nversions: {installed}"
