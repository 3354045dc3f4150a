"""A SavedModel in memory: its signatures, and how they are run for the REST API."""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.exporting.warm_up import WARM_UP_FILE
from style_gan_tf.exporting.wire_format import message_class
from style_gan_tf.inference.card import read_card, styles_in
from style_gan_tf.serving.rest.errors import CODES, RestError
from style_gan_tf.serving.rest.tensors import TensorSpec

_MOST_WARM_UPS = 1000
_WARM_UP_SECONDS = 600.0
_PLACES = re.compile(r"\{\{function_node [^}]*\}\} ?")  # inside a graph: they tell a client nothing
_NODES = re.compile(r"\s*\[\[\{\{node .*|\n.*", re.DOTALL)


class Servable:
    """A SavedModel with its signatures, usable from many threads.

    TensorFlow 1's session rather than `tf.saved_model.load`: it runs any SavedModel's signatures
    by their tensors' names, knows time limits, and its errors are the runtime's own.

    Attributes:
        inputs: Of each signature, by name.
        metadata: Each signature's definition, as JSON has it.
        styles: The names of its styles, by its model card.

    Raises:
        RestError: When the folder holds no SavedModel that can be loaded.
    """

    def __init__(self, path: Path) -> None:
        import tensorflow as tf

        # A GPU is shared with the version that this one replaces.
        options = tf.compat.v1.ConfigProto()
        options.gpu_options.allow_growth = True
        graph = tf.Graph()
        self._session = tf.compat.v1.Session(graph=graph, config=options)
        try:
            with graph.as_default(), _quiet():
                loaded = tf.compat.v1.saved_model.load(self._session, ["serve"], str(path))
            self._signatures = {
                name: signature
                for name, signature in loaded.signature_def.items()
                if signature.outputs and not name.startswith("__")
            }
            self.inputs = {
                name: {key: _spec(info) for key, info in signature.inputs.items()}
                for name, signature in self._signatures.items()
            }
            self.metadata = {
                name: _as_json(signature) for name, signature in loaded.signature_def.items()
            }
            self.styles = styles_in(read_card(path))
            self._warm_up(path / WARM_UP_FILE)
        except RestError:
            self.close()
            raise
        except Exception as error:  # A damaged SavedModel raises many kinds.
            self.close()
            code = CODES[error.error_code] if isinstance(error, tf.errors.OpError) else "INTERNAL"
            raise RestError(code, f"{path}: {_sentence(error)}") from None

    def run(
        self, signature: str, inputs: Mapping[str, np.ndarray], seconds: float
    ) -> dict[str, np.ndarray]:
        """Run a signature, for at most so many seconds.

        Args:
            signature: One of `inputs`.
            inputs: As that signature takes them.
            seconds: After these the run is broken off at the next operation.

        Raises:
            RestError: With the code that the runtime gave, DEADLINE_EXCEEDED for a run that took
                too long.
        """
        import tensorflow as tf

        definition = self._signatures[signature]
        feeds = {definition.inputs[name].name: value for name, value in inputs.items()}
        fetches = {name: info.name for name, info in definition.outputs.items()}
        limit = tf.compat.v1.RunOptions(timeout_in_ms=max(1, int(seconds * 1000)))
        try:
            return self._session.run(fetches, feeds, options=limit)
        except tf.errors.OpError as error:
            raise RestError(CODES[error.error_code], _sentence(error)) from None
        except (ValueError, TypeError) as error:
            # A shape that the graph knows and the signature does not.
            raise RestError("INVALID_ARGUMENT", _sentence(error)) from None

    def close(self) -> None:
        """Free the memory; nothing may run any more."""
        self._session.close()

    def _warm_up(self, file: Path) -> None:
        """Run the recorded requests: the first run of a graph takes many times as long."""
        import tensorflow as tf

        if not file.is_file():
            return
        records = tf.data.TFRecordDataset(str(file)).take(_MOST_WARM_UPS)
        for record in records.as_numpy_iterator():
            log = message_class("PredictionLog").FromString(record)
            if not log.HasField("predict_log"):
                continue
            request = log.predict_log.request
            name = request.model_spec.signature_name or "serving_default"
            if name not in self.inputs:
                raise RestError("INVALID_ARGUMENT", f"{file}: no signature {name}")
            protos = {
                entry.key: tf.make_ndarray(_tensor_proto().FromString(entry.value))
                for entry in request.inputs
            }
            self.run(name, protos, _WARM_UP_SECONDS)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without TensorFlow's notes that its sessions are deprecated."""
    logger = logging.getLogger("tensorflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _tensor_proto() -> Any:
    from tensorflow.core.framework import tensor_pb2

    return tensor_pb2.TensorProto


def _spec(info: Any) -> TensorSpec:
    import tensorflow as tf

    dtype = tf.dtypes.as_dtype(info.dtype)
    shape = None
    if not info.tensor_shape.unknown_rank:
        shape = tuple(None if dim.size < 0 else dim.size for dim in info.tensor_shape.dim)
    # As the runtime calls it in its messages: "float", not "float32".
    names = {tf.float32: "float", tf.float64: "double", tf.float16: "half"}
    numpy_type = np.dtype(object) if dtype == tf.string else np.dtype(dtype.as_numpy_dtype)
    return TensorSpec(numpy_type, names.get(dtype, dtype.name), shape)


def _as_json(signature: Any) -> dict[str, Any]:
    from google.protobuf import json_format

    return json_format.MessageToDict(
        signature, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def _sentence(error: Exception) -> str:
    """What an error says, without the names of nodes and functions."""
    # The session adds where in Python each node was made to what the runtime said.
    inner = error.__context__ if type(error.__context__) is type(error) else error
    text = getattr(inner, "message", None) or str(inner) or type(inner).__name__
    return _NODES.sub("", _PLACES.sub("", text)).strip()
