"""Strips give the generator's own pictures, whatever is cut where."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.networks import Network, Strips, any_size, build_generator, strips
from tests.perturbed import perturb

NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "fast": ("fast", {"filters": 8, "n_blocks": 2}),
    "one block": ("fast", {"filters": 8, "n_blocks": 1}),
    "styles": ("fast", {"filters": 8, "n_blocks": 2, "num_styles": 3}),
    "no normalization": ("fast", {"filters": 8, "n_blocks": 2, "normalization": "none"}),
    "batch normalization": ("fast", {"filters": 8, "n_blocks": 2, "normalization": "batch"}),
    "resnet": ("resnet", {"filters": 8, "n_blocks": 2}),
    "transposed": ("resnet", {"filters": 8, "n_blocks": 1, "upsampling": "transpose"}),
    "blurs": ("resnet", {"filters": 8, "n_blocks": 1, "upsampling": "blur"}),
    "restorer": ("restorer", {"filters": 8, "n_blocks": 2}),
    "unet": ("unet", {"filters": 8, "depth": 3, "normalization": "instance"}),
}


def make(name: str) -> Network:
    """With weights that leave no pixel as it was."""
    architecture, options = NETWORKS[name]
    network = build_generator(architecture, **options)
    perturb(network, 0.1)
    return network


def pictures(batch: int, height: int, width: int) -> np.ndarray:
    random = np.random.default_rng([height, width])
    return random.uniform(-1, 1, (batch, height, width, 3)).astype(np.float32)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("rows", [8, 24])
def test_the_same_pictures(name: str, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    network = make(name)
    images: Any = pictures(2, 24 * network.stride // 4 * 4, 8 * network.stride)
    bytes_per_pixel = strips.reach(network).bytes_per_pixel
    monkeypatch.setattr(strips, "_BYTES", rows * 2 * images.shape[2] * bytes_per_pixel)
    given = images
    if network.num_styles > 1:
        given = [images, np.array([[0.2, 0.3, 0.1], [0.0, 1.0, 0.0]], np.float32)]
    by_strips = tf.function(Strips(network), autograph=False)(given)
    whole = network(given, training=False).numpy()
    assert np.abs(whole - images).max() > 0.1
    np.testing.assert_allclose(by_strips, whole, atol=2e-5)


def test_strips_are_what_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A strip that saw no neighbours would show its border: the comparison above can fail."""
    network = make("fast")
    monkeypatch.setattr(strips, "_BYTES", 4 * 32 * strips.reach(network).bytes_per_pixel)
    cut = Strips(network)
    cut._overlap = 0
    images = tf.constant(pictures(1, 64, 32))
    assert np.abs(cut(images) - network(images, training=False)).max() > 1e-3


def test_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    network = make("fast")
    monkeypatch.setattr(strips, "_BYTES", 1000 * strips.reach(network).bytes_per_pixel)
    cut = Strips(network)
    for height, width in [(1, 1), (1, 50), (50, 1), (37, 61)]:
        images = pictures(1, height, width)
        by_strips = any_size(network, images, run=cut)
        np.testing.assert_allclose(by_strips, any_size(network, images), atol=2e-5)


def test_memory_is_what_the_layers_before_the_cut_take() -> None:
    def of(architecture: str, **options: Any) -> tuple[int, int]:
        network = build_generator(architecture, **options)
        return Strips(network).bytes_per_pixel, strips.reach(network).bytes_per_pixel

    # Two maps of 64 channels at a quarter of the resolution; whole: two at half of it.
    assert of("fast") == (2 * 64 * 4 // 16, 2 * 64 * 4 // 4)
    assert of("restorer")[0] == 0
    cut, whole = of("resnet", n_blocks=1)
    assert cut == whole  # What is largest there is normalized.
    # It sees the whole picture, and runs as it is.
    network = build_generator("unet", filters=8, depth=7)
    assert Strips(network).bytes_per_pixel == strips.reach(network).bytes_per_pixel > 0
    images = tf.constant(pictures(1, 128, 128))
    np.testing.assert_array_equal(Strips(network)(images), network(images, training=False))


def test_training_is_refused() -> None:
    with pytest.raises(ValueError, match="inference"):
        Strips(make("fast"))(pictures(1, 16, 16), training=True)
