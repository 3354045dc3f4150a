import numpy as np

from style_gan_tf.inference.video.scene_cuts import SceneCuts
from tests.videos import drifting


def test_cuts_are_found_and_motion_is_none() -> None:
    other = np.random.default_rng(0).integers(0, 120, (48, 64, 3), np.uint8)
    first, second = drifting(20), drifting(20)[::-1]
    frames = [*first, *[other] * 3, *second]
    cuts = SceneCuts()
    assert [t for t, frame in enumerate(frames) if cuts.is_cut(frame)] == [0, 20, 23]


def test_every_size() -> None:
    for height, width in ((1, 1), (7, 3), (1080, 1920)):
        cuts = SceneCuts()
        assert cuts.is_cut(np.zeros((height, width, 3), np.uint8))
        assert not cuts.is_cut(np.zeros((height, width, 3), np.uint8))
        assert cuts.is_cut(np.full((height, width, 3), 255, np.uint8))
