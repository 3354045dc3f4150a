"""Against flicker: each frame is blended with the one before, moved along the optical flow."""

import numpy as np

from style_gan_tf.images.optical_flow import Flow, open_cv, warp

_SHARE = 0.9  # of the frame before, where it differs much
# Grey levels between the stylized frame and the one before, moved, from which on that takes most
# of its share. Less is texture that would be blurred, and hardly flickers.
_FLICKERS = 8.0
# Grey levels between the photo and the one before, moved, at which the share has fallen to 1 / e:
# there the flow is wrong, or the light has changed.
_DIFFERENT = 30.0
_SOFT = 5  # pixels over which the edges of occlusions are softened


class FlowBlending:
    """Blends frames in their order.

    Ruder et al. 2016 ("Artistic Style Transfer for Videos") make the frame before, moved along the
    flow, a term of the loss; with a feed-forward network it can be had by blending. What was
    hidden comes from the new frame alone.
    """

    def __init__(self) -> None:
        self._photo: np.ndarray | None = None
        self._blended: np.ndarray | None = None

    def blend(self, photo: np.ndarray, stylized: np.ndarray, flow: Flow | None) -> np.ndarray:
        """Blend a frame with the last one that was given back.

        Args:
            photo: uint8 `[height, width, 3]`.
            stylized: The same.
            flow: From the photo before to this one; None: a scene begins.

        Returns:
            uint8 `[height, width, 3]`.
        """
        new = stylized.astype(np.float32)
        before, last = self._photo, self._blended
        if flow is not None and before is not None and last is not None:
            change = warp(last, flow) - new
            shares = _trust(before, photo, flow) * _flicker(change)
            new += shares[..., np.newaxis] * change
            np.clip(new, 0.0, 255.0, out=new)
        # Kept unrounded: a change of less than a level shall add up.
        self._photo, self._blended = photo, new
        return np.rint(new).astype(np.uint8)


def _trust(before: np.ndarray, photo: np.ndarray, flow: Flow) -> np.ndarray:
    """How far the flow can be trusted, float32 `[height, width]` in [0, 1]."""
    cv2 = open_cv()
    moved = warp(before.astype(np.float32), flow)
    difference = cv2.blur(np.abs(photo - moved).mean(-1), (_SOFT, _SOFT))
    visible = cv2.erode(flow.visible.astype(np.float32), np.ones((3, 3), np.uint8))
    alike = np.exp(-np.square(difference * np.float32(1.0 / _DIFFERENT)))
    trust: np.ndarray = cv2.blur(visible, (_SOFT, _SOFT)) * alike
    return trust


def _flicker(change: np.ndarray) -> np.ndarray:
    """Shares of the frame before by how much it differs, float32 `[height, width]`."""
    much = open_cv().blur(np.abs(change).mean(-1), (_SOFT, _SOFT))
    shares: np.ndarray = _SHARE * (1.0 - np.exp(-np.square(much * np.float32(1.0 / _FLICKERS))))
    return shares
