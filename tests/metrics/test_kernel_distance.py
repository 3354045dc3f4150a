import numpy as np
import pytest

from style_gan_tf.metrics import kernel_distance, standardized


def draw(count, dimensions=6, seed=0, shift=0.0):
    return np.random.default_rng(seed).normal(shift, 1, (count, dimensions))


def plainly(real, fake):
    """Binkowski et al. 2018, equation 4, pair by pair, times 1000."""

    def kernel(x, y):
        return (np.dot(x, y) / len(x) + 1) ** 3

    n, m = len(real), len(fake)
    within = sum(kernel(real[i], real[j]) for i in range(n) for j in range(n) if i != j)
    others = sum(kernel(fake[i], fake[j]) for i in range(m) for j in range(m) if i != j)
    between = sum(kernel(x, y) for x in real for y in fake)
    return 1000 * (within / (n * (n - 1)) + others / (m * (m - 1)) - 2 * between / (n * m))


def test_whole_sets_are_the_formula():
    real, fake = draw(7), draw(5, seed=1, shift=0.5)
    estimate = kernel_distance(real, fake, subsets=1)
    assert estimate.value == pytest.approx(plainly(real, fake), rel=1e-9)
    assert np.isnan(estimate.error)


def test_a_case_by_hand():
    # Two and two vectors of one dimension: k(1, 1) = 8, k(1, -1) = 0, k(-1, -1) = 8.
    real, fake = np.array([[1.0], [1.0]]), np.array([[-1.0], [-1.0]])
    assert kernel_distance(real, fake).value == pytest.approx(1000 * (8 + 8 - 0))


def test_subsets_are_unbiased_and_tell_the_error():
    """Over many draws the mean is right and the error is the draws' own deviation."""
    found = [
        kernel_distance(draw(40, seed=s), draw(40, seed=s + 1000, shift=0.3), subsets=60, seed=s)
        for s in range(120)
    ]
    values, errors = (np.array([getattr(e, name) for e in found]) for name in ("value", "error"))
    large = kernel_distance(draw(4000), draw(4000, seed=1, shift=0.3), subsets=1).value
    assert abs(values.mean() - large) < 4 * values.std() / np.sqrt(len(values))
    assert 0.6 < np.median(errors) / values.std() < 1.6


def test_crops_of_one_picture_are_no_pairs():
    """By hand: pairs within a picture are left out, and all others count."""
    real, fake = draw(6), draw(4, seed=1, shift=0.5)
    groups = np.array([0, 0, 1, 1, 1, 2]), np.array([3, 3, 3, 9])

    def kernel(x, y):
        return (np.dot(x, y) / len(x) + 1) ** 3

    def within(side, group):
        return np.mean(
            [
                kernel(side[i], side[j])
                for i in range(len(side))
                for j in range(len(side))
                if group[i] != group[j]
            ]
        )

    between = np.mean([kernel(x, y) for x in real for y in fake])
    wanted = 1000 * (within(real, groups[0]) + within(fake, groups[1]) - 2 * between)
    found = kernel_distance(real, fake, real_groups=groups[0], fake_groups=groups[1], subsets=1)
    assert found.value == pytest.approx(wanted, rel=1e-9)
    with pytest.raises(ValueError, match="cannot compare"):
        kernel_distance(real, fake, real_groups=np.zeros(6, int))


def test_alike_crops_neither_bias_the_figure_nor_shrink_its_error():
    """Each picture four times, of equal distributions: at 0 on average, error as of pictures."""
    groups = np.arange(24).repeat(4)
    found = [
        kernel_distance(
            draw(24, seed=s).repeat(4, 0),
            draw(24, seed=s + 500, shift=0.3).repeat(4, 0),
            real_groups=groups,
            fake_groups=groups,
            subsets=30,
        )
        for s in range(40)
    ]
    plain = [
        kernel_distance(draw(24, seed=s), draw(24, seed=s + 500, shift=0.3), subsets=30)
        for s in range(40)
    ]
    values, wanted = ([e.value for e in side] for side in (found, plain))
    assert np.mean(values) == pytest.approx(np.mean(wanted), abs=0.3 * np.std(wanted))
    errors, right = (np.median([e.error for e in side]) for side in (found, plain))
    assert errors == pytest.approx(right, rel=0.2)


def test_the_deviation_over_the_root_of_the_subsets_would_understate():
    """What the error is not: it does not shrink with more subsets."""
    few, many = (
        kernel_distance(draw(40), draw(40, seed=1, shift=0.3), subsets=n).error for n in (50, 400)
    )
    assert many == pytest.approx(few, rel=0.3)


def test_equal_distributions_are_at_zero_on_average():
    values = [kernel_distance(draw(50, seed=s), draw(50, seed=s + 500)).value for s in range(60)]
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(len(values))
    assert min(values) < 0  # Unbiased: it can be below.


def test_sets_of_differing_size_and_the_same_seed():
    first = kernel_distance(draw(30), draw(13, seed=1))
    assert first == kernel_distance(draw(30), draw(13, seed=1))
    assert first != kernel_distance(draw(30), draw(13, seed=1), seed=7)


@pytest.mark.parametrize("sizes", [(1, 5), (5, 1), (0, 5)])
def test_too_few(sizes):
    with pytest.raises(ValueError, match="cannot compare embeddings"):
        kernel_distance(draw(sizes[0]), draw(sizes[1]))


def test_other_dimensions():
    with pytest.raises(ValueError, match="cannot compare embeddings"):
        kernel_distance(draw(4), draw(4, dimensions=5))


def test_standardized_by_the_real_set():
    real, fake = draw(50) * [1, 5, 9, 1, 1, 1] + 3, draw(20, seed=1)
    ours, theirs = standardized(real, fake)
    np.testing.assert_allclose(ours.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(ours.std(axis=0), 1, rtol=1e-5)
    np.testing.assert_allclose(
        theirs, (fake - real.mean(axis=0)) / real.std(axis=0), rtol=1e-4, atol=1e-6
    )


def test_a_dimension_that_stands_still_does_not_decide_alone():
    real, fake = draw(50), draw(20, seed=1)
    real[:, 2] = 7.0
    fake[:, 2] = 7.1
    assert abs(standardized(real, fake)[1][:, 2]).max() < 2
