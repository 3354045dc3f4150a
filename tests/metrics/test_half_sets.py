import numpy as np
import pytest

from style_gan_tf.metrics import half_masks, half_spread, sliced_wasserstein
from style_gan_tf.metrics.half_sets import spread


def test_halves_take_pictures_with_all_their_crops():
    groups = np.array([7, 7, 7, 2, 2, 5, 9])
    masks = half_masks(groups, 200)
    assert masks.shape == (200, 7)
    assert all(len(np.unique(groups[mask])) == 2 for mask in masks)
    assert all(len(set(masks[:, place])) == 2 for place in range(7))
    np.testing.assert_array_equal(masks[:, 0], masks[:, 2])


@pytest.mark.parametrize("count", [40, 41])
def test_the_error_of_a_difference_of_means_is_known_in_closed_form(count):
    rng = np.random.default_rng(0)
    left, right = rng.normal(0, 1, count), rng.normal(0, 2, count)
    found = half_spread(
        lambda a, b: left[a].mean() - right[b].mean(), np.arange(count), np.arange(count), 4000
    )
    wanted = np.sqrt(left.var(ddof=1) / count + right.var(ddof=1) / count)
    assert found == pytest.approx(wanted, rel=0.05)


def test_crops_of_one_picture_are_not_so_many_pictures():
    """Each value four times: the error is that of the pictures, not half of it."""
    values = np.random.default_rng(1).normal(0, 1, 30)
    crops, groups = values.repeat(4), np.arange(30).repeat(4)
    other = np.zeros(120)
    found = half_spread(lambda a, b: crops[a].mean() + other[b].mean(), groups, groups, 4000)
    assert found == pytest.approx(values.std(ddof=1) / np.sqrt(30), rel=0.05)


def test_too_few_to_tell():
    assert np.isnan(spread([1.0, 2.0], 3))
    assert np.isnan(half_spread(lambda a, b: 0.0, np.arange(3), np.arange(9), 4))


def test_the_error_of_a_distance_of_patches_is_its_spread_over_new_pictures():
    """A figure that is no mean: sets drawn anew lie as far apart as the halves say."""
    from style_gan_tf.metrics.sliced_wasserstein import all_patches, patches_distance

    def pictures(seed, mean):
        rng = np.random.default_rng(seed)
        levels = rng.normal(mean, 0.3, (16, 1, 1, 1))
        return (levels + rng.normal(0, 0.1, (16, 16, 16, 3))).astype(np.float32)

    values = [sliced_wasserstein(pictures(s, 0.0), pictures(s + 900, 0.4)) for s in range(12)]
    left, right = all_patches(pictures(1, 0.0)), all_patches(pictures(901, 0.4))

    def of_some(a, b):
        return patches_distance([level[a] for level in left], [level[b] for level in right])

    error = half_spread(of_some, np.arange(16), np.arange(16), 12)
    assert 0.5 < error / np.std(values) < 2.0
