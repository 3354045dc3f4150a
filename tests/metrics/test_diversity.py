import numpy as np
import pytest

from style_gan_tf.metrics import PerceptualDistance, diversity, load_lpips
from style_gan_tf.metrics.diversity import pairwise_distances
from style_gan_tf.networks import load_extractor
from tests.extractor_weights import write_squeezenet, write_torchvision_squeezenet


def draw(count, seed=0, size=40):
    shape = (count, size, size, 3)
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


@pytest.fixture(scope="module")
def distance(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "w.h5"
    write_squeezenet(path)
    return PerceptualDistance(load_extractor("squeezenet", path))


def test_every_pair_is_measured_as_by_itself(distance):
    pictures = draw(4)
    found = pairwise_distances(distance, pictures)
    for i in range(4):
        for j in range(4):
            alone = float(distance(pictures[i : i + 1], pictures[j : j + 1])[0])
            assert found[i, j] == pytest.approx(alone, rel=1e-4, abs=1e-6)
    some = pairwise_distances(distance, pictures, pictures[1:3])
    np.testing.assert_array_equal(some, found[:, 1:3])


def test_lpips_weights_count(tmp_path):
    write_torchvision_squeezenet(tmp_path / "backbone.npz")
    rng = np.random.default_rng(0)
    channels = (64, 128, 256, 384, 384, 512, 512)
    np.savez(
        tmp_path / "lin.npz",
        **{f"lin{i}": rng.uniform(0, 1, (1, n, 1, 1)) for i, n in enumerate(channels)},
    )
    lpips = load_lpips(tmp_path / "backbone.npz", tmp_path / "lin.npz")
    left, right = draw(2)
    alone = float(lpips(left[None], right[None])[0])
    assert pairwise_distances(lpips, [left, right])[0, 1] == pytest.approx(alone, rel=1e-4)


def test_mean_over_all_pairs_and_its_error(distance):
    pictures = draw(5)
    distances = pairwise_distances(distance, pictures)
    value, error = diversity(distance, pictures)
    assert value == pytest.approx(distances[np.triu_indices(5, 1)].mean(), rel=1e-9)
    own = [np.delete(distances[i], i).mean() for i in range(5)]
    assert error == pytest.approx(2 * np.std(own, ddof=1) / np.sqrt(5), rel=1e-9)


def test_the_error_is_the_deviation_between_draws():
    """Of vectors whose distances are known, so that many sets can be drawn."""

    class Squares:
        def vectors(self, images):
            return images[:, 0, 0, :1]

    rng = np.random.default_rng(1)
    found = [diversity(Squares(), rng.normal(size=(30, 1, 1, 3))) for _ in range(120)]
    values, errors = np.transpose(found)
    # The mean squared difference of two standard normal numbers is 2.
    assert values.mean() == pytest.approx(2.0, abs=0.1)
    assert errors.mean() == pytest.approx(values.std(), rel=0.25)


def test_a_collapsed_set_has_none(distance):
    same = np.repeat(draw(1), 4, axis=0)
    assert diversity(distance, same).value == pytest.approx(0.0, abs=1e-9)
    half = np.concatenate([draw(4), draw(4)])
    assert 0 < diversity(distance, half).value < diversity(distance, draw(8)).value


def test_what_cannot_be_measured(distance):
    with pytest.raises(ValueError, match="pairs"):
        diversity(distance, draw(1))
    with pytest.raises(ValueError, match="one size"):
        diversity(distance, [draw(1)[0], draw(1, size=48)[0]])
    assert np.isnan(diversity(distance, draw(2)).error)
