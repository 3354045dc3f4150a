"""Pictures out of noise, by a generator however it is stored."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import Picture, eight_bits
from style_gan_tf.inference.jobs import Job
from style_gan_tf.inference.loading import open_saved_model
from style_gan_tf.inference.naming import ModelFile, find_model
from style_gan_tf.precision import PRECISIONS, fastest_precision


class NoiseModel:
    """A model that makes pictures out of noise; `load_noise_model` gives one.

    Attributes:
        path: Where it was read from.
        latent: Numbers in a noise vector.
    """

    def __init__(self, path: Path, latent: int, function: Callable[[Any], Any]) -> None:
        self.path = path
        self.latent = latent
        self._function = function

    def draw(self, count: int, seed: int) -> np.ndarray:
        """The noise of a seed: float32 `[count, latent]`; a larger count begins the same."""
        from style_gan_tf.networks import fixed_noise

        noise: np.ndarray = fixed_noise(count, self.latent, seed).numpy()
        return noise

    def generate(self, noise: Any) -> np.ndarray:
        """Make pictures.

        Args:
            noise: float32 `[batch, latent]`, from the standard normal distribution.

        Returns:
            float32 `[batch, size, size, 3]`, RGB in [-1, 1].

        Raises:
            ValueError: For another shape.
        """
        import tensorflow as tf

        noise = np.asarray(noise, np.float32)
        if noise.ndim != 2 or noise.shape[1] != self.latent or not len(noise):
            raise ValueError(f"noise has shape {noise.shape}, not [batch, {self.latent}]")
        return np.clip(self._function(tf.constant(noise)).numpy(), -1.0, 1.0)


def load_noise_model(name: str | Path | ModelFile, precision: str = "auto") -> NoiseModel:
    """Load a generator of noise by any name that `find_model` knows.

    Loading runs what is inside the file: load models that you trust.

    Args:
        name: See `find_model`.
        precision: See `load_model`.

    Raises:
        UsageError: When there is no such model or precision.
        UserError: When the file is damaged or holds another kind of model.
    """
    if precision not in PRECISIONS:
        raise UsageError(f"precision {precision!r}: choose one of {', '.join(PRECISIONS)}")
    found = name if isinstance(name, ModelFile) else find_model(name)
    load = _load_keras if found.kind == "keras" else _load_saved_model
    return load(found.path, precision)


def sample_reader(model: NoiseModel, jobs: Sequence[Job], seed: int) -> Callable[[Path], Picture]:
    """What gives `stylize_files` the pictures of `plan_samples`' jobs.

    Args:
        model: Makes them.
        jobs: The first gets the seed's first noise vector, and so on.
        seed: Any integer from 0 on.
    """
    noise = model.draw(len(jobs), seed)
    places = {job.source: place for place, job in enumerate(jobs)}

    def read(path: Path) -> Picture:
        place = places[path]
        pixels = model.generate(noise[place : place + 1])[0]
        return Picture(eight_bits(pixels))

    return read


def _load_keras(path: Path, precision: str) -> NoiseModel:
    import tensorflow as tf

    from style_gan_tf.networks import load_network

    network = load_network(path, fastest_precision() if precision == "auto" else precision)
    if network.latent is None or network.recipe["role"] != "generator":
        raise UserError(f"{path}: makes no pictures out of noise; name it by --model")
    some_noise = tf.TensorSpec([None, network.latent], tf.float32)
    function = tf.function(
        lambda noise: network(noise, training=False), input_signature=[some_noise], autograph=False
    )
    return NoiseModel(path, network.latent, function)


def _load_saved_model(path: Path, precision: str) -> NoiseModel:
    del precision
    loaded, takes, gives = open_saved_model(path)
    if set(takes) != {"noise"} or "images" not in gives:
        raise UserError(
            f"{path}: its signature serving_default does not take noise and give images: "
            "name it by --model, or export the model with style_gan_tf.export"
        )

    def generate(noise: Any) -> Any:
        # Through `loaded`, to keep it alive: a signature alone does not hold its variables.
        return loaded.signatures["serving_default"](noise=noise)["images"] * 2.0 - 1.0

    return NoiseModel(path, takes["noise"].shape[1], generate)
