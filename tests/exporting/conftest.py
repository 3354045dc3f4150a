"""Exports that several tests look at: each takes seconds to write."""

from pathlib import Path
from typing import Any

import pytest

from style_gan_tf.exporting import export_saved_model
from style_gan_tf.networks import Network, build_generator
from tests.perturbed import perturb

# The smallest limit that there is.
MAX_PIXELS = 64 * 64
FACTS: dict[str, Any] = {
    "name": "masters",
    "data": {"content": "photos/"},
    "flags": ["--steps=4"],
    "figures": {"kid_vgg19": 12.5},
    "licence": "CC BY 4.0",
    "author": "someone",
}


@pytest.fixture(scope="session")
def plain_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version of an untrained `fast`, told nothing."""
    network = build_generator("fast", filters=8, n_blocks=1)
    return export_saved_model(network, tmp_path_factory.mktemp("plain") / "monet" / "export")


@pytest.fixture(scope="session")
def styled_network() -> Network:
    """Three styles that differ."""
    network = build_generator("fast", filters=8, n_blocks=1, num_styles=3)
    network.recipe["styles"] = ["monet", "dürer", "klee"]
    perturb(network, 0.2)
    return network


@pytest.fixture(scope="session")
def styled_export(styled_network: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version of it, with facts and a limit."""
    folder = tmp_path_factory.mktemp("styled")
    return export_saved_model(styled_network, folder, max_pixels=MAX_PIXELS, facts=FACTS)


@pytest.fixture(scope="session")
def noise_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version of a generator of noise."""
    network = build_generator("noise", latent=4, filters=4, size=16)
    return export_saved_model(network, tmp_path_factory.mktemp("noise") / "faces")
