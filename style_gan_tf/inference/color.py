"""Colour control: whose colours a stylized picture has."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from style_gan_tf.images import oklab, rgb_of_oklab

# Of the variance in Oklab along an axis: a picture that varies by less than a hundredth of the
# way from black to white has no colours there, and what it has is noise not to be amplified.
_FLOOR = 1e-4


class ColorControl(Protocol):
    """Changes the colours of a stylized picture."""

    def __call__(
        self,
        stylized: np.ndarray,
        photo: np.ndarray,
        weights: np.ndarray | None = None,
        strength: float = 1.0,
    ) -> np.ndarray:
        """Apply it.

        Args:
            stylized: float32 `[height, width, 3]`, sRGB in [0, 1].
            photo: What it was made of, likewise.
            weights: How much each pixel counts where the picture as a whole matters, `[height,
                width]` from 0 on; None: all alike.
            strength: How far the picture is from the photo already, from 0 to 1: colours that are
                not the photo's come in by as much.

        Returns:
            float32 `[height, width, 3]`, sRGB in [0, 1].
        """


def preserve_color(
    stylized: np.ndarray,
    photo: np.ndarray,
    weights: np.ndarray | None = None,
    strength: float = 1.0,
) -> np.ndarray:
    """The stylized picture's lightness with the photo's colours (Gatys et al. 2016, section 3.2).

    In Oklab instead of their YIQ, whose luminance follows the eye less well.
    """
    del weights, strength  # The colours are the photo's whatever the strength.
    lab = oklab(photo)
    lab[..., 0] = oklab(stylized)[..., 0]
    return rgb_of_oklab(lab)


@dataclass(frozen=True)
class ColorStatistics:
    """Mean and covariance of a picture's colours in Oklab.

    Attributes:
        mean: float64 `[3]`.
        covariance: float64 `[3, 3]`.
    """

    mean: np.ndarray
    covariance: np.ndarray

    @classmethod
    def of(cls, lab: np.ndarray, weights: np.ndarray | None = None) -> "ColorStatistics":
        """Those of colours `[height, width, 3]`, weighted `[height, width]`."""
        colors = lab.reshape(-1, 3).astype(np.float64)
        shares = np.ones(len(colors)) if weights is None else weights.reshape(-1).astype(float)
        total = shares.sum()
        if total <= 0.0:
            shares, total = np.ones(len(colors)), float(len(colors))
        mean = shares @ colors / total
        centred = colors - mean
        return cls(mean, (centred * shares[:, None]).T @ centred / total)

    def mixed(self, other: "ColorStatistics", share: float) -> "ColorStatistics":
        """Those of a mixture of both, with a share of `other`."""
        step = other.mean - self.mean
        covariance = (1.0 - share) * self.covariance + share * other.covariance
        covariance = covariance + share * (1.0 - share) * np.outer(step, step)
        return ColorStatistics(self.mean + share * step, covariance)


class MatchColor:
    """Gives stylized pictures the mean and the covariance of another picture's colours.

    The map is the linear one that moves the colours least: the optimal transport between normal
    distributions (Pitié and Kokaram 2007, section 3), in Oklab. It is applied to what the network
    gives and not to the photo: the network would change the colours again.

    Args:
        target: The other picture, float32 `[height, width, 3]`, sRGB in [0, 1].
        weights: How much each of its pixels counts, `[height, width]`; None: all alike.
    """

    def __init__(self, target: np.ndarray, weights: np.ndarray | None = None) -> None:
        self.target = ColorStatistics.of(oklab(target), weights)

    def __call__(
        self,
        stylized: np.ndarray,
        photo: np.ndarray,
        weights: np.ndarray | None = None,
        strength: float = 1.0,
    ) -> np.ndarray:
        del photo
        lab = oklab(stylized)
        mapped = self.mapped(lab, self.measured(lab, weights))
        if strength < 1.0:
            mapped = lab + np.float32(strength) * (mapped - lab)
        return rgb_of_oklab(mapped)

    def measured(self, lab: np.ndarray, weights: np.ndarray | None) -> ColorStatistics:
        """The statistics that are made the target's."""
        return ColorStatistics.of(lab, weights)

    def mapped(self, lab: np.ndarray, source: ColorStatistics) -> np.ndarray:
        """Oklab colours `[height, width, 3]`, mapped as `source` is to the target; float32."""
        root, inverse = _roots(source.covariance)
        middle, _ = _roots(root @ self.target.covariance @ root, floor=0.0)
        matrix = inverse @ middle @ inverse
        offset = self.target.mean - matrix @ source.mean
        return lab @ matrix.T.astype(np.float32) + offset.astype(np.float32)


def _roots(matrix: np.ndarray, floor: float = _FLOOR) -> tuple[np.ndarray, np.ndarray]:
    """Square root of a covariance and its inverse, the eigenvalues raised to `floor`."""
    values, vectors = np.linalg.eigh(0.5 * (matrix + matrix.T))
    roots = np.sqrt(np.maximum(values, floor))
    inverse = 1.0 / np.maximum(roots, 1e-12)
    return (vectors * roots) @ vectors.T, (vectors * inverse) @ vectors.T
