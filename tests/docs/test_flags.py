"""Every command and every flag in the documents is one that there is."""

import importlib
import re
from pathlib import Path

import pytest

from style_gan_tf import train
from style_gan_tf.errors import UsageError
from tests.docs.documents import (
    COMMANDS,
    DOCUMENTS,
    KINDS,
    ROOT,
    Block,
    blocks,
    inline_code,
    module_commands,
    parse,
)

BENCHMARKS = sorted(
    path.stem
    for path in (ROOT / "benchmarks").glob("*.py")
    if "def define_flags" in path.read_text() and "command_line.run(" in path.read_text()
)
MODULES = [f"style_gan_tf.{name}" for name in COMMANDS]
MODULES += [f"benchmarks.{name}" for name in BENCHMARKS]
SHOWN = [*DOCUMENTS, *sorted((ROOT / "configs").glob("*.flags"))]
SHOWN += [Path(str(importlib.import_module(f"style_gan_tf.{name}").__file__)) for name in COMMANDS]
SHOWN += [ROOT / "benchmarks" / f"{name}.py" for name in BENCHMARKS]
# The official PyTorch code's own, in docs/conversion.md.
FOREIGN = {"--no_antialias", "--no_antialias_up", "--eval"}

by_name = pytest.mark.parametrize("path", SHOWN, ids=lambda path: "/".join(path.parts[-2:]))
by_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


@by_name
def test_commands_have_only_flags_that_there_are(path: Path) -> None:
    for module, arguments in module_commands(path):
        assert module in MODULES, module
        parse(module, arguments)


def test_commands_are_found_and_the_wrong_ones_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "```console\n"
        "$ python -m style_gan_tf.export --run_dir=a \\\n      --format=onnx  # so\n"
        "```\n"
        "and `python -m style_gan_tf.train --flagfile=quickstart` or (python -m benchmarks.video)\n"
    )
    assert module_commands(path) == [
        ("style_gan_tf.export", ["--run_dir=a", "--format=onnx"]),
        ("style_gan_tf.train", ["--flagfile=quickstart"]),
        ("benchmarks.video", []),
    ]
    for wrong in ("--fromat=onnx", "--format=onyx", "--flagfile=nowhere", "--fromat=FORMAT"):
        with pytest.raises(UsageError):
            parse("style_gan_tf.export", [wrong])
    assert parse("style_gan_tf.export", ["--max_pixels=N", "--run_dir=a"]).run_dir == "a"


@by_document
def test_training_commands_are_whole(document: Path) -> None:
    """Nothing is missing, and settings go together."""
    for module, arguments in module_commands(document):
        if module == "style_gan_tf.train" and arguments:
            train.settings_of(parse(module, arguments))


@by_document
def test_flags_in_sentences_are_those_of_a_command(document: Path) -> None:
    for code in inline_code(document):
        first, _, rest = code.partition(" ")
        words = rest.split() if not first.startswith("--") else code.split()
        if first in COMMANDS:
            modules = [f"style_gan_tf.{first}"]
        elif first in MODULES:
            modules = [first]
        elif first.startswith("--"):
            modules = MODULES
        else:
            continue  # Of another program, or no command at all.
        if words and words[0] not in FOREIGN and words[0].startswith("--"):
            assert any(_is_of(module, words) for module in modules), code


def _is_of(module: str, words: list[str]) -> bool:
    # `--max_minutes`, without its value, is the flag's name.
    named = [word if re.search("[= ]", word) else f"{word}=NAME" for word in words]
    if words[0] == "--set":  # `--set name=value`
        named = words
    try:
        parse(module, named)
    except UsageError:
        return False
    return True


@by_document
def test_every_block_is_run_or_says_why_not(document: Path) -> None:
    for block in blocks(document):
        if block.kind in KINDS:
            assert _is_marked(block), (
                f"{block.where}: put <!-- run by FILE --> or <!-- not run: REASON --> above it"
            )


def _is_marked(block: Block) -> bool:
    if not block.run_by:
        named = re.findall(r"tests/[\w/]+\.py", block.reason)
        return bool(block.reason) and all((ROOT / name).is_file() for name in named)
    file = ROOT / block.run_by
    # It finds its blocks by its own name.
    return file.is_file() and block.run_by in file.read_text()
