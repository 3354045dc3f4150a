"""A generator as a TensorFlow Lite (LiteRT) file, by its built-in operations alone."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from style_gan_tf.exporting.portable import portable_function, write_checked

if TYPE_CHECKING:
    from style_gan_tf.networks import Network


def export_tflite(network: "Network", file: str | Path, *, weights: str = "float32") -> Path:
    """Write a `.tflite` file for pictures of any size and batches of any number.

    Its signature `serving_default` has the names, shapes and ranges of `portable_function`.
    Interpreters allocate for one size at a time: the first picture of another costs more.

    Args:
        network: A generator that computes in float32.
        file: Where; replaced if it is there.
        weights: "float32" or "float16": half the file. Either way it computes in float32.

    Returns:
        The file.

    Raises:
        UserError: When its results differ from the network's, or it cannot be written.
    """
    import keras
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    function, takes = portable_function(network)
    archive = keras.export.ExportArchive()
    archive.track(network)
    archive.add_endpoint("serving_default", function, takes)
    with tempfile.TemporaryDirectory() as folder:
        archive.write_out(folder, verbose=False)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            folder, signature_keys=["serving_default"]
        )
        if weights == "float16":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        data = converter.convert()
    interpreter = Interpreter(model_content=data)

    def run(inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        (answer,) = interpreter.get_signature_runner("serving_default")(**inputs).values()
        return answer

    return write_checked(Path(file), data, run, network, weights)
