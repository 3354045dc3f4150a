"""Which models are served, from where and in which versions: `models.config`."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from style_gan_tf.errors import UsageError
from style_gan_tf.exporting.wire_format import message_class

_UNKNOWN_FIELD = re.compile(
    r'(\d+:\d+:) Message type "wire_format\.(\w+)" has no field named "(\w+)"\.?'
)


@dataclass(frozen=True)
class ModelConfig:
    """One model.

    Attributes:
        name: In the path of its calls.
        base_path: The folder of its numbered versions.
        latest: How many of the newest versions are served; 0: all of them.
        specific: Exactly these versions instead, where there are any.
        labels: Names of versions.
    """

    name: str
    base_path: Path
    latest: int = 1
    specific: frozenset[int] = frozenset()
    labels: dict[str, int] = field(default_factory=dict)

    def choose(self, present: Iterable[int]) -> set[int]:
        """The versions to serve of those that are there."""
        if self.specific:
            return set(present) & self.specific
        newest = sorted(present, reverse=True)
        return set(newest[: self.latest] if self.latest else newest)


def read_model_config(path: str | Path) -> list[ModelConfig]:
    """Read a file that `tensorflow_model_server --model_config_file` takes.

    Paths that are not absolute count from the file's folder.

    Raises:
        UsageError: When it cannot be read or asks for what is not served; says where.
    """
    from google.protobuf import text_format

    file = Path(path).expanduser()
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no text"
        raise UsageError(f"--model_config_file={path}: cannot be read ({reason})") from None
    try:
        parsed = text_format.Parse(text, message_class("ModelServerConfig")())
    except text_format.ParseError as error:
        raise UsageError(f"--model_config_file={path}: {_where_and_what(error)}") from None
    entries = parsed.model_config_list.config
    if not entries:
        raise UsageError(
            f"--model_config_file={path}: names no model "
            "(model_config_list { config { name: ... base_path: ... } })"
        )
    try:
        models = [_model(entry, file.parent) for entry in entries]
    except ValueError as error:
        raise UsageError(f"--model_config_file={path}: {error}") from None
    names = [model.name for model in models]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"--model_config_file={path}: two models are called {twice}")
    return models


def _where_and_what(error: Exception) -> str:
    """What is wrong with the text; of an unknown field also those that there are."""
    told = " ".join(str(error).split()).replace(" : ", ": ", 1)
    match = _UNKNOWN_FIELD.fullmatch(told)
    if match is None:
        return told
    place, message, field = match.groups()
    known = message_class(message).DESCRIPTOR.fields_by_name
    near = difflib.get_close_matches(field, known, 1)
    guess = f"did you mean {near[0]}?" if near else f"those read here are {', '.join(known)}"
    return f"{place} no field {field} in {message}: {guess}"


def _model(entry: object, folder: Path) -> ModelConfig:
    name, base_path = entry.name, entry.base_path  # type: ignore[attr-defined]
    if not name or not base_path:
        raise ValueError(f"a model needs a name and a base_path (name {name!r})")
    if set(name) & set("/:"):
        raise ValueError(f"{name}: a name without / and : is needed")
    platform = entry.model_platform  # type: ignore[attr-defined]
    if platform not in ("", "tensorflow"):
        raise ValueError(f"{name}: model_platform {platform!r} is not served, only tensorflow")
    policy = entry.model_version_policy  # type: ignore[attr-defined]
    kinds = [kind for kind in ("latest", "all", "specific") if policy.HasField(kind)]
    if len(kinds) > 1:
        raise ValueError(f"{name}: model_version_policy has {' and '.join(kinds)}: keep one")
    latest, specific = 1, frozenset[int]()
    if kinds == ["all"]:
        latest = 0
    elif kinds == ["specific"]:
        specific = frozenset(policy.specific.versions)
        if not specific:
            raise ValueError(f"{name}: model_version_policy specific names no versions")
    elif kinds == ["latest"]:
        latest = policy.latest.num_versions or 1
    labels = {label.key: label.value for label in entry.version_labels}  # type: ignore[attr-defined]
    return ModelConfig(name, folder / Path(base_path).expanduser(), latest, specific, labels)
