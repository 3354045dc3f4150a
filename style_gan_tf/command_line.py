"""The frame of every command: its flags, its one-line errors and its exit status."""

import importlib
import os
import re
import sys
from collections.abc import Callable, Sequence

from absl import flags

from style_gan_tf import __version__
from style_gan_tf.cpu import tune_cpu
from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.flagfiles import find_flagfile

FlagValues = flags.FlagValues

_ACCUMULATING = {"set"}  # later values are added to earlier ones instead of replacing them


def run(
    name: str,
    summary: str,
    define_flags: Callable[[FlagValues], None],
    main: Callable[[FlagValues], int | None],
    argv: Sequence[str] | None = None,
) -> int:
    """Parse `argv`, call `main` with the flags and return the exit status.

    Each call has flag values of its own: two commands can run in one process.

    Args:
        name: The command as its user types it, for the help text.
        summary: The help text above the list of flags.
        define_flags: Defines the command's flags on the values that it is given.
        main: The command; what it returns is the exit status (None: 0).
        argv: Arguments without the program's name; default `sys.argv[1:]`.

    Returns:
        0 when all went well, 2 for a usage error, 1 for a failure at run time, 130 when
        interrupted from the keyboard.
    """
    # Before TensorFlow is imported: its notes about the machine tell a user nothing.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    values = FlagValues()
    flags.DEFINE_bool("help", False, "Show this help.", short_name="h", flag_values=values)
    flags.DEFINE_bool("version", False, "Show the version.", flag_values=values)
    flags.DEFINE_multi_string("flagfile", [], "Read flags from this file, or from a shipped one "
                              "by its name, such as quickstart.", flag_values=values)  # fmt: skip
    define_flags(values)
    try:
        parse(values, sys.argv[1:] if argv is None else list(argv))
        if values.help:
            print(f"usage: {name} [flags]\n\n{summary}\n")
            print(values.get_help(include_special_flags=False))
            return 0
        if values.version:
            print(f"style_gan_tf {__version__}")
            return 0
        tune_cpu(deterministic="deterministic" in values and bool(values.deterministic))
        return main(values) or 0
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def load_tensorflow() -> None:
    """Import TensorFlow without the notes that its libraries print, whatever the log level.

    They go to the file descriptor, so that is turned away meanwhile; exceptions come through.
    """
    kept = os.dup(2)
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        importlib.import_module("tensorflow")
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def define_download(values: FlagValues) -> None:
    """Define --download, for commands that may use a network that is not in the package."""
    flags.DEFINE_multi_enum(
        "download",
        [],
        ("vgg19", "inception_v3"),
        "Fetch the weights of this network of keras.applications first, once, and compare their "
        "checksum; for --extractor=inception_v3 and wherever `imagenet` is named.",
        flag_values=values,
    )


def fetch_weights(values: FlagValues) -> None:
    """Fetch what --download names; after `load_tensorflow`.

    Raises:
        UserError: When it cannot be had, or is something else.
    """
    from style_gan_tf.networks.extractors import download

    for name in values.download:
        download(name)


def parse(values: FlagValues, arguments: Sequence[str]) -> None:
    """Set `values` from flagfiles and arguments; arguments win wherever they stand.

    absl itself lets the last one win, so that `--steps=9 --flagfile=F` would take F's steps.

    Raises:
        UsageError: For an unknown flag, a wrong value, a missing flagfile or a stray argument.
    """
    from_files, from_line = _separate(arguments)
    try:
        if from_files:
            _no_rest(values(["", *values.read_flags_from_files(from_files)]))
            names = [argument.partition("=")[2] for argument in from_files]
            values["flagfile"].value = names
        for name in {match.group(1) for a in from_line if (match := re.match(r"--?(\w+)", a))}:
            if name in values and name not in _ACCUMULATING:
                values[name].unparse()
        _no_rest(values(["", *from_line]))
    except flags.Error as error:
        message = " ".join(str(error).removeprefix("FATAL Flags parsing error:").split())
        raise UsageError(f"{message} (--help lists the flags)") from None


def _separate(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split arguments into those that name flagfiles, found, and all others."""
    from_files: list[str] = []
    from_line: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument in ("--flagfile", "-flagfile"):
            from_files.append(f"--flagfile={find_flagfile(next(remaining, ''))}")
        elif re.match(r"--?flagfile=", argument):
            from_files.append(f"--flagfile={find_flagfile(argument.partition('=')[2])}")
        else:
            from_line.append(argument)
    return from_files, from_line


def _no_rest(rest: Sequence[str]) -> None:
    if len(rest) > 1:
        raise UsageError(f"unexpected argument {rest[1]!r}: flags are written --name=value")


def key_values(items: Sequence[str], flag: str) -> dict[str, str]:
    """Read `name=value` items of a repeated flag, split at the first `=`; the last one wins.

    Raises:
        UsageError: When an item has no `=`.
    """
    pairs = {}
    for item in items:
        name, separator, value = item.partition("=")
        if not separator or not name:
            raise UsageError(f"--{flag}={item}: expected name=value")
        pairs[name] = value
    return pairs
