"""Strengths out of votes, against closed forms and against what the votes were drawn from."""

import itertools

import numpy as np
import pytest

from style_gan_tf.reports.bradley_terry import Duel, bradley_terry, share_interval


def duels(wins, losses, ties=0, first=0, second=1):
    scores = [1.0] * wins + [0.0] * losses + [0.5] * ties
    return [Duel(first, second, score, f"{first}{second}{i}") for i, score in enumerate(scores)]


def test_of_two_models_the_ratio_is_that_of_the_wins():
    found = bradley_terry(duels(30, 12), 2)
    assert found.value[0] / found.value[1] == pytest.approx(30 / 12)
    assert np.prod(found.value) == pytest.approx(1)
    # The logarithm of the ratio varies by 1 / 30 + 1 / 12; each strength has half of it.
    error = np.sqrt(42 / 41 * (1 / 30 + 1 / 12)) / 2
    np.testing.assert_allclose(np.log(found.high / found.value), 1.959964 * error)
    np.testing.assert_allclose(np.log(found.value / found.low), 1.959964 * error)


def test_a_tie_is_half_a_win_for_each():
    tied = bradley_terry(duels(10, 4, ties=6), 2)
    np.testing.assert_allclose(tied.value, bradley_terry(duels(13, 7), 2).value)
    # What is always a tie is sure to be as good as the other.
    same = bradley_terry(duels(0, 0, ties=8), 2)
    np.testing.assert_allclose([same.value, same.low, same.high], 1.0)


def test_the_other_way_round_is_the_same():
    turned = [Duel(d.second, d.first, 1 - d.score, d.group) for d in duels(9, 4, 3)]
    for one, other in zip(
        (bradley_terry(turned, 2).value, bradley_terry(turned, 2).low),
        (bradley_terry(duels(9, 4, 3), 2).value, bradley_terry(duels(9, 4, 3), 2).low),
        strict=True,
    ):
        np.testing.assert_allclose(one, other)


def test_three_models_have_the_wins_that_are_expected_of_them():
    votes = duels(8, 3) + duels(7, 5, 2, first=1, second=2) + duels(4, 1, first=0, second=2)
    found = bradley_terry(votes, 3).value
    for model in range(3):
        won = expected = 0.0
        for duel in votes:
            if model in (duel.first, duel.second):
                won += duel.score if model == duel.first else 1 - duel.score
                expected += found[model] / (found[duel.first] + found[duel.second])
        assert won == pytest.approx(expected)


def test_intervals_hold_the_truth_in_95_of_100_tests():
    truth = np.array([2.0, 1.0, 0.5])
    rng, held = np.random.default_rng(0), []
    for _ in range(200):
        votes = []
        for photo, (i, j) in enumerate(list(itertools.combinations(range(3), 2)) * 25):
            won = rng.random() < truth[i] / (truth[i] + truth[j])
            votes.append(Duel(i, j, float(won), str(photo)))
        found = bradley_terry(votes, 3)
        held.append((found.low < truth) & (truth < found.high))
    assert 0.91 < np.mean(held) < 0.985


def test_who_says_the_same_twice_is_no_surer():
    once = duels(20, 10)
    twice = bradley_terry(once + once, 2)  # Of the same groups, that is, photos.
    np.testing.assert_allclose(twice.low, bradley_terry(once, 2).low)
    others = [Duel(d.first, d.second, d.score, d.group + "b") for d in once]
    assert bradley_terry(once + others, 2).low[0] > twice.low[0]


@pytest.mark.parametrize(
    "votes",
    [
        duels(5, 0),
        duels(5, 3),  # The third was never met.
        duels(5, 3) + duels(4, 0, first=0, second=2) + duels(4, 0, first=1, second=2),
    ],
)
def test_who_always_wins_has_no_strength(votes):
    found = bradley_terry(votes, 2 if votes == duels(5, 0) else 3)
    assert not found.finite and np.isnan(found.low).all()


def test_very_unequal_models():
    found = bradley_terry(duels(4000, 1), 2)
    assert found.value[0] / found.value[1] == pytest.approx(4000)


def test_shares():
    low, high = share_interval(8, 10)  # Wilson's, as in Newcombe 1998.
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert share_interval(0, 5)[0] == 0 and share_interval(5, 5)[1] == 1
    assert share_interval(5, 5)[0] == pytest.approx(0.5655, abs=1e-4)
