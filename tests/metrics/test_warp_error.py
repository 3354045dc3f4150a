"""Flicker by hand values."""

import numpy as np
import pytest

from style_gan_tf.images.optical_flow import Flow
from style_gan_tf.metrics import warp_error

pytest.importorskip("cv2")


def flow(height: int, width: int, right: float, down: float) -> Flow:
    back = np.zeros((height, width, 2), np.float32)
    back[...] = (right, down)
    y, x = np.mgrid[:height, :width]
    inside = (x + right <= width - 1) & (y + down <= height - 1)
    return Flow(back, inside)


def test_what_moves_with_the_input_has_no_error() -> None:
    scene = np.random.default_rng(0).uniform(-1, 1, (20, 30, 3)).astype(np.float32)
    before, after = scene[:10, :20], scene[1:11, 3:23]
    assert warp_error(before, after, flow(10, 20, 3, 1)) == pytest.approx(0, abs=1e-10)
    # The style stands still while the scene moves: it is the scene's that counts.
    assert warp_error(before, before, flow(10, 20, 3, 1)) > 0.05


def test_a_known_difference() -> None:
    before, after = np.zeros((8, 8, 3), np.float32), np.full((8, 8, 3), 0.2, np.float32)
    # A tenth of the way from black to white.
    assert warp_error(before, after, flow(8, 8, 0, 0)) == pytest.approx(0.01)


def test_only_what_is_visible_counts() -> None:
    before, after = np.zeros((8, 8, 3), np.float32), np.zeros((8, 8, 3), np.float32)
    after[:, 4:] = 1.0
    still = flow(8, 8, 0, 0)
    still.visible[:, 4:] = False
    assert warp_error(before, after, still) == 0
    still.visible[:] = False
    assert np.isnan(warp_error(before, after, still))
