"""A generator as an ONNX file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from style_gan_tf.exporting.portable import portable_function, write_checked

if TYPE_CHECKING:
    from style_gan_tf.networks import Network

_OPSET = 17  # of 2022: what runtimes of today know
_SMALLEST = 64  # numbers; smaller constants are worth no conversion


def export_onnx(network: "Network", file: str | Path, *, weights: str = "float32") -> Path:
    """Write an `.onnx` file for pictures of any size and batches of any number.

    Its inputs and output have the names, shapes and ranges of `portable_function`.

    Args:
        network: A generator that computes in float32.
        file: Where; replaced if it is there.
        weights: "float32" or "float16": half the file. Either way it computes in float32.

    Returns:
        The file.

    Raises:
        UserError: When its results differ from the network's, or it cannot be written.
    """
    import onnxruntime
    import tf2onnx

    function, takes = portable_function(network)
    model, _ = tf2onnx.convert.from_function(function, input_signature=takes, opset=_OPSET)
    if weights == "float16":
        _halve(model.graph)
    data = model.SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return write_checked(
        Path(file), data, lambda inputs: session.run(None, dict(inputs))[0], network, weights
    )


def _halve(graph: Any) -> None:
    """Keep large constants in float16, and cast them where the graph begins."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _SMALLEST:
            continue
        name = tensor.name
        half = numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}_float16"))
        casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
