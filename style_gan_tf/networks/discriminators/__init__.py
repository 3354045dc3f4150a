"""Discriminators: picture in, logits out. One file each, named here."""

from collections.abc import Callable
from typing import Any

from style_gan_tf.networks.discriminators.image import image
from style_gan_tf.networks.discriminators.multiscale import multiscale
from style_gan_tf.networks.discriminators.patch import patch
from style_gan_tf.networks.discriminators.pixel import pixel
from style_gan_tf.networks.discriminators.projected import projected
from style_gan_tf.networks.network import Network
from style_gan_tf.networks.registry import build

DISCRIMINATORS: dict[str, Callable[..., Network]] = {
    "image": image,
    "multiscale": multiscale,
    "patch": patch,
    "pixel": pixel,
    "projected": projected,
}


def build_discriminator(
    architecture: str = "patch", *, dtype: str = "float32", **options: Any
) -> Network:
    """Build a discriminator: float32 `[batch, height, width, 3]` in [-1, 1] to float32 logits.

    Args:
        architecture: A name in DISCRIMINATORS.
        dtype: `float32`, `mixed_bfloat16` or `mixed_float16`; weights are float32 in all.
        options: Keyword arguments of the architecture's function; `probability=True` adds the
            sigmoid, so that the output is the probability of "real".

    Raises:
        UsageError: For an unknown architecture or option, or a value that it cannot take.
    """
    return build(DISCRIMINATORS, "discriminator", architecture, dtype, options)
