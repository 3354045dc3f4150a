"""Short runs of every objective: the loss that must fall falls, it resumes, and it is exported."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from style_gan_tf import command_line, export
from style_gan_tf.objectives.registry import OBJECTIVES
from tests.objective_contract import option_names
from tests.runs import run

# What falls: a distance, of an objective with a weight of that name, or the loss of a
# discriminator against a slow generator.
DISTANCES = {"style_weight": "generator/style", "l1_weight": "generator/l1"}
STEPS = 16


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_it_learns_resumes_and_is_exported(
    objective: str,
    tiny_flags: Callable[..., list[str]],
    two_folders: tuple[Path, Path],
    tmp_path: Path,
) -> None:
    entry, options = OBJECTIVES[objective], option_names(objective)
    distance = next((DISTANCES[option] for option in DISTANCES if option in options), None)
    changes: dict[str, object] = {"objective": objective, "discriminator_learning_rate": 2e-3}
    changes["learning_rate"] = 2e-3 if distance else 1e-4
    chosen = {"style_scales": 2, "style_weight": 100}
    changes["set"] = [f"{name}={value}" for name, value in chosen.items() if name in options]
    if "paired" in entry.reads:
        # A folder's pictures beside themselves: the generator has to unlearn what it starts with.
        write_halves(two_folders[0], tmp_path / "halves")
        changes |= {"paired_data": tmp_path / "halves", "content_data": "", "style_data": ""}
    if "styles" in entry.reads:
        changes["style_data"] = f"warm={two_folders[1]}"
    if entry.from_noise:
        changes |= {"generator": "noise", "discriminator": "image", "content_data": ""}
    flags = tiny_flags(**changes)
    if "styles" in entry.reads:
        flags.append(f"--style_data=cold={two_folders[0]}")
    if entry.from_noise:
        unknown = ("n_blocks", "n_layers")
        flags = [flag for flag in flags if not any(word in flag for word in unknown)]

    # The flags of `steps` come last and win.
    for steps in (STEPS - 1, STEPS):
        assert run(*flags, f"--steps={steps}", "--batch_size=4") == 0
    with open(tmp_path / "run" / "metrics.csv") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(1, STEPS + 1))
    values = [float(row[distance or "discriminator/adversarial"]) for row in rows]
    assert np.mean(values[-4:]) < 0.95 * np.mean(values[:4])

    given = [f"--run_dir={tmp_path / 'run'}"]
    assert command_line.run("export", "", export.define_flags, export.main, given) == 0
    loaded = tf.saved_model.load(str(tmp_path / "run" / "export" / "1"))
    assert "serving_default" in loaded.signatures


def write_halves(pictures: Path, folder: Path) -> None:
    """Each picture beside its negative, in one file."""
    folder.mkdir()
    for path in pictures.iterdir():
        picture = np.asarray(Image.open(path))
        Image.fromarray(np.concatenate([picture, 255 - picture], axis=1)).save(folder / path.name)
