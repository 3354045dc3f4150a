"""Whether pictures have the fine detail of real ones: their power spectra's upper octaves."""

from collections.abc import Iterable

import numpy as np

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
# Cycles per pixel: from details of 8 pixels to those of 2.
_OCTAVES = ((0.125, 0.25), (0.25, 0.5))
_FLOOR = 1e-10  # of the power: what rounding to 8 bits leaves of a flat picture is more


def detail_levels(pictures: Iterable[np.ndarray]) -> np.ndarray:
    """The power of each picture's fine detail, in decibels.

    The luma is tapered by a Hann window, so that borders make no detail. The mean power spectral
    density in each of the two uppermost octaves of radial frequency, 1/8 to 1/4 and 1/4 to 1/2
    cycles a pixel, on a logarithmic scale; then the mean of both.

    Args:
        pictures: float32 `[height, width, 3]` in [-1, 1], from 16 pixels a side; sizes may differ.

    Returns:
        float64 `[pictures]`: 10 log10 of a variance per (cycle per pixel) squared.
    """
    return np.array([_level(picture) for picture in pictures], np.float64)


def _level(picture: np.ndarray) -> float:
    luma = np.asarray(picture, np.float64) @ _LUMA
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in luma.shape))
    luma = (luma - np.average(luma, weights=window)) * window
    power = np.abs(np.fft.fft2(luma)) ** 2 / np.sum(window**2)
    radii = np.hypot(*np.meshgrid(*(np.fft.fftfreq(side) for side in luma.shape), indexing="ij"))
    octaves = [power[(radii >= low) & (radii < high)].mean() for low, high in _OCTAVES]
    return float(np.mean(10.0 * np.log10(np.maximum(octaves, _FLOOR))))


def sharpness(levels: np.ndarray, real_levels: np.ndarray) -> tuple[float, float]:
    """How much more fine detail a set has than the real one, and its standard error.

    Args:
        levels: What `detail_levels` gives of the set.
        real_levels: The same of the real set.

    Returns:
        Decibels of power: 0 as the real ones, -3 half of it (soft), +3 twice (sharp, or noisy);
        the error is NaN for sets of one picture.
    """
    sides = [np.asarray(side, np.float64) for side in (levels, real_levels)]
    apart = float(sides[0].mean() - sides[1].mean())
    if min(map(len, sides)) < 2:
        return apart, float("nan")
    return apart, float(np.sqrt(sum(side.var(ddof=1) / len(side) for side in sides)))
