"""Generators: photo or noise in, picture out. One file each, named here."""

from collections.abc import Callable
from typing import Any

from style_gan_tf.networks.generators.fast import fast
from style_gan_tf.networks.generators.noise import noise
from style_gan_tf.networks.generators.resnet import resnet
from style_gan_tf.networks.generators.restorer import restorer
from style_gan_tf.networks.generators.unet import unet
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.registry import build

GENERATORS: dict[str, Callable[..., Network]] = {
    "fast": fast,
    "noise": noise,
    "resnet": resnet,
    "restorer": restorer,
    "unet": unet,
}


def build_generator(
    architecture: str = "fast", *, dtype: str = "float32", **options: Any
) -> Network:
    """Build a generator: float32 `[batch, height, width, 3]` in [-1, 1] to the same.

    `noise` takes float32 `[batch, latent]` instead, from the standard normal distribution.

    Args:
        architecture: A name in GENERATORS.
        dtype: `float32`, `mixed_bfloat16` or `mixed_float16`; weights are float32 in all.
        options: Keyword arguments of the architecture's function; texts are read.

    Raises:
        UsageError: For an unknown architecture or option, or a value that it cannot take.

    Example:
        >>> generator = build_generator("fast", filters=8, n_blocks=1)
        >>> generator(np.zeros((1, 64, 48, 3), "float32")).shape
        TensorShape([1, 64, 48, 3])
    """
    return build(GENERATORS, "generator", architecture, dtype, options)
