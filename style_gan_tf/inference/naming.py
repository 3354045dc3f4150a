"""One way to name a model for every command: a file, a folder, a run or a shipped model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from style_gan_tf.errors import UsageError

SAVED_MODEL_FILE = "saved_model.pb"
RUN_GENERATOR = "generator.keras"

# Shipped models of earlier versions, and what does their work now.
_REPLACED = {
    "styles": "--model=painting --style=van_gogh or --model=cartoon",
}


@dataclass(frozen=True)
class ModelFile:
    """Where a model lies and how it is stored.

    Attributes:
        path: The `.keras` file, or the folder that has `saved_model.pb`.
        kind: "keras" or "saved_model".
    """

    path: Path
    kind: Literal["keras", "saved_model"]


def find_model(name: str | Path) -> ModelFile:
    """Find the model that `name` means, without loading TensorFlow.

    Args:
        name: A `.keras` file; a folder with `saved_model.pb`; a folder of numbered versions (the
            highest complete one is taken); a run folder (its `generator.keras`); or the name of
            a shipped model. A path that exists wins over a shipped model of that name.

    Raises:
        UsageError: When nothing of the kind is there; says what was looked for and where.
    """
    if not str(name).strip():
        raise UsageError("no model is named: give a .keras file, a run folder or a SavedModel")
    path = Path(name).expanduser()
    if path.is_file():
        return _in_file(path)
    if path.is_dir():
        found = _in_folder(path)
        if found is None:
            raise UsageError(f"model {name}: {_what_is_missing(path)}")
        return found
    shipped = shipped_models()
    if str(name) in shipped:
        return shipped[str(name)]
    if str(name) in _REPLACED:
        raise UsageError(f"model {name}: it was replaced: give {_REPLACED[str(name)]}")
    names = ", ".join(sorted(shipped)) or "none"
    raise UsageError(
        f"model {name}: no such file or folder, and no shipped model of that name "
        f"(shipped models: {names})"
    )


def shipped_models() -> dict[str, ModelFile]:
    """The models that come with the package or lie in the clone around it, by name."""
    package = Path(__file__).resolve().parents[1]
    models = {}
    # The clone's folder last: whoever works there means the models that they see.
    for shelf in (package / "saved_models", package.parent / "saved_models"):
        for folder in sorted(shelf.iterdir()) if shelf.is_dir() else []:
            if folder.is_dir() and (found := _in_folder(folder)):
                models[folder.name] = found
    return models


def versions(folder: Path) -> dict[int, Path]:
    """The numbered folders inside `folder`, by number, complete or not."""
    if not folder.is_dir():
        return {}
    return {
        int(child.name): child
        for child in folder.iterdir()
        # The names that TF Serving takes for versions.
        if child.name.isascii() and child.name.isdigit() and child.is_dir()
    }


def _in_file(path: Path) -> ModelFile:
    if path.suffix == ".keras":
        return ModelFile(path, "keras")
    if path.name == SAVED_MODEL_FILE and _is_complete(path.parent):
        return ModelFile(path.parent, "saved_model")
    raise UsageError(
        f"model {path}: neither a .keras file nor a folder (SavedModel, versions or run folder)"
    )


def _in_folder(folder: Path) -> ModelFile | None:
    if _is_complete(folder):
        return ModelFile(folder, "saved_model")
    if (folder / RUN_GENERATOR).is_file():
        return ModelFile(folder / RUN_GENERATOR, "keras")
    complete = [number for number, path in versions(folder).items() if _is_complete(path)]
    if complete:
        return ModelFile(versions(folder)[max(complete)], "saved_model")
    return None


def _is_complete(folder: Path) -> bool:
    """Whether a SavedModel can be read: a copy that was broken off lacks its variables."""
    index = folder / "variables" / "variables.index"
    return (folder / SAVED_MODEL_FILE).is_file() and index.is_file()


def _what_is_missing(folder: Path) -> str:
    if (folder / SAVED_MODEL_FILE).is_file():
        return "an incomplete SavedModel (variables/variables.index is missing): copy it again"
    if (folder / "flags.txt").is_file():
        return f"a run folder without {RUN_GENERATOR}: train on until its first checkpoint"
    if versions(folder):
        return "none of its numbered versions is a complete SavedModel: copy or export it again"
    return f"the folder has no {SAVED_MODEL_FILE}, no numbered versions and no {RUN_GENERATOR}"
