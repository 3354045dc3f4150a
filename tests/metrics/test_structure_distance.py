import numpy as np
import pytest
import scipy.special

from style_gan_tf.metrics import structure_distance
from style_gan_tf.networks import load_extractor


@pytest.fixture(scope="module")
def vgg19():
    return load_extractor("vgg19")


def draw(seed, size=24):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (size, size, 3)).astype(np.float32)


def plainly(extractor, photo, picture):
    """Chung et al. 2024, section 4.1, all places at once."""
    logs = []
    for image in (photo, picture):
        features = extractor.maps(image[np.newaxis])[-1].numpy().reshape(-1, 256).astype(np.float64)
        logs.append(scipy.special.log_softmax(features @ features.T / 256, axis=1))
    return np.mean(np.sum(np.exp(logs[0]) * (logs[0] - logs[1]), axis=1))


def test_it_is_the_formula(vgg19):
    wanted = plainly(vgg19, draw(0), draw(1))
    assert wanted > 0.01
    assert structure_distance(vgg19, draw(0), draw(1)) == pytest.approx(wanted, rel=1e-3)
    assert structure_distance(vgg19, draw(0), draw(0)) == pytest.approx(0, abs=1e-6)


def test_few_rows_at_a_time_are_the_same(vgg19, monkeypatch):
    import sys

    wanted = structure_distance(vgg19, draw(0), draw(1))
    module = sys.modules["style_gan_tf.metrics.structure_distance"]
    monkeypatch.setattr(module, "_ROWS", 5)
    assert structure_distance(vgg19, draw(0), draw(1)) == pytest.approx(wanted, rel=1e-5)


def test_large_pictures_are_shrunk(vgg19):
    large = np.repeat(np.repeat(draw(0, 64), 4, 0), 4, 1)
    assert structure_distance(vgg19, large, large) == pytest.approx(0, abs=1e-6)
    wanted = structure_distance(
        vgg19, np.repeat(np.repeat(draw(0, 64), 2, 0), 2, 1), large[::2, ::2]
    )
    assert structure_distance(vgg19, large, large) == pytest.approx(wanted, abs=1e-6)


def test_what_moves_is_farther_than_what_changes_its_colours(vgg19):
    rng = np.random.default_rng(3)
    photo = np.full((32, 32, 3), -0.4, np.float32) + rng.normal(0, 0.02, (32, 32, 3)).astype("f4")
    photo[4:16, 4:16] = 0.6
    recolored, moved = photo[..., ::-1].copy() * 0.9, np.roll(photo, (12, 12), (0, 1))
    near, far = (structure_distance(vgg19, photo, p) for p in (recolored, moved))
    assert 5 * near < far
