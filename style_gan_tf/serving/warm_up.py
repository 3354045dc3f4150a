"""Warm-up records: requests that a server runs before a version takes calls.

Source: TensorFlow Serving, "SavedModel Warmup": `PredictionLog` records, at most 1000, in
`assets.extra/tf_serving_warmup_requests`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.images import encode
from style_gan_tf.serving.servable import WARM_UP_FILE
from style_gan_tf.serving.wire_format import message_class

_SIDE = 64  # pixels; what is prepared at the first run does not depend on the size


def write_warm_up(version: Path, signatures: Mapping[str, Sequence[Any]]) -> list[str]:
    """Write one request for each signature whose inputs are known here.

    Args:
        version: The folder of a version.
        signatures: Name -> the `tf.TensorSpec` of each input.

    Returns:
        The names of the signatures that are warmed up.

    Raises:
        OSError: When the file cannot be written.
    """
    import tensorflow as tf

    warmed = [
        name for name, takes in signatures.items() if all(spec.name in _EXAMPLES for spec in takes)
    ]
    file = version / WARM_UP_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(file)) as writer:
        for name in warmed:
            inputs = {spec.name: _EXAMPLES[spec.name](spec) for spec in signatures[name]}
            writer.write(prediction_log(name, inputs))
    return warmed


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
    grey = np.full((_SIDE, _SIDE, 3), 128, np.uint8)
    return np.array([encode(grey, format=kind) for kind in ("jpeg", "png")], object)


def _style_weights(spec: Any) -> np.ndarray:
    # One row for each of the two pictures.
    return np.eye(1, spec.shape[1], dtype=np.float32).repeat(2, axis=0)


_EXAMPLES = {
    "images": lambda spec: np.full((1, _SIDE, _SIDE, 3), 0.5, np.float32),
    "noise": lambda spec: np.zeros((1, spec.shape[1]), np.float32),
    "image_bytes": _pictures,
    "strength": lambda spec: np.array(0.5, np.float32),
    "style_weights": _style_weights,
}
