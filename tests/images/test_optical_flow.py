"""Optical flow of known motion, occlusions, and pictures warped by it."""

import numpy as np
import pytest

from style_gan_tf.images.optical_flow import Flow, optical_flow, warp

cv2 = pytest.importorskip("cv2")


def texture(height: int, width: int) -> np.ndarray:
    """Smooth noise, uint8 `[height, width, 3]`."""
    noise = np.random.default_rng(0).uniform(0, 255, (height, width, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    spread = (smooth - smooth.mean()) / smooth.std()
    return np.clip(127 + 45 * spread, 0, 255).astype(np.uint8)


def test_a_known_shift_and_what_came_into_view() -> None:
    scene = texture(120, 200)
    before, after = scene[:, :160], scene[4:, 10:170]
    before = before[:116]
    flow = optical_flow(before, after)
    inside = flow.back[20:-20, 20:-30]
    np.testing.assert_allclose(np.median(inside, (0, 1)), (10, 4), atol=0.1)
    assert (np.abs(inside - (10, 4)).max(-1) < 0.5).mean() > 0.8
    assert flow.visible[20:-20, 20:-30].mean() > 0.9
    # The last ten columns were outside before.
    assert flow.visible[:, -8:].mean() < 0.1
    moved = warp(before.astype(np.float32), flow)
    assert np.abs(moved - after)[flow.visible].mean() < 3


def test_what_was_hidden_is_not_visible() -> None:
    """A square moves over a still ground: behind it there is ground that was hidden before."""
    ground, square = texture(200, 300), 255 - texture(240, 300)[:90, :90]
    before, after = ground.copy(), ground.copy()
    before[50:140, 60:150] = square
    after[50:140, 76:166] = square
    visible = optical_flow(before, after).visible
    assert visible[60:130, 60:76].mean() < 0.4
    assert visible[:30].mean() > 0.95 and visible[75:115, 100:140].mean() > 0.9


def test_no_motion() -> None:
    scene = texture(60, 80)
    flow = optical_flow(scene, scene)
    assert np.abs(flow.back).max() < 0.1 and flow.visible.all()
    np.testing.assert_allclose(warp(scene.astype(np.float32), flow), scene, atol=4)


def test_warping_by_whole_pixels_is_exact() -> None:
    before = np.random.default_rng(1).uniform(0, 1, (10, 12, 3)).astype(np.float32)
    back = np.zeros((10, 12, 2), np.float32)
    back[...] = (2, 1)
    moved = warp(before, Flow(back, np.ones((10, 12), bool)))
    np.testing.assert_allclose(moved[:-1, :-2], before[1:, 2:], atol=1e-6)


def test_large_and_tiny_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    from style_gan_tf.images import optical_flow as module

    scene = texture(120, 200)
    monkeypatch.setattr(module, "_LARGEST", 60 * 80)
    flow = optical_flow(scene[:, :160], scene[:, 10:170])
    assert flow.back.shape == (120, 160, 2) and flow.visible.shape == (120, 160)
    assert np.abs(np.median(flow.back[20:-20, 20:-40], (0, 1)) - (10, 0)).max() < 0.5
    for height, width in ((1, 1), (3, 50)):
        flow = optical_flow(scene[:height, :width], scene[:height, :width])
        assert flow.back.shape == (height, width, 2)
