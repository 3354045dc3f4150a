"""What every objective promises; `check_contract` holds one to it, by its name in the registry."""

import dataclasses
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import Network
from style_gan_tf.objectives import (
    OBJECTIVES,
    NetworkChoice,
    Objective,
    Setting,
    find_objective,
    objective_entry,
    read_options,
)
from style_gan_tf.training.settings import Settings
from style_gan_tf.training.step import TrainStep

BATCH, CROP = 2, 64
STYLES = ("ink", "oil")


def with_options(kind: type) -> list[str]:
    """The objectives whose options are, among others, those of `kind`."""
    return [name for name in OBJECTIVES if issubclass(find_objective(name).Options, kind)]


def with_option(option: str) -> list[str]:
    """The objectives that have an option of that name."""
    return [name for name in OBJECTIVES if option in option_names(name)]


def option_names(name: str) -> set[str]:
    """The options of an objective."""
    return {field.name for field in dataclasses.fields(find_objective(name).Options)}


def build(name: str, crop: int = CROP, **options: Any) -> Objective:
    """An objective with tiny networks of what its registry entry says that it takes."""
    keras.utils.set_random_seed(0)
    entry = objective_entry(name)
    fast, patch = {"filters": 4, "n_blocks": 1}, {"filters": 2, "n_layers": 1}
    generator, judge = NetworkChoice("fast", fast), NetworkChoice("patch", patch)
    if entry.from_noise:
        generator = NetworkChoice("noise", {"filters": 2, "latent": 4})
        judge = NetworkChoice("image", {"filters": 2})
    styles = STYLES if "styles" in entry.reads else ()
    setting = Setting(generator, judge, dtype="float32", batch=BATCH, crop=crop, styles=styles)
    found = find_objective(name)
    objective = found(read_options(found.Options, options, name), setting)
    if objective.studied_size is not None:
        size = (objective.studied_size, objective.studied_size + 8, 3)
        objective.study([[pictures(i, *size)] for i in range(max(len(styles), 1))])
    return objective


def pictures(seed: int, *shape: int) -> np.ndarray:
    """Uniform in [-0.8, 0.8], float32."""
    return np.random.default_rng(seed).uniform(-0.8, 0.8, shape).astype(np.float32)


def draw(name: str, crop: int = CROP, seed: int = 0) -> dict[str, tf.Tensor]:
    """A batch of what the objective reads."""
    batch = {"positions": tf.range(BATCH)}
    for index, image in enumerate(objective_entry(name).images):
        if image == "style_index":
            batch[image] = tf.range(BATCH) % len(STYLES)
        else:
            batch[image] = tf.constant(pictures(10 * seed + index, BATCH, crop, crop, 3))
    return batch


def check_contract(name: str) -> None:
    """Everything below, of the objective of that name."""
    check_entry(name)
    check_options(name)
    check_training(name)


def check_entry(name: str) -> None:
    """It reads what data there is."""
    entry = objective_entry(name)
    assert entry.reads and set(entry.reads) <= {"content", "style", "styles", "paired"}


def check_options(name: str) -> None:
    """Defaults read their own texts; unknown, unreadable and negative ones give one line."""
    kind = find_objective(name).Options
    defaults = dataclasses.asdict(kind())
    assert read_options(kind, {key: str(value) for key, value in defaults.items()}, name) == kind()
    wrong = {"no_such_option": "1"}
    numbers = {key for key, value in defaults.items() if type(value) in (int, float)}
    for key in numbers:
        wrong[key] = "-1"
    for key, value in wrong.items():
        with pytest.raises(UsageError, match=key) as error:
            read_options(kind, {key: value}, name)
        assert "\n" not in str(error.value)
    for key in numbers:
        with pytest.raises(UsageError, match=f"--set {key}=much: expected"):
            read_options(kind, {key: "much"}, name)


def check_training(name: str) -> None:
    """It builds its networks, says which is exported, and three steps have finite losses."""
    objective = build(name)
    assert isinstance(objective.networks[objective.exported], Network)
    assert set(objective.beside) <= set(objective.networks) - {objective.exported}
    settings = Settings(objective=name, crop=CROP, batch_size=BATCH, steps=3, learning_rate=1e-3)
    step = TrainStep(objective, settings, 3, tf.distribute.get_strategy())
    before = {key: value.numpy() for key, value in step.state.items()}
    for index in range(3):
        result = step(draw(name, seed=index))
        assert result.step == index + 1
        assert {key.partition("/")[0] for key in result.losses} == set(objective.networks)
        assert all(np.isfinite(value) for value in result.losses.values()), result.losses
    for network in objective.networks:
        weights = [key for key in before if key.startswith(f"networks/{network}/")]
        changed = [key for key in weights if np.any(step.state[key].numpy() != before[key])]
        assert changed, f"{network} learns nothing"
