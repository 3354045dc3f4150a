"""Blending along the flow: flicker falls, what is new is new, what is hidden leaves no ghost."""

import numpy as np
import pytest

from style_gan_tf.images.optical_flow import optical_flow
from style_gan_tf.inference.video.flow_blending import FlowBlending
from style_gan_tf.metrics import warp_error

cv2 = pytest.importorskip("cv2")


def panned(count: int) -> np.ndarray:
    """A still scene, panned three pixels a frame."""
    noise = np.random.default_rng(0).uniform(0, 255, (90, 220, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    scene = np.clip(127 + 40 * (smooth - smooth.mean()) / smooth.std(), 0, 255).astype(np.uint8)
    return np.array([scene[:, 3 * t : 3 * t + 120] for t in range(count)])


def blended(photos: np.ndarray, stylized: np.ndarray) -> np.ndarray:
    blending, frames = FlowBlending(), []
    for t, (photo, frame) in enumerate(zip(photos, stylized, strict=True)):
        flow = optical_flow(photos[t - 1], photo) if t else None
        frames.append(blending.blend(photo, frame, flow))
    return np.array(frames)


def error(photos: np.ndarray, frames: np.ndarray) -> float:
    scaled = frames.astype(np.float32) / 127.5 - 1
    pairs = range(5, len(photos))
    flows = {t: optical_flow(photos[t - 1], photos[t]) for t in pairs}
    return float(np.mean([warp_error(scaled[t - 1], scaled[t], flows[t]) for t in pairs]))


def test_flicker_falls_by_more_than_half() -> None:
    photos = panned(14)
    noise = np.random.default_rng(1).normal(0, 12, photos.shape)
    stylized = np.clip(255 - photos + noise, 0, 255).astype(np.uint8)
    frames = blended(photos, stylized)
    assert frames.dtype == np.uint8
    # White noise, of which a share a of the last frame is kept everywhere, leaves
    # (1 - a)^2 / (1 + a) of the error: 0.07 for 0.65.
    assert error(photos, frames) < 0.2 * error(photos, stylized)


def test_little_differences_are_left_alone() -> None:
    """They are texture, which blending would blur."""
    photos = panned(10)
    noise = np.random.default_rng(1).normal(0, 1, photos.shape)
    stylized = np.clip(np.rint(255 - photos + noise), 0, 255).astype(np.uint8)
    frames = blended(photos, stylized)
    assert np.abs(frames[-1].astype(int) - stylized[-1]).mean() < 0.5


def test_without_flicker_the_frames_stay() -> None:
    photos = panned(10)
    frames = blended(photos, 255 - photos)
    assert np.abs(frames[-1].astype(float) - (255 - photos[-1])).mean() < 4


def test_a_new_scene_and_what_was_hidden_come_from_the_new_frame() -> None:
    photos = panned(3)
    blending = FlowBlending()
    blending.blend(photos[0], photos[0], None)
    np.testing.assert_array_equal(blending.blend(photos[1], 255 - photos[1], None), 255 - photos[1])
    flow = optical_flow(photos[1], photos[2])
    flow.visible[:, :60] = False
    frame = blending.blend(photos[2], photos[2], flow)
    np.testing.assert_array_equal(frame[:, :50], photos[2][:, :50])
    assert np.abs(frame[:, 80:110].astype(int) - photos[2][:, 80:110]).mean() > 5


def test_no_ghost_where_the_photo_itself_has_changed() -> None:
    """The flow may be wrong; then the photo before, moved, is another than this one."""
    photos = panned(2)
    photos[1] = photos[0] + 128  # around the corner at 256
    blending = FlowBlending()
    blending.blend(photos[0], np.zeros_like(photos[0]), None)
    flow = optical_flow(photos[0], photos[0])
    frame = blending.blend(photos[1], np.full_like(photos[0], 200), flow)
    assert frame.min() > 195
