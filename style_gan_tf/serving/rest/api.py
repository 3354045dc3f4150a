"""REST calls -> answers: what lies between HTTP and the models."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from style_gan_tf.serving.rest.errors import RestError, invalid
from style_gan_tf.serving.rest.paths import Call
from style_gan_tf.serving.rest.request import parse_document, read_inputs, signature_name
from style_gan_tf.serving.rest.response import write_json, write_outputs
from style_gan_tf.serving.rest.tensors import TensorSpec


@dataclass(frozen=True)
class VersionStatus:
    """How a version of a model is doing.

    Attributes:
        version: Its number.
        state: "START", "LOADING", "AVAILABLE", "UNLOADING" or "END".
        code: "OK", or what its loading failed with.
        message: Why, or nothing.
    """

    version: int
    state: str
    code: str = "OK"
    message: str = ""


class LoadedModel(Protocol):
    """One version of a model, in memory."""

    @property
    def inputs(self) -> Mapping[str, Mapping[str, TensorSpec]]:
        """By signature, then by name."""

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The signatures as `GET .../metadata` tells them."""

    @property
    def styles(self) -> Sequence[str]:
        """Its styles' names, where it is known how they are called."""

    def run(
        self, signature: str, inputs: Mapping[str, np.ndarray], seconds: float
    ) -> dict[str, np.ndarray]:
        """Run a signature, for at most so many seconds.

        Raises:
            RestError: With the code that the runtime gave.
        """


class Models(Protocol):
    """The models that are served."""

    def use(
        self, name: str, version: int | None, label: str | None
    ) -> AbstractContextManager[tuple[LoadedModel, int]]:
        """A model that stays in memory until the context ends, and its version.

        Raises:
            RestError: NOT_FOUND, or INVALID_ARGUMENT for an unknown label.
        """

    def statuses(self, name: str, version: int | None, label: str | None) -> list[VersionStatus]:
        """Of all versions, or of the one asked for, newest first.

        Raises:
            RestError: As for `use`.
        """


class RestApi:
    """Answers calls.

    Args:
        models: What is served.
        on_run: Told the name of a model and the seconds that each of its runs took.
    """

    def __init__(
        self, models: Models, on_run: Callable[[str, float], None] = lambda name, seconds: None
    ) -> None:
        self._models = models
        self._on_run = on_run

    def look(self, call: Call) -> bytes:
        """Answer a status or metadata call; takes no time.

        Raises:
            RestError: For what cannot be answered.
        """
        if call.verb == "metadata":
            return self._metadata(call)
        statuses = self._models.statuses(call.model, call.version, call.label)
        return write_json({"model_version_status": [_status(status) for status in statuses]})

    def predict(self, call: Call, body: bytes | bytearray, seconds: float) -> bytes:
        """Answer a predict call.

        Args:
            call: Model and version.
            body: JSON.
            seconds: How long the model may run.

        Raises:
            RestError: For what cannot be answered.
        """
        if call.verb != "predict":
            raise RestError("UNIMPLEMENTED", f":{call.verb} is not served here; use :predict")
        document = parse_document(body)
        name = signature_name(document)
        with self._models.use(call.model, call.version, call.label) as (model, _):
            if name not in model.inputs:
                raise invalid(f'Serving signature name: "{name}" not found in signature def')
            inputs, by_row = read_inputs(document, model.inputs[name])
            document.clear()  # A float picture as JSON is a hundred times its tensor.
            began = time.monotonic()
            outputs = model.run(name, inputs, seconds)
            self._on_run(call.model, time.monotonic() - began)
        return write_outputs(outputs, by_row)

    def _metadata(self, call: Call) -> bytes:
        with self._models.use(call.model, call.version, call.label) as (model, version):
            spec = {"name": call.model, "signature_name": "", "version": str(version)}
            metadata: dict[str, Any] = {"signature_def": {"signature_def": model.metadata}}
            if model.styles:  # Of our own: TF Serving looks at signatures alone.
                metadata["styles"] = list(model.styles)
            return write_json({"model_spec": spec, "metadata": metadata})


def error_body(message: str) -> bytes:
    """The body of every answer that is an error."""
    return write_json({"error": message})


def _status(status: VersionStatus) -> dict[str, Any]:
    return {
        "version": str(status.version),
        "state": status.state,
        "status": {"error_code": status.code, "error_message": status.message},
    }
