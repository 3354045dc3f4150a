"""The frame of every command: flags, flagfiles, errors and exit statuses."""

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest
from absl import flags

from style_gan_tf import __version__, command_line
from style_gan_tf.errors import UsageError, UserError

Run = Callable[..., tuple[int, dict[str, object]]]


def define_flags(values: flags.FlagValues) -> None:
    flags.DEFINE_integer("steps", 1, "How many.", lower_bound=1, flag_values=values)
    flags.DEFINE_string("name", "none", "A name.", flag_values=values)
    flags.DEFINE_bool("check", False, "Whether to check.", flag_values=values)
    flags.DEFINE_multi_string("set", [], "name=value", flag_values=values)


@pytest.fixture
def run() -> Run:
    """Run a command; its exit status, and the flags if it was reached."""

    def run_command(*argv: str) -> tuple[int, dict[str, object]]:
        seen: dict[str, object] = {}

        def main(values: flags.FlagValues) -> None:
            seen.update({name: values[name].value for name in ("steps", "name", "check", "set")})

        return command_line.run("test", "A command.", define_flags, main, argv), seen

    return run_command


@pytest.fixture
def flagfile(tmp_path: Path) -> str:
    path = tmp_path / "a.flags"
    path.write_text("# a comment\n--steps=5\n--name=file\n--nocheck\n--set=a=1\n")
    return str(path)


def test_defaults(run: Run) -> None:
    assert run() == (0, {"steps": 1, "name": "none", "check": False, "set": []})


def test_the_command_line_wins_wherever_it_stands(run: Run, flagfile: str) -> None:
    from_file = {"steps": 5, "name": "file", "check": False, "set": ["a=1"]}
    assert run(f"--flagfile={flagfile}") == (0, from_file)
    for argv in (
        ["--steps=9", f"--flagfile={flagfile}"],
        [f"--flagfile={flagfile}", "--steps=9"],
        ["--steps", "9", "--flagfile", flagfile],
        ["-steps=9", "-flagfile", flagfile],
    ):
        assert run(*argv) == (0, {**from_file, "steps": 9}), argv
    for argv in (["--check", f"--flagfile={flagfile}"], [f"--flagfile={flagfile}", "--check"]):
        assert run(*argv) == (0, {**from_file, "check": True}), argv


def test_accumulating_flags_add(run: Run, flagfile: str) -> None:
    assert run("--set=b=2", f"--flagfile={flagfile}")[1]["set"] == ["a=1", "b=2"]


def test_later_flagfiles_win(run: Run, flagfile: str, tmp_path: Path) -> None:
    second = tmp_path / "b.flags"
    second.write_text("--name=second\n")
    status, seen = run(f"--flagfile={flagfile}", f"--flagfile={second}")
    assert (status, seen["steps"], seen["name"]) == (0, 5, "second")


@pytest.mark.parametrize(
    ("argument", "named"),
    [
        ("--stepps=3", "stepps"),
        ("--steps=three", "steps"),
        ("--steps=0", "steps"),
        ("--steps", "steps"),
        ("--check=perhaps", "check"),
        ("stray", "'stray'"),
        ("--flagfile=/nowhere/x.flags", "/nowhere/x.flags"),
    ],
)
def test_usage_errors(
    run: Run, capsys: pytest.CaptureFixture[str], argument: str, named: str
) -> None:
    assert run(argument) == (2, {})
    told = capsys.readouterr()
    assert told.err.startswith("error: ") and named in told.err
    assert told.err.count("\n") == 1 and told.out == ""


def test_wrong_flag_in_a_flagfile(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.flags"
    path.write_text("--stepps=3\n")
    assert run(f"--flagfile={path}") == (2, {})
    assert "stepps" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (UserError("a.png is broken: mend it"), 1, "error: a.png is broken: mend it\n"),
        (UsageError("--a is wrong"), 2, "error: --a is wrong\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
    ],
)
def test_exit_status(
    capsys: pytest.CaptureFixture[str], error: BaseException, status: int, line: str
) -> None:
    def main(values: flags.FlagValues) -> None:
        raise error

    assert command_line.run("test", "", define_flags, main, []) == status
    assert capsys.readouterr().err == line


def test_the_status_of_the_command_and_faults_of_the_program() -> None:
    assert command_line.run("test", "", define_flags, lambda values: 1, []) == 1

    def main(values: flags.FlagValues) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        command_line.run("test", "", define_flags, main, [])


def test_help_and_version(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for flag in ("--help", "-h"):
        assert run(flag) == (0, {})
        told = capsys.readouterr().out
        assert "A command." in told and "--steps" in told and "How many." in told
    assert run("--version") == (0, {})
    assert capsys.readouterr().out == f"style_gan_tf {__version__}\n"


def test_two_commands_in_one_process(capsys: pytest.CaptureFixture[str]) -> None:
    from style_gan_tf import export, stylize

    for command in (stylize, export, stylize):
        assert command_line.run("c", "", command.define_flags, command.main, []) == 2
        assert command_line.run("c", "", command.define_flags, command.main, ["--help"]) == 0
    # Nor do the commands know each other's flags.
    argv = ["--strength=0.5"]
    assert command_line.run("c", "", export.define_flags, export.main, argv) == 2
    assert "strength" in capsys.readouterr().err


def test_key_values() -> None:
    assert command_line.key_values(["a=1", "b=x=y", "a=2"], "set") == {"a": "2", "b": "x=y"}
    for item in ("a", "=1"):
        with pytest.raises(UsageError, match=f"--set={item}"):
            command_line.key_values([item], "set")


@pytest.mark.parametrize("command", ["train", "stylize", "evaluate"])
def test_download_is_a_flag_of_what_may_use_it(command, monkeypatch):
    module = importlib.import_module(f"style_gan_tf.{command}")
    values = command_line.FlagValues()
    module.define_flags(values)
    command_line.parse(values, ["--download=vgg19", "--download=inception_v3"])
    fetched = []
    monkeypatch.setattr("style_gan_tf.networks.extractors.download", fetched.append)
    command_line.fetch_weights(values)
    assert fetched == ["vgg19", "inception_v3"]
    with pytest.raises(UsageError, match="download"):
        command_line.parse(values, ["--download=alexnet"])
