"""A stroke renderer: photographs become oil paintings."""

import numpy as np


def paint(rgb: np.ndarray, seed: int) -> np.ndarray:
    raise NotImplementedError
