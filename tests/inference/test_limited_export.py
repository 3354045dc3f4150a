"""Pictures beyond an export's limit of pixels."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from style_gan_tf.exporting import export_saved_model
from style_gan_tf.inference import load_model
from style_gan_tf.networks import build_generator
from tests.perturbed import perturb


def test_they_are_cut_into_tiles(tmp_path: Path) -> None:
    network = build_generator("fast", filters=8, n_blocks=1)
    perturb(network, 0.1)
    random = np.random.default_rng(0)
    images = tf.image.resize(random.uniform(-1, 1, (1, 4, 6, 3)), [120, 200]).numpy()
    free = load_model(export_saved_model(network, tmp_path / "free"))
    limited = load_model(export_saved_model(network, tmp_path / "limited", max_pixels=4096))
    whole = free.stylize(images)
    assert np.abs(whole - images).max() > 0.1
    # With the statistics of the whole picture, tiles are exact.
    np.testing.assert_allclose(limited.stylize(images), whole, atol=1e-4)
