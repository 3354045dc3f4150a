"""A generator, however it is stored, as one thing: pictures in, stylized pictures out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.inference.naming import ModelFile, find_model
from style_gan_tf.precision import PRECISIONS, fastest_precision


class OutOfMemory(UserError):
    """The device has too little memory for the pictures at hand; smaller ones may pass."""


class Model:
    """A model that stylizes pictures of any size.

    Made by `load_model`.

    Attributes:
        path: Where it was read from.
    """

    def __init__(self, path: Path, function: Callable[[Any], Any]) -> None:
        self.path = path
        self._function = function

    def stylize(self, images: Any) -> np.ndarray:
        """Stylize a batch of pictures.

        Args:
            images: `[batch, height, width, 3]`, RGB in [-1, 1], any height and width from 1 on.

        Returns:
            float32, same shape and range.

        Raises:
            ValueError: For another shape.
            OutOfMemory: When the device has too little memory for these pictures.
        """
        import tensorflow as tf

        images = np.asarray(images, np.float32)
        if images.ndim != 4 or images.shape[-1] != 3 or 0 in images.shape:
            raise ValueError(f"images have shape {images.shape}, not [batch, height, width, 3]")
        try:
            return self._function(tf.constant(images)).numpy()
        except (tf.errors.ResourceExhaustedError, MemoryError):
            height, width = images.shape[1:3]
            raise OutOfMemory(f"{width}x{height} pixels: too large for the memory") from None


def load_model(name: str | Path | ModelFile, precision: str = "auto") -> Model:
    """Load a model by any name that `find_model` knows.

    Loading runs what is inside the file: load models that you trust.

    Args:
        name: See `find_model`.
        precision: "auto" (what this machine is fastest in), "float32", "mixed_bfloat16" or
            "mixed_float16". A SavedModel computes in the precision that it was exported in.

    Raises:
        UsageError: When there is no such model or precision.
        UserError: When the file is damaged or holds another kind of model.
    """
    if precision not in PRECISIONS:
        raise UsageError(f"precision {precision!r}: choose one of {', '.join(PRECISIONS)}")
    found = name if isinstance(name, ModelFile) else find_model(name)
    load = _load_keras if found.kind == "keras" else _load_saved_model
    return Model(found.path, load(found.path, precision))


def _load_keras(path: Path, precision: str) -> Callable[[Any], Any]:
    import tensorflow as tf

    from style_gan_tf.networks import any_size, load_network

    network = load_network(path, fastest_precision() if precision == "auto" else precision)
    if network.latent is not None:
        raise _noise_model(path)
    # One trace for all sizes: a folder of pictures has a hundred of them.
    any_images = tf.TensorSpec([None, None, None, 3], tf.float32)
    return tf.function(
        lambda images: any_size(network, images), input_signature=[any_images], autograph=False
    )


def _noise_model(path: Path) -> UserError:
    return UserError(f"{path}: makes pictures out of noise, takes none: name it by --noise_model")


def open_saved_model(path: Path) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Load a SavedModel: itself, what `serving_default` takes and what it gives, by name.

    Raises:
        UserError: When it cannot be read.
    """
    import tensorflow as tf

    try:
        loaded = tf.saved_model.load(str(path))
    except Exception as error:  # A damaged SavedModel raises many kinds.
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise UserError(f"{path}: not a readable SavedModel ({reason})") from None
    signature = loaded.signatures.get("serving_default")
    if signature is None:
        return loaded, {}, {}
    return loaded, signature.structured_input_signature[1], signature.structured_outputs


def _load_saved_model(path: Path, precision: str) -> Callable[[Any], Any]:
    del precision
    loaded, takes, gives = open_saved_model(path)
    if "noise" in takes:
        raise _noise_model(path)
    if set(takes) != {"images"} or "stylized_images" not in gives:
        raise UserError(
            f"{path}: its signature serving_default does not take images and give "
            "stylized_images: export the model with style_gan_tf.export"
        )

    def stylize(images: Any) -> Any:
        # Through `loaded`, to keep it alive: a signature alone does not hold its variables.
        signature = loaded.signatures["serving_default"]
        return signature(images=images * 0.5 + 0.5)["stylized_images"] * 2.0 - 1.0

    return stylize
