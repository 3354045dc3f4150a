"""Whether the edges of a picture are where those of its photo are."""

import numpy as np

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


def edge_agreement(left: np.ndarray, right: np.ndarray) -> float:
    """Correlation of the edge strengths of two pictures, in [-1, 1]; 1: the same edges.

    The Pearson correlation of the magnitudes of the luma's Sobel gradients, over all pixels but
    the border. Independent of contrast and brightness; 0 where a picture has no edges at all.

    Args:
        left: float `[height, width, 3]`, RGB.
        right: The same shape.

    Raises:
        ValueError: When the shapes differ, or a side is under 3 pixels.
    """
    if left.shape != right.shape or min(left.shape[:2]) < 3:
        raise ValueError(f"cannot compare the edges of {left.shape} and {right.shape}")
    strengths = [_edges(side).ravel() for side in (left, right)]
    deviations = [strength - strength.mean() for strength in strengths]
    norm = np.sqrt(np.prod([np.sum(deviation**2) for deviation in deviations]))
    return float(np.dot(*deviations) / norm) if norm > 1e-12 else 0.0


def _edges(rgb: np.ndarray) -> np.ndarray:
    """Magnitude of the Sobel gradient inside the border."""
    luma = np.asarray(rgb, np.float64) @ _LUMA
    across = luma[:, 2:] - luma[:, :-2]
    down = luma[2:, :] - luma[:-2, :]
    horizontal = across[:-2] + 2.0 * across[1:-1] + across[2:]
    vertical = down[:, :-2] + 2.0 * down[:, 1:-1] + down[:, 2:]
    return np.hypot(horizontal, vertical)
