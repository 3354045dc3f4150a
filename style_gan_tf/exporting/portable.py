"""Generators as one file for runtimes other than TensorFlow: what all formats share."""

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from style_gan_tf.errors import UserError
from style_gan_tf.images import write_file

if TYPE_CHECKING:
    from style_gan_tf.networks import Network

FORMATS = ("tflite", "onnx")
WEIGHTS = ("float32", "float16")

# What each format needs beside TensorFlow: to write the file, or to see that it is right.
_PACKAGES = {"tflite": ("ai_edge_litert",), "onnx": ("tf2onnx", "onnx", "onnxruntime")}
# Mean absolute differences from the network, in [0, 1]: rounding, and a grey level of 8 bits.
_TOLERANCE = {"float32": 1e-4, "float16": 1 / 255}

# Inputs by name -> the stylized pictures, or those out of noise.
Run = Callable[[Mapping[str, np.ndarray]], np.ndarray]


def require(format: str) -> None:
    """Check that a format's packages are there; loads none of them.

    Raises:
        UserError: When one is missing.
    """
    missing = [name for name in _PACKAGES[format] if importlib.util.find_spec(name) is None]
    if missing:
        raise UserError(
            f"--format={format} needs {', '.join(missing)}: pip install 'style_gan_tf[{format}]'"
        )


def portable_function(network: "Network") -> tuple[Any, list[Any]]:
    """The generator as other runtimes get it.

    Args:
        network: One that computes in float32.

    Returns:
        A `tf.function`, and the `tf.TensorSpec` of its inputs: `images` float32 `[batch, height,
        width, 3]` in [0, 1] and, with several styles, `style_weights` float32 `[batch,
        num_styles]` -> `stylized_images`; or `noise` float32 `[batch, latent]` -> `images`.
        Inputs are taken as they are: there is no way to refuse them in all formats.
    """
    import tensorflow as tf

    from style_gan_tf.networks import any_size

    def stylize(images: Any, style_weights: Any = None) -> dict[str, Any]:
        signed = tf.clip_by_value(images, 0.0, 1.0) * 2.0 - 1.0
        stylized = any_size(network, signed, style_weights=style_weights)
        return {"stylized_images": stylized * 0.5 + 0.5}

    def make(noise: Any) -> dict[str, Any]:
        pictures = tf.clip_by_value(network(noise, training=False), -1.0, 1.0)
        return {"images": pictures * 0.5 + 0.5}

    if network.latent is not None:
        takes = [tf.TensorSpec([None, network.latent], tf.float32, name="noise")]
    else:
        takes = [tf.TensorSpec([None, None, None, 3], tf.float32, name="images")]
    if network.takes_weights:
        takes.append(tf.TensorSpec([None, network.num_styles], tf.float32, name="style_weights"))
    function = stylize if network.latent is None else make
    return tf.function(function, input_signature=takes, autograph=False), takes


def write_checked(file: Path, data: bytes, run: Run, network: "Network", weights: str) -> Path:
    """Write a converted generator, once its results have been found to be the network's.

    Converters have been seen to write files that give other pictures without a word.

    Args:
        file: Where; appears whole or not at all.
        data: Its content.
        run: Runs it.
        network: The generator.
        weights: One of WEIGHTS.

    Returns:
        The file.

    Raises:
        UserError: When the results differ, or the file cannot be written.
    """
    function, takes = portable_function(network)
    random = np.random.default_rng(0)
    for shape in ((1, 64, 64, 3), (2, 37, 50, 3)):
        inputs = {spec.name: _example(random, spec, shape) for spec in takes}
        (expected,) = function(*inputs.values()).values()
        got = run(inputs)
        apart = np.inf
        if got.shape == expected.shape:
            apart = float(np.mean(np.abs(got - expected.numpy())))
        if not apart <= _TOLERANCE[weights]:  # NaN is not.
            raise UserError(
                f"{file.suffix.removeprefix('.')}: the converted model's results differ from the "
                f"network's by {apart:.2g} in [0, 1]; nothing is written: try other versions of "
                "the converter"
            )
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, data)
    except OSError as error:
        raise UserError(f"{file}: cannot be written ({error.strerror or error})") from None
    return file


def _example(random: Any, spec: Any, shape: tuple[int, ...]) -> np.ndarray:
    if spec.name == "images":
        return random.uniform(0.0, 1.0, shape).astype(np.float32)
    width = spec.shape[1]
    if spec.name == "style_weights":
        return np.full((shape[0], width), 1.0 / width, np.float32)
    return random.standard_normal((shape[0], width)).astype(np.float32)
