"""The style classifier: what separates is separated, and what does not is a coin."""

import numpy as np
import pytest

from style_gan_tf.metrics import StyleClassifier


def clouds(rng, distance, count=(200, 40, 90), channels=30):
    """Gaussian clouds whose middles lie `distance` deviations out, each its own way."""
    labels = np.repeat(np.arange(len(count)), count)
    features = rng.normal(size=(len(labels), channels))
    features[np.arange(len(labels)), labels] += distance
    # As in real features, the channels have scales and offsets of their own.
    return features * rng.uniform(0.1, 9, channels) + rng.normal(0, 5, channels), labels


def test_clouds_apart_are_told_apart():
    rng = np.random.default_rng(0)
    features, labels = clouds(rng, 8)
    half = rng.permutation(len(labels))[: len(labels) // 2]
    classifier = StyleClassifier(features[half], labels[half])
    others = np.setdiff1d(np.arange(len(labels)), half)
    for style in range(3):
        own = others[labels[others] == style]
        assert classifier.accuracy(features[own], style) > 0.97
        assert classifier.accuracy(features[own], (style + 1) % 3) < 0.03


def test_one_cloud_is_a_coin():
    rng = np.random.default_rng(1)
    features, labels = clouds(rng, 0, count=(2000, 2000), channels=5)
    classifier = StyleClassifier(features[::2], labels[::2])
    probabilities = classifier.probabilities(features[1::2])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert abs(probabilities[:, 0].mean() - 0.5) < 0.02
    assert abs(probabilities - 0.5).mean() < 0.1


def test_the_optimum_in_one_dimension():
    """At the optimum the loss has no slope: its gradient is zero, weight decay included."""
    rng = np.random.default_rng(2)
    features = rng.normal(size=(60, 1))
    labels = (features[:, 0] + rng.normal(size=60) > 0.3).astype(int)
    classifier = StyleClassifier(features, labels)
    given, weights = classifier._given(features), classifier._weights
    share = 0.5 / np.bincount(labels)[labels]
    error = (classifier.probabilities(features) - np.eye(2)[labels]) * share[:, np.newaxis]
    slope = given.T @ error + np.array([[1e-2], [0.0]]) * weights
    np.testing.assert_allclose(slope, 0, atol=1e-6)


def test_renderings_of_a_photo_are_told_apart_whatever_the_photo_shows():
    rng = np.random.default_rng(3)
    features, labels = clouds(rng, 8)
    classifier = StyleClassifier(features, labels)
    own = features[labels == 1]
    renderings = np.stack([own[:40]] * 3)
    # All look like style 1; each leans a hundredth towards its own.
    for style in range(3):
        renderings[style] += 0.01 * (features[labels == style].mean(0) - own.mean(0))
    assert classifier.accuracy(renderings[0], 0) == classifier.accuracy(renderings[2], 2) == 0
    np.testing.assert_array_equal(classifier.told_apart(renderings), [1, 1, 1])
    np.testing.assert_array_equal(classifier.told_apart(renderings[[1, 0, 2]])[:2], [0, 0])


def test_one_style_is_no_choice():
    with pytest.raises(ValueError, match="two styles"):
        StyleClassifier(np.zeros((3, 2)), np.zeros(3, int))
