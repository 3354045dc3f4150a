"""The lessons in notebooks/: they run with small settings, and show what they were run to show."""

import base64
import io
import os
import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from PIL import Image

from notebooks.execute import FOLDER, execute
from style_gan_tf.data import open_source
from tests.docs.documents import module_commands, parse

NAMES = ("inside_the_gan", "quickstart", "serving")
# Folders of somebody's machine: an output that names one tells a reader nothing.
MACHINE_PATH = re.compile(r"/(tmp|work|home|root|Users|usr|opt|var)\b|[A-Z]:\\")


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(notebook: nbformat.NotebookNode) -> list[Any]:
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def texts(notebook: nbformat.NotebookNode) -> list[str]:
    """Everything that is shown as text; encoded pictures may hold any letters."""
    found = []
    for output in outputs(notebook):
        found.append(output.get("text", ""))
        found += [str(v) for kind, v in output.get("data", {}).items() if kind.startswith("text/")]
    return found


def pictures(notebook: nbformat.NotebookNode) -> list[np.ndarray]:
    encoded = [
        data
        for output in outputs(notebook)
        for kind, data in output.get("data", {}).items()
        if kind.startswith("image/")
    ]
    return [np.array(Image.open(io.BytesIO(base64.b64decode(data)))) for data in encoded]


def check_shown(notebook: nbformat.NotebookNode) -> None:
    """Every cell ran once and in order, without a complaint; pictures show something."""
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for output in outputs(notebook):
        assert output.output_type != "error"
        assert output.get("name") != "stderr", output.text
    for text in texts(notebook):
        assert not MACHINE_PATH.search(text), text
    shown = pictures(notebook)
    assert len(shown) >= 4
    assert all(picture.std() > 5 for picture in shown), "an empty picture"


@pytest.fixture(scope="module")
def demo() -> None:
    """The demo's pictures, which are made at first use."""
    open_source("demo:skimage")


def test_all_lessons_are_known() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_committed_lessons_show_what_they_did(name: str) -> None:
    notebook = read(name)
    nbformat.validate(notebook)
    check_shown(notebook)
    assert (FOLDER / f"{name}.ipynb").stat().st_size < 1.5e6


@pytest.mark.parametrize("name", NAMES)
def test_commands_that_lessons_name_parse(name: str, tmp_path: Path) -> None:
    (tmp_path / "lesson.md").write_text(
        "\n\n".join(cell.source for cell in read(name).cells if cell.cell_type == "markdown")
    )
    for module, arguments in module_commands(tmp_path / "lesson.md"):
        parse(module, arguments)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("demo")
def test_lessons_run(name: str, tmp_path: Path) -> None:
    # What conftest.py sets for repeatable tests would make a reader's kernel slow.
    env = {key: value for key, value in os.environ.items() if key != "TF_ENABLE_ONEDNN_OPTS"}
    env |= {
        "STYLE_GAN_TF_NOTEBOOK_QUICK": "1",
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    (tmp_path / "lesson").mkdir()
    check_shown(execute(FOLDER / f"{name}.ipynb", tmp_path / "lesson", env))
