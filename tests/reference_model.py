"""A small generator with a style encoder, whose styles differ visibly; and pictures for it."""

from pathlib import Path

import keras
import numpy as np
from PIL import Image

from style_gan_tf.networks import Network, build_generator


def build() -> Network:
    """Two named styles and an encoder; no weight is at the zero that it starts with."""
    keras.utils.set_random_seed(0)
    network = build_generator("fast", filters=4, n_blocks=1, num_styles=2, style_encoder=True)
    network.recipe["styles"] = ["ink", "oil"]
    rng = np.random.default_rng(1)
    network.set_weights([w + rng.normal(0, 0.05, w.shape) for w in network.get_weights()])
    return network


def write_pictures(folder: Path) -> None:
    """`photo.png`, and the references `wave.png` and `tall.jpg`."""
    rng = np.random.default_rng(2)
    sizes = {"photo.png": (40, 52), "wave.png": (64, 48), "tall.jpg": (90, 20)}
    for name, (height, width) in sizes.items():
        small = Image.fromarray(rng.integers(0, 256, (6, 8, 3)).astype(np.uint8))
        small.resize((width, height), Image.Resampling.BICUBIC).save(folder / name)
