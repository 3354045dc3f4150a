"""Warm-up records: requests that a server runs before a version takes calls.

Source: TensorFlow Serving, "SavedModel Warmup": `PredictionLog` records, at most 1000, in
`assets.extra/tf_serving_warmup_requests`.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.exporting.wire_format import message_class
from style_gan_tf.images import encode

WARM_UP_FILE = Path("assets.extra", "tf_serving_warmup_requests")
SIDE = 64  # pixels; what is prepared at the first run does not depend on the size


def warm_up_records(loaded: Any) -> list[bytes]:
    """One request for each signature whose inputs are known here, each run once.

    A record that fails would keep every server from loading the version.

    Args:
        loaded: What `tf.saved_model.load` gives.

    Returns:
        Serialized `PredictionLog`s.
    """
    records = []
    for name, signature in loaded.signatures.items():
        takes = signature.structured_input_signature[1]
        if set(takes) <= set(_EXAMPLES):
            inputs = {key: _EXAMPLES[key](spec) for key, spec in takes.items()}
            records.append(prediction_log(name, inputs))
            replay(loaded, records[-1])
    return records


def write_warm_up(version: Path, records: Iterable[bytes]) -> None:
    """Write records into the folder of a version.

    Raises:
        OSError, tf.errors.OpError: When the file cannot be written.
    """
    import tensorflow as tf

    file = version / WARM_UP_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(file)) as writer:
        for record in records:
            writer.write(record)


def replay(loaded: Any, record: bytes) -> dict[str, Any]:
    """Run a serialized `PredictionLog`.

    Args:
        loaded: What `tf.saved_model.load` gives.
        record: The request.

    Returns:
        The signature's outputs, by name.
    """
    import tensorflow as tf
    from tensorflow.core.framework import tensor_pb2

    request = message_class("PredictionLog").FromString(record).predict_log.request
    inputs = {
        entry.key: tf.constant(tf.make_ndarray(tensor_pb2.TensorProto.FromString(entry.value)))
        for entry in request.inputs
    }
    return loaded.signatures[request.model_spec.signature_name](**inputs)


def prediction_log(signature: str, inputs: Mapping[str, np.ndarray]) -> bytes:
    """A request as a serialized `PredictionLog`; strings are arrays of objects."""
    import tensorflow as tf

    log = message_class("PredictionLog")()
    request = log.predict_log.request
    request.model_spec.signature_name = signature
    for name, value in inputs.items():
        request.inputs.add(key=name, value=tf.make_tensor_proto(value).SerializeToString())
    return log.SerializeToString(deterministic=True)


def _pictures(spec: Any) -> np.ndarray:
    """One of each kind: their decoders differ."""
    del spec
    grey = np.full((SIDE, SIDE, 3), 128, np.uint8)
    return np.array([encode(grey, format=kind) for kind in ("jpeg", "png")], object)


def _references(spec: Any) -> np.ndarray:
    """One of each kind; of one colour it would be no style."""
    del spec
    halves = np.zeros((SIDE, SIDE, 3), np.uint8)
    halves[: SIDE // 2] = 255
    return np.array([encode(halves, format=kind) for kind in ("jpeg", "png")], object)


def _style_weights(spec: Any) -> np.ndarray:
    # One row for each of the two pictures.
    return np.eye(1, spec.shape[1], dtype=np.float32).repeat(2, axis=0)


_EXAMPLES = {
    # As many as there are encoded ones, in as many pixels as every export takes.
    "images": lambda spec: np.full((2, SIDE, SIDE // 2, 3), 0.5, np.float32),
    "noise": lambda spec: np.zeros((2, spec.shape[1]), np.float32),
    "image_bytes": _pictures,
    "strength": lambda spec: np.array(0.5, np.float32),
    "style_weights": _style_weights,
    # A code's first number is the strength.
    "style_code": _style_weights,
    "reference_bytes": _references,
}
