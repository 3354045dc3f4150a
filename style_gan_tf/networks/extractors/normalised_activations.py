"""Rescaling a ReLU network so that every channel is active one on average (Gatys et al. 2016).

ReLU, max pooling and average pooling commute with a positive factor on a channel. So dividing a
convolution's filters by their mean activations, and multiplying the next one's inputs by the same,
leaves the network what it was, up to one factor a channel; section 2 of the paper does this to
VGG19 with photographs. Here the pictures are noise of fixed seed, for no photographs come with us.
"""

from collections.abc import Sequence

import numpy as np

_SEED = 0x6A7515
# Of a layer's median activation: what a channel counts as at least. One that noise hardly wakes
# would otherwise be blown up until it decides every comparison alone.
_FLOOR = 0.01


def normalise_activations(
    weights: Sequence[tuple[np.ndarray, np.ndarray]], means: Sequence[np.ndarray]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The weights of the same network with each channel divided by its mean activation.

    Args:
        weights: (kernel in HWIO, bias) of each convolution, in order; each takes the last one's
            activations, pooled or not.
        means: Each convolution's mean activation after its ReLU, `[channels]`.

    Returns:
        New weights; the outputs of layer i are the old ones divided by `scales(means[i])`.
    """
    before = np.ones(weights[0][0].shape[2])
    rescaled = []
    for (kernel, bias), mean in zip(weights, means, strict=True):
        after = scales(mean)
        new = kernel * before[:, np.newaxis] / after
        rescaled.append((new.astype(kernel.dtype), (bias / after).astype(bias.dtype)))
        before = after
    return rescaled


def scales(means: np.ndarray) -> np.ndarray:
    """What each channel is divided by: its mean, and no less than a hundredth of the median."""
    floor = _FLOOR * np.median(means)
    # A layer that is silent as a whole stays as it is.
    return np.maximum(means, floor) if floor > 0 else np.ones_like(means)


def noise_pictures(count: int = 8, size: int = 128) -> np.ndarray:
    """Always the same pictures of 1/f noise, whose spectrum is a photograph's (Field 1987).

    Args:
        count: How many.
        size: Height and width in pixels.

    Returns:
        float32 `[count, size, size, 3]` in [-1, 1]; mostly grey, with paler colours, as
        photographs are.
    """
    rng = np.random.default_rng(_SEED)
    down, across = np.fft.fftfreq(size)[:, np.newaxis], np.fft.rfftfreq(size)
    frequency = np.hypot(down, across)
    frequency[0, 0] = np.inf  # No mean.
    spectra = np.fft.rfft2(rng.standard_normal((count, 4, size, size))) / frequency
    fields = np.fft.irfft2(spectra, s=(size, size))
    fields /= fields.std(axis=(2, 3), keepdims=True)
    grey, colours = fields[:, :1], fields[:, 1:]
    pictures = 0.4 * grey + 0.15 * colours
    return np.clip(pictures.transpose(0, 2, 3, 1), -1, 1).astype(np.float32)
