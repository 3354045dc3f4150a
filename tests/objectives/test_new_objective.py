"""A new objective is its file, one registry line, one flagfile and one test file.

This is the test file, and the objective's as well. It goes through the registry and the commands
as they are: nothing else knows its name.
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tensorflow as tf

from style_gan_tf import command_line, export
from style_gan_tf.objectives import OBJECTIVES, Objective, Setting
from style_gan_tf.objectives.adversarial_game import AdversarialGame, GameOptions
from style_gan_tf.objectives.registry import Entry
from tests.objective_contract import check_contract
from tests.runs import assert_same_weights, run


@dataclasses.dataclass(frozen=True)
class PaletteOptions(GameOptions):
    """Options of the throw-away objective: the game's, and one of its own."""

    palette_weight: float = 1.0


class Palette(Objective):
    """The output's mean colour shall be the style's, and it shall pass for a painting."""

    Options = PaletteOptions

    def __init__(self, options: PaletteOptions, setting: Setting) -> None:
        self.options = options
        self.generator = setting.build_generator()
        self.game = AdversarialGame(options, setting.build_discriminator(), setting.batch)
        self.networks = {"generator": self.generator, "discriminator": self.game.discriminator}
        self.state = {}

    def losses(self, batch: dict[str, Any], seed: Any) -> dict[str, dict[str, Any]]:
        style = batch["style"]
        fake = self.generator(batch["content"], training=True)
        adversarial, judging = self.game.play(style, fake, seed, batch["positions"])
        found, wanted = (tf.reduce_mean(images, [1, 2]) for images in (fake, style))
        palette = self.options.palette_weight * tf.reduce_mean(tf.abs(found - wanted))
        generator = {"adversarial": adversarial, "palette": palette}
        return {"generator": generator, "discriminator": judging}


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line in the registry."""
    monkeypatch.setitem(OBJECTIVES, "palette", Entry(f"{__name__}:{Palette.__name__}"))


def test_it_keeps_the_contract() -> None:
    check_contract("palette")


def test_it_trains_resumes_and_is_exported(
    tiny_flags: Callable[..., list[str]], tmp_path: Path
) -> None:
    flagfile = tmp_path / "palette.flags"
    flagfile.write_text("--objective=palette\n--set=palette_weight=2\n--set=r2=1\n")
    for folder, parts in (("whole", [3]), ("parts", [2, 3])):
        flags = tiny_flags(run_dir=tmp_path / folder, flagfile=flagfile)
        for steps in parts:
            assert run(*flags, f"--steps={steps}") == 0
    assert_same_weights(tmp_path / "whole", tmp_path / "parts")
    header = (tmp_path / "parts" / "metrics.csv").read_text().splitlines()[0]
    for column in ("generator/palette", "discriminator/adversarial", "discriminator/r2"):
        assert column in header

    given = [f"--run_dir={tmp_path / 'parts'}"]
    assert command_line.run("export", "", export.define_flags, export.main, given) == 0
    loaded = tf.saved_model.load(str(tmp_path / "parts" / "export" / "1"))
    assert "serving_default" in loaded.signatures
