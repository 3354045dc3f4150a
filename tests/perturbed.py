"""Networks none of whose weights is at the zero or one that it starts with: a head of zeros hides
what lies before it."""

from typing import Any

import numpy as np


def perturb(network: Any, spread: float) -> Any:
    """Add to each trainable weight normal numbers of that deviation, always the same ones."""
    random = np.random.default_rng(0)
    for weight in network.trainable_weights:
        weight.assign_add(spread * random.standard_normal(weight.shape))
    return network
