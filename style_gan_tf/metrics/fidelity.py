"""How near pictures are to given ones, pixel by pixel: PSNR and SSIM, as TensorFlow has them."""

from typing import Any

import tensorflow as tf

_RANGE = 2.0  # of values in [-1, 1]
SSIM_MINIMUM = 11  # the window of SSIM, in pixels


def psnr(left: Any, right: Any) -> Any:
    """Peak signal-to-noise ratio in decibels, `[batch]`; infinite for equal pictures.

    Args:
        left: `[batch, height, width, 3]` in [-1, 1].
        right: The same shape.
    """
    return tf.image.psnr(left, right, max_val=_RANGE)


def ssim(left: Any, right: Any) -> Any:
    """Structural similarity (Wang et al. 2004), `[batch]` in [-1, 1]; 1 for equal pictures.

    Gaussian window of 11 pixels, deviation 1.5, each colour by itself, then the mean.

    Args:
        left: `[batch, height, width, 3]` in [-1, 1], from 11 pixels a side.
        right: The same shape.
    """
    return tf.image.ssim(left, right, max_val=_RANGE)
