"""Which style does a picture have? Logistic regression over a fixed network's features."""

import numpy as np

_WEIGHT_DECAY = 1e-2  # of the standardized features' weights: there are more of them than pictures
_STEPS = 300


class StyleClassifier:
    """Multinomial logistic regression, fitted to real pictures of each style.

    Args:
        features: float64 `[pictures, channels]`, what `embed` gives of real pictures.
        labels: int `[pictures]` from 0 on.

    Raises:
        ValueError: For fewer than two styles.
    """

    def __init__(self, features: np.ndarray, labels: np.ndarray) -> None:
        count = int(labels.max()) + 1
        if count < 2:
            raise ValueError("a classifier needs two styles or more")
        self._mean = features.mean(axis=0)
        self._scale = features.std(axis=0) + 1e-6
        self._weights = np.zeros((features.shape[1] + 1, count))
        self._fit(self._given(features), np.eye(count)[labels])

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """float64 `[pictures, styles]` that sum to one, of features `[pictures, channels]`."""
        return _softmax(self._given(features) @ self._weights)

    def accuracy(self, features: np.ndarray, label: int) -> float:
        """The share of pictures whose likeliest style is `label`."""
        return float(np.mean(self.probabilities(features).argmax(axis=1) == label))

    def told_apart(self, renderings: np.ndarray) -> np.ndarray:
        """Which rendering of a photo is in which style, asked of its renderings alone.

        What a photo shows, its colours above all, sways the classifier whatever the style: here
        all that are compared show the same.

        Args:
            renderings: Features `[styles, photos, channels]`, of each photo in every style.

        Returns:
            float64 `[styles]`: the share of photos for whose rendering in that style its odds are
            higher than for each of the others.
        """
        odds = np.stack([self._odds(features) for features in renderings])
        return np.array(
            [np.mean(odds[:, :, k].argmax(axis=0) == k) for k in range(len(renderings))]
        )

    def _odds(self, features: np.ndarray) -> np.ndarray:
        """Logarithm of each style's odds against all others together: never saturated."""
        logits = self._given(features) @ self._weights
        others = [np.delete(logits, k, axis=1) for k in range(logits.shape[1])]
        return np.stack(
            [logits[:, k] - np.logaddexp.reduce(rest, axis=1) for k, rest in enumerate(others)], 1
        )

    def _given(self, features: np.ndarray) -> np.ndarray:
        """Standardized, and a one for the offset."""
        scaled = (features - self._mean) / self._scale
        return np.concatenate([scaled, np.ones((len(scaled), 1))], axis=1)

    def _fit(self, given: np.ndarray, wanted: np.ndarray) -> None:
        """Nesterov's accelerated gradient at the step that the loss's curvature allows."""
        # Styles weigh the same whatever the number of their pictures.
        weight = (1 / wanted.sum(axis=0))[wanted.argmax(axis=1)] / wanted.shape[1]
        decay = np.full((given.shape[1], 1), _WEIGHT_DECAY)
        decay[-1] = 0.0
        # The softmax's curvature is at most a half.
        weighted = given * np.sqrt(weight)[:, np.newaxis]
        step = 1.0 / (0.5 * np.linalg.norm(weighted, 2) ** 2 + _WEIGHT_DECAY)
        ahead = before = self._weights
        for number in range(_STEPS):
            error = (_softmax(given @ ahead) - wanted) * weight[:, np.newaxis]
            now = ahead - step * (given.T @ error + decay * ahead)
            ahead = now + number / (number + 3) * (now - before)
            before = now
        self._weights = before


def _softmax(logits: np.ndarray) -> np.ndarray:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
