"""Execute notebooks from top to bottom and keep what they show.

    python -m notebooks.execute                    # all of them
    python -m notebooks.execute notebooks/serving.ipynb

Each runs in a fresh kernel of this Python, in a temporary folder, and is written back when every
cell went well. STYLE_GAN_TF_NOTEBOOK_QUICK=1 takes the small settings that the tests take.
"""

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def execute(
    path: Path, folder: Path, env: Mapping[str, str] | None = None
) -> nbformat.NotebookNode:
    """Execute a notebook.

    Args:
        path: The `.ipynb` file; it is left as it is.
        folder: Where the notebook's own files go.
        env: The kernel's environment; None: this process's.

    Returns:
        The notebook with its outputs, less what differs from machine to machine.

    Raises:
        nbclient.exceptions.CellExecutionError: When a cell fails; holds the cell and its traceback.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=None,
        kernel_name="python3",
        record_timing=False,
        # One text for each cell, not one for each line of a training.
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(**({} if env is None else {"env": dict(env)}))
    notebook.metadata = nbformat.from_dict(_METADATA)
    return notebook


def main(paths: list[Path]) -> None:
    """Execute notebooks in place."""
    for path in paths:
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            notebook = execute(path, Path(folder))
        nbformat.write(notebook, path)
        print(
            f"{path.name}: {time.monotonic() - start:.0f} s, {path.stat().st_size / 1e6:.2f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or sorted(FOLDER.glob("*.ipynb")))
