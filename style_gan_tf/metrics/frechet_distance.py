"""FID: Frechet inception distance, over any extractor's features."""

import numpy as np


def frechet_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """Frechet distance between Gaussians fitted to two sets of embeddings.

    Heusel et al. 2017, equation 6:
    `|m - m'|^2 + trace(C + C' - 2 (C C')^(1/2))`. Biased upwards for small sets, the more the
    fewer pictures: compare only figures of equally many. With fewer pictures than dimensions the
    covariances are singular; the figure is still defined.

    Args:
        real: float `[n, dimensions]`, n from 2 on.
        fake: float `[m, dimensions]`, m from 2 on.

    Raises:
        ValueError: When a set has fewer than two vectors, or the dimensions differ.
    """
    if min(len(real), len(fake)) < 2 or real.shape[1:] != fake.shape[1:]:
        raise ValueError(f"cannot compare embeddings {real.shape} with {fake.shape}")
    sides = [np.asarray(side, np.float64) for side in (real, fake)]
    means = [side.mean(axis=0) for side in sides]
    # Each covariance is the product of such a matrix with itself.
    left, right = (
        (side - mean) / np.sqrt(len(side) - 1) for side, mean in zip(sides, means, strict=True)
    )
    apart = np.sum((means[0] - means[1]) ** 2)
    spreads = np.sum(left**2) + np.sum(right**2)
    return float(apart + spreads - 2.0 * _overlap(left, right))


def _overlap(left: np.ndarray, right: np.ndarray) -> float:
    """The trace of (C C')^(1/2), where C is `left^T left` and C' `right^T right`."""
    if min(len(left), len(right)) <= left.shape[1]:
        # The eigenvalues of C C' are the squared singular values of this: `[n, m]` is small.
        return float(np.linalg.svd(left @ right.T, compute_uv=False).sum())
    root = _square_root(left.T @ left)
    # The same trace is that of the symmetric (C^(1/2) C' C^(1/2))^(1/2).
    eigenvalues = np.linalg.eigvalsh(root @ (right.T @ right) @ root)
    return float(np.sqrt(np.clip(eigenvalues, 0.0, None)).sum())


def _square_root(matrix: np.ndarray) -> np.ndarray:
    """The symmetric root of a symmetric, positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
