"""The command `stylize`: what each mode uses, and that nothing else is dropped silently."""

import subprocess
import sys
from pathlib import Path

import pytest

from style_gan_tf import command_line, stylize
from style_gan_tf.errors import UsageError
from style_gan_tf.stylize import modes
from style_gan_tf.stylize.modes import MODES, Mode, mode_of
from style_gan_tf.stylize.settings import OPTIONS, StylizeSettings, settings_of

SERVER = "http://localhost:1/v1/models/m"
# What each mode cannot do without, and what makes it another one's work.
BASES: dict[str, dict[str, str]] = {
    "PICTURES": {"model": "m", "input": "photo.png", "output": "out"},
    "VIDEO": {"model": "m", "input": "clip.mp4", "output": "out"},
    "SAMPLES": {"model": "m", "input": "photo.png", "output": "out", "samples": "2"},
    "SHEET": {"model": "m", "input": "photo.png", "output": "out", "sheet": "true"},
    "SERVER": {"server": SERVER, "input": "photo.png", "output": "out"},
    "OPTIMIZE": {"optimize": "a.png", "input": "photo.png", "output": "out"},
    "GENERATE": {"generate": "2", "noise_model": "n", "output": "out"},
    "GENERATE stylized": {"generate": "2", "noise_model": "n", "output": "out", "model": "m"},
    "SHEET kept": {
        **{"model": "m", "input": "photo.png", "output": "out", "sheet": "true"},
        "save_style": "wave",
    },
    "SAVE_STYLE": {"save_style": "wave", "model": "m"},
    "SAVE_STYLE_OF_SERVER": {"save_style": "wave", "server": SERVER},
}
# A wish for each setting; those of the last row are the defaults, and written all the same.
VALUES = {
    "model": "m", "server": SERVER, "optimize": "a.png", "generate": "2", "noise_model": "n",
    "samples": "2", "sheet": "true", "save_style": "wave", "input": "photo.png", "output": "out",
    "overwrite": "true", "skip_existing": "true", "shard": "1/2", "quality": "50",
    "strength": "0.5", "style": "oil", "style_image": "photo.png", "saved_styles": "mine",
    "preserve_color": "true", "match_color": "photo.png", "paint_size": "9", "tile": "9",
    "memory": "1", "seamless": "true", "seed": "1", "server_requests": "2",
    "optimize_steps": "5", "optimize_style": "3", "optimize_style_size": "9",
    "feature_weights": "imagenet", "download": "vgg19",
    "tile_statistics": "exact", "temporal": "statistics", "precision": "auto",
}  # fmt: skip
# Beside these the settings mean another mode that uses them all.
OTHER_MODE = {
    ("PICTURES", "samples"): "SAMPLES",
    ("PICTURES", "sheet"): "SHEET",
    ("SAVE_STYLE", "input"): "PICTURES",
    ("SAVE_STYLE_OF_SERVER", "input"): "SERVER",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A photo's file, for flags that must name one; and nothing is done."""
    monkeypatch.chdir(tmp_path)
    Path("photo.png").touch()

    def load_tensorflow() -> None:
        raise AssertionError("arguments are checked before TensorFlow is loaded")

    monkeypatch.setattr(command_line, "load_tensorflow", load_tensorflow)


def argv(given: dict[str, str]) -> list[str]:
    return [f"--{name}={value}" for name, value in given.items()]


def run(*words: str) -> int:
    return command_line.run("stylize", "", stylize.define_flags, stylize.main, words)


def settings(given: dict[str, str]) -> StylizeSettings:
    values = command_line.FlagValues()
    stylize.define_flags(values)
    command_line.parse(values, argv(given))
    return settings_of(values)


def mode_called(name: str) -> Mode:
    mode = getattr(modes, name.split()[0])
    assert isinstance(mode, Mode)
    return mode


def test_the_table_knows_every_setting_and_this_test_every_mode() -> None:
    assert {id(mode_called(name)) for name in BASES} == set(map(id, MODES))
    everything = frozenset(OPTIONS)
    assert frozenset().union(*(mode.used(everything) for mode in MODES)) == everything
    assert VALUES.keys() == everything


@pytest.mark.parametrize("name", BASES)
def test_the_least_that_a_mode_needs(name: str) -> None:
    mode = mode_called(name)
    assert mode_of(settings(BASES[name])) is mode
    assert BASES[name].keys() >= mode.needs
    if "output" in mode.needs:
        with pytest.raises(UsageError, match="--output is missing"):
            mode_of(settings({**BASES[name], "output": ""}))


@pytest.mark.parametrize("name", BASES)
def test_every_option_is_used_or_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    base, mode = BASES[name], mode_called(name)
    for option in [option for option in OPTIONS if option not in base]:
        given = {**base, option: VALUES[option]}
        if option in mode.used(frozenset(given)):
            assert mode_of(settings(given)) is mode, option
            continue
        if (name, option) in OTHER_MODE:
            whole = {**BASES[OTHER_MODE[name, option]], **given}
            assert mode_of(settings(whole)) is mode_called(OTHER_MODE[name, option]), option
            continue
        assert run(*argv(given)) == 2, option
        told = capsys.readouterr()
        assert told.out == "" and told.err.startswith("error: ") and told.err.count("\n") == 1
        assert f"--{option}" in told.err
        # The mode by one of the flags that make it.
        made_by = [f"--{flag}" for flag in base if flag != "output"]
        assert any(flag in told.err.replace(f"--{option}", "") for flag in made_by), told.err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("--optimize=a.png --server=S --input=i --output=o", "--server and --optimize"),
        ("--generate=2 --noise_model=n --server=S --optimize=a --output=o", "--server and --gen"),
        ("--model=m --input=a.png --output=o --temporal=flow", "--temporal and --model with pict"),
        ("--generate=2 --noise_model=n --paint_size=9 --output=o", "--paint_size and --generate"),
        ("--generate=2 --noise_model=n --strength=0.5 --output=o", "--strength and --generate"),
        ("--model=m --input=clip.mp4 --output=o --shard=1/2", "--shard is for pictures: --input=c"),
        ("--model=m --input=a.png --output=o --seed=3", "it is for --samples and --generate"),
        ("--server=S --input=clip.mp4 --output=o", "--server: takes pictures, not videos"),
        ("--optimize=a --input=clip.mp4 --output=o", "--optimize: takes pictures, not videos"),
        ("--save_style=x --model=m --output=o", "--output: there is nothing to paint"),
        ("--save_style=x --model=m --server=S", "--model and --save_style by --server: give one"),
        ("--sheet --model=m --input=a.png --output=o --strength=1", "--sheet and --strength"),
    ],
)
def test_how_it_is_said(given: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = given.split()
    assert run(*words) == 2
    assert said in capsys.readouterr().err


def test_what_is_switched_off_is_not_asked_for() -> None:
    off = {name: "" for name, value in VALUES.items() if value == "m" or name == "shard"}
    off |= {"sheet": "false", "samples": "0", "seed": "0", "tile": "0", "seamless": "false"}
    given = settings({**off, **BASES["SERVER"]})
    assert mode_of(given) is modes.SERVER
    assert given.given == BASES["SERVER"].keys()
    # The model's card has a paint size, so that 0 is a wish.
    assert "paint_size" in settings({"paint_size": "0"}).given


def test_a_flagfile_asks_as_the_command_line_does(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.flags").write_text("--temporal=none\n")
    words = [*argv(BASES["PICTURES"]), "--flagfile=a.flags"]
    assert run(*words) == 2
    assert "--temporal and --model with pictures" in capsys.readouterr().err


def test_settings_are_frozen_and_checked_without_tensorflow() -> None:
    code = (
        "import sys\n"
        "from style_gan_tf.stylize import modes, settings\n"
        "given = settings.StylizeSettings(model='m', input='a.png', output='o')\n"
        "assert modes.mode_of(given) is modes.PICTURES\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
        "given.model = 'other'\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.stderr.strip().splitlines()[-1].startswith("dataclasses.FrozenInstanceError")
