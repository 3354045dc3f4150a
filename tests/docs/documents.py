"""What the documents show: blocks of code with their marks, commands, and code inside sentences.

Every block of ```console and ```python is marked in the line above it, by `<!-- run by FILE -->`,
the test that runs it, or by `<!-- not run: REASON -->`.
"""

import importlib
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from absl import flags

from style_gan_tf import command_line
from style_gan_tf.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
KINDS = ("console", "python")
COMMANDS = ("train", "export", "stylize", "evaluate", "convert", "serve")

_PLACEHOLDER = re.compile(r"(?:[A-Z][A-Z_.,=]*|\.{3})?")
_BLOCK = re.compile(r"^(?:<!-- (.*?) -->\n)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """Code between fences.

    Attributes:
        where: Document and line, for messages.
        kind: What follows the opening fence.
        text: What lies between.
        run_by: The test that runs it, by its mark; else "".
        reason: Why it is not run, by its mark; else "".
    """

    where: str
    kind: str
    text: str
    run_by: str
    reason: str

    @property
    def commands(self) -> list[list[str]]:
        """The words of each command behind a `$`, comments left out."""
        lines = _joined(self.text).splitlines()
        return [shlex.split(line[2:], comments=True) for line in lines if line.startswith("$ ")]


def blocks(document: Path) -> list[Block]:
    """All blocks of a document, in their order."""
    text = document.read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        mark, kind, inside = match.groups(default="")
        where = f"{document.name}:{text.count(chr(10), 0, match.start(2)) + 1}"
        run_by = mark.removeprefix("run by ") if mark.startswith("run by ") else ""
        reason = mark.removeprefix("not run:").strip() if mark.startswith("not run:") else ""
        found.append(Block(where, kind, inside, run_by, reason))
    return found


def without_blocks(document: Path) -> str:
    """The document's sentences."""
    return _BLOCK.sub("", document.read_text(encoding="utf-8"))


def inline_code(document: Path) -> list[str]:
    """What stands between backticks in the sentences."""
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", without_blocks(document))]


def module_commands(path: Path) -> list[tuple[str, list[str]]]:
    """Every `python -m OURS ...` in a document, a flagfile or a docstring: module and arguments."""
    text = _joined(path.read_text(encoding="utf-8"))
    pattern = r"python -m (style_gan_tf\.\w+|benchmarks\.\w+)([^`\n]*)"
    found = re.findall(pattern, text)
    return [(module, _arguments(rest)) for module, rest in found if not module.endswith(".NAME")]


def _arguments(rest: str) -> list[str]:
    if rest.endswith(")"):  # `How: make it (python -m ...)` in the header of a flagfile.
        rest = rest[:-1]
    # Up to the sentence that goes on behind the command.
    words = shlex.split(rest, comments=True) if rest.startswith(" --") else []
    count = next((i for i, word in enumerate(words) if not word.startswith("--")), len(words))
    return words[:count]


def _joined(text: str) -> str:
    """Lines that go on behind a backslash, or two in a docstring, as one."""
    return re.sub(r"\\{1,2}\n#? +", "", text)


def parse(module: str, arguments: list[str]) -> flags.FlagValues:
    """A command's flags, read from arguments.

    Arguments whose value is a placeholder (`--rounds=N`, `--degrade=...`) are read by their names
    alone.

    Raises:
        UsageError: For a flag, value or flagfile that there is not.
    """
    values = flags.FlagValues()
    flags.DEFINE_bool("help", False, "", flag_values=values)
    flags.DEFINE_multi_string("flagfile", [], "", flag_values=values)
    importlib.import_module(module).define_flags(values)
    given = []
    for argument in arguments:
        name, _, value = argument.removeprefix("--").partition("=")
        if "=" not in argument or not _PLACEHOLDER.fullmatch(value):
            given.append(argument)
        elif name not in values:
            raise UsageError(f"unknown flag --{name}")
    command_line.parse(values, given)
    return values
