"""What a run folder tells of the generator that came out of it, for the model's card."""

import csv
from pathlib import Path
from typing import Any

from style_gan_tf.training import checkpoints
from style_gan_tf.training.run_folder import RunFolder


def run_record(generator: Path) -> dict[str, Any]:
    """Read the run that a `.keras` file lies in.

    Args:
        generator: The run's `generator.keras`, or that of its best checkpoint.

    Returns:
        `name` of the run; `data`: dataset specs by what they are for; `flags` that repeat the run,
        its folder left out; `steps` done and the `minutes` that they took; `figures` that were
        last measured up to then, by name. Nothing for a file outside a run folder, or one beside
        a run's generator.
    """
    resolved = generator.resolve()
    for place, of_checkpoints in ((0, "checkpoints"), (2, "best")):
        folder = RunFolder(resolved.parents[min(place, len(resolved.parents) - 1)])
        known = folder.generator if place == 0 else folder.best_generator
        if known == resolved and folder.flags.is_file():
            found = checkpoints.find(getattr(folder, of_checkpoints))
            return _read(folder, int(found[0].stem.split("_")[1]) if found else None)
    return {}


def _read(folder: RunFolder, steps: int | None) -> dict[str, Any]:
    lines = folder.flags.read_text(encoding="utf-8").splitlines()
    flags = [line for line in lines if line.startswith("--") and "--run_dir=" not in line]
    data: dict[str, Any] = {}
    for line in flags:
        flag, _, spec = line.removeprefix("--").partition("=")
        if flag.endswith("_data") and spec:
            data.setdefault(flag.removesuffix("_data"), []).append(spec)
    return {
        "name": folder.path.name,
        "data": {name: specs[0] if len(specs) == 1 else specs for name, specs in data.items()},
        "flags": flags,
        "steps": steps,
        "minutes": _minutes(folder.metrics, steps),
        "figures": _figures(folder.metrics, steps),
    }


def _rows(file: Path, steps: int | None) -> list[dict[str, str]]:
    """What was logged up to a step."""
    if not file.is_file():
        return []
    with open(file, encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    return [row for row in rows if steps is None or int(row["step"]) <= steps]


def _minutes(file: Path, steps: int | None) -> float | None:
    minutes = [float(row["minutes"]) for row in _rows(file, steps) if row.get("minutes")]
    return round(max(minutes), 1) if minutes else None


def _figures(file: Path, steps: int | None) -> dict[str, float]:
    """The last row of measurements; rows of losses have a learning rate."""
    measured = [row for row in _rows(file, steps) if not row.get("learning_rate")]
    last = measured[-1] if measured else {}
    left_out = ("step", "minutes")
    return {name: float(text) for name, text in last.items() if text and name not in left_out}
