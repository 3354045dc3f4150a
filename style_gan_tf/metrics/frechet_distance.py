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
    means = [np.mean(side, axis=0, dtype=np.float64) for side in (real, fake)]
    covariances = [np.cov(np.asarray(side, np.float64), rowvar=False) for side in (real, fake)]
    left, right = (np.atleast_2d(covariance) for covariance in covariances)
    root = _square_root(left)
    # The trace of (C C')^(1/2) is that of the symmetric (C^(1/2) C' C^(1/2))^(1/2).
    eigenvalues = np.linalg.eigvalsh(root @ right @ root)
    overlap = np.sqrt(np.clip(eigenvalues, 0.0, None)).sum()
    apart = np.sum((means[0] - means[1]) ** 2)
    return float(apart + np.trace(left) + np.trace(right) - 2.0 * overlap)


def _square_root(matrix: np.ndarray) -> np.ndarray:
    """The symmetric root of a symmetric, positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
