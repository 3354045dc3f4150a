"""The commands and programs that the documents show are run, on pictures and networks of no size.

Blocks with the mark `<!-- run by tests/docs/test_runs.py -->` are run in their order, those of a
document in one folder. Whatever folder, picture, video or run a command reads is made for it where
it is missing; a command stays as it is, but flags that make it short are added to it, and other
pictures take the place of the demo's, which take long to make. `pip` is left out.
"""

import importlib
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from absl import flags
from PIL import Image

from style_gan_tf import command_line
from style_gan_tf.networks import build_generator
from tests.docs.documents import DOCUMENTS, blocks, parse
from tests.extractor_weights import write_squeezenet, write_vgg19
from tests.objective_contract import option_names
from tests.videos import drifting, write_video

RUN_BY = "tests/docs/test_runs.py"
SHORT = ["--crop=32", "--load_size=40", "--batch_size=2", "--steps=1", "--epochs=0"]
SHORT += ["--max_minutes=0", "--samples=1", "--sample_every=0", "--eval_every=0", "--nocache"]
SHORT += ["--precision=float32"]
SMALL_NETWORKS = {
    "fast": ["filters=8", "n_blocks=1"],
    "restorer": ["filters=8", "n_blocks=1"],
    "noise": ["filters=8"],
    "patch": ["filters=8"],
    "projected": ["filters=8"],
    "image": ["filters=8"],
}
SMALL_OBJECTIVE = {"style_size": 32, "style_scales": 2}  # Of these, what an objective has.
SHORT_OPTIMIZATION = ["--optimize_steps=1", "--optimize_style_size=32"]
OTHER_THAN_DEMO = ["--content_data=photos/", "--style_data=paintings/"]
SHORTER_PYTHON = {"epochs=40, crop=128, batch_size=8": "epochs=0.1, crop=32, batch_size=2"}
OF_DATA, OF_INPUT = 40, 3  # Pictures in a folder; a tenth of data is held out.


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's cache with the weights files that the documents tell of; of random numbers."""
    folder = tmp_path_factory.mktemp("cache")
    weights = folder / "style_gan_tf" / "weights"
    weights.mkdir(parents=True)
    write_squeezenet(weights / "squeezenet1.1_imagenet_notop.h5")
    write_vgg19(weights / "vgg19_normalised_relu3_1.npz")
    return folder


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generator of a run that a document takes for granted."""
    path = tmp_path_factory.mktemp("generator") / "generator.keras"
    build_generator("fast", filters=8, n_blocks=1).save(path)
    return path


def marked(document: Path) -> bool:
    return any(block.run_by == RUN_BY for block in blocks(document))


@pytest.mark.parametrize("document", list(filter(marked, DOCUMENTS)), ids=lambda path: path.name)
def test_what_a_document_shows_runs(
    document: Path,
    cache: Path,
    generator: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    for block in blocks(document):
        if block.run_by != RUN_BY:
            continue
        if block.kind == "python":
            run_python(block.text, block.where, generator)
            continue
        assert block.commands, f"{block.where}: no line begins with $"
        for words in block.commands:
            if words[0] == "pip":
                continue
            assert words[:2] == ["python", "-m"], f"{block.where}: cannot run {words[0]}"
            status = run_command(words[2], words[3:], generator)
            told = capsys.readouterr()
            assert status == 0, f"{block.where}: {' '.join(words)}\n{told.err}"


def run_command(module: str, arguments: list[str], generator: Path) -> int:
    """A command of ours with what it reads; its exit status."""
    command = importlib.import_module(module)
    added = shortening(parse(module, arguments))
    for values in (parse(module, arguments), parse(module, [*arguments, *added])):
        make_what_is_read(values, generator)
    status = command_line.run(module, "", command.define_flags, command.main, [*arguments, *added])
    if status == 0 and "output" in values and values.output:
        assert Path(values.output).exists(), f"{module} wrote no {values.output}"
    return status


def shortening(values: flags.FlagValues) -> list[str]:
    """Flags that make a command short."""
    if "optimize" in values and values.optimize:
        return SHORT_OPTIMIZATION
    if "learning_rate" not in values:
        return []
    known = option_names(values.objective)
    options = [f"{name}={value}" for name, value in SMALL_OBJECTIVE.items() if name in known]
    for role in ("generator", "discriminator"):
        options += [f"{role}.{item}" for item in SMALL_NETWORKS.get(values[role].value, [])]
    demo = values.content_data.startswith("demo:")
    return [*SHORT, *(f"--set={item}" for item in options), *(OTHER_THAN_DEMO if demo else ())]


def make_what_is_read(values: flags.FlagValues, generator: Path) -> None:
    """Folders, pictures, videos and runs that are named and missing."""
    of_pictures = ("content_data", "style_data", "paired_data", "input", "optimize", "style_image")
    for name in of_pictures:
        given = values[name].value if name in values else ""
        for spec in given if isinstance(given, list) else given.split(","):
            make_pictures(spec.rpartition("=")[2], OF_INPUT if name == "input" else OF_DATA)
    models = [values[name].value for name in ("model", "blind") if name in values]
    for item in ",".join(filter(None, models)).split(","):
        run = Path(item.rpartition("=")[2])
        if run.parts[:1] == ("runs",) and not run.exists():
            run.mkdir(parents=True)
            shutil.copy(generator, run)


def make_pictures(spec: str, count: int) -> None:
    """A folder of pictures, a picture or a video, unless it is there or is of another kind."""
    path = Path(spec)
    if not spec or path.exists() or re.search(r"[:*]", spec):
        return
    if path.suffix == ".mp4":
        pytest.importorskip("av", reason="PyAV is not installed")
        write_video(path, drifting(3))
        return
    rng = np.random.default_rng(len(spec))
    if not path.suffix:
        path.mkdir(parents=True)
    for file in [path] if path.suffix else [path / f"{index:02d}.png" for index in range(count)]:
        small = Image.fromarray(rng.integers(40, 200, (6, 6, 3), np.uint8))
        small.resize((72, 64)).save(file)


def run_python(text: str, where: str, generator: Path) -> None:
    """A program, in this process."""
    for long, short in SHORTER_PYTHON.items():
        text = text.replace(long, short)
    for spec in re.findall(r"\"(\w+/|\w+\.jpg)\"", text):
        make_pictures(spec, OF_DATA)
    for name in re.findall(r"\"(\w+\.keras)\"", text):
        if not Path(name).exists():
            shutil.copy(generator, name)
    exec(compile(text, where, "exec"), {})
