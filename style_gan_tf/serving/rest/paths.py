"""Which model, which version and what to do with it: read from a request's method and path."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from style_gan_tf.serving.rest.errors import invalid

_MAX_VERSION = 2**63 - 1
_WHICH = r"(?i:(?:/versions/([0-9]+)|/labels/([^/:]+))?)"
_RUN = re.compile(rf"(?i:/v1/models)/([^/:]+){_WHICH}:(predict|classify|regress)")
_LOOK = re.compile(rf"(?i:/v1/models)(?:/([^/:]+))?{_WHICH}(?:/(metadata))?")


@dataclass(frozen=True)
class Call:
    """What a path asks for.

    Attributes:
        verb: "predict", "classify", "regress", "status" or "metadata".
        model: The model's name.
        version: Its version, or None.
        label: The label of its version, or None. Never both; neither means the latest version.
    """

    verb: str
    model: str
    version: int | None = None
    label: str | None = None


def is_rest(target: str) -> bool:
    """Whether a path belongs to the REST API at all, well formed or not."""
    return target[:4].lower() == "/v1/"


def parse_call(method: str, target: str) -> Call:
    """Read a request's method and path.

    Args:
        method: Of HTTP.
        target: Path as it came, percent-encoded.

    Raises:
        RestError: INVALID_ARGUMENT for a path that is none of the API's.
    """
    match = {"POST": _RUN, "GET": _LOOK}.get(method, re.compile(r"(?!)")).fullmatch(target)
    if match is None or "?" in target:
        raise invalid(f"Malformed request: {method} {target}")
    name, version, label, verb = match.groups()
    if name is None:
        raise invalid("Missing model name in request.")
    if version is not None and int(version) > _MAX_VERSION:
        raise invalid(f"Failed to convert version: {version} to numeric.")
    return Call(
        verb=verb or "status",
        model=unquote(name),
        version=None if version is None else int(version),
        label=None if label is None else unquote(label),
    )
