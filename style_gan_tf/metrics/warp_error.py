"""How much a video flickers: what the motion of its pictures does not explain."""

import numpy as np

from style_gan_tf.images.optical_flow import Flow, warp


def warp_error(before: np.ndarray, after: np.ndarray, flow: Flow) -> float:
    """Mean squared difference of a stylized frame and the one before, moved by the input's flow.

    Lai et al. 2018, "Learning Blind Video Temporal Consistency", equation 5: over the pixels that
    both frames show. 0: the style sticks to what it is painted on.

    Args:
        before: Stylized frame, float32 `[height, width, 3]`, RGB in [-1, 1].
        after: The next one.
        flow: From the input's frame before to the next, `images.optical_flow`.

    Returns:
        In the unit of the paper, where colours reach from 0 to 1; NaN when nothing is visible in
        both.
    """
    if not flow.visible.any():
        return float("nan")
    difference = 0.5 * (after - warp(np.ascontiguousarray(before, np.float32), flow))
    return float(np.square(difference[flow.visible]).mean(dtype=np.float64))
