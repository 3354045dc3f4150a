"""Dropout that draws as all else here does: by seed, step and position in the global batch."""

import contextlib
import itertools
import threading
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

_STREAM = 1000  # apart from the numbers that objectives fold into the step's seed

_current = threading.local()  # Replicas are traced in threads of their own.


@contextlib.contextmanager
def dropout_draws(seed: Any, positions: Any, batch: int) -> Iterator[None]:
    """All `Dropout` layers that are called inside draw from this seed.

    Keras's dropout keeps a state of its own, so that neither a resumed run nor another number of
    devices would repeat a training. Here the draws are a function of the seed, the place of the
    call among the calls inside, and each picture's position: nothing is remembered.

    Args:
        seed: int32 `[2]`, another at each step.
        positions: int32 `[n]`: each picture's position in the global batch.
        batch: Pictures in the global batch.
    """
    before = getattr(_current, "draws", None)
    _current.draws = _Draws(seed, positions, batch)
    try:
        yield
    finally:
        _current.draws = before


@keras.saving.register_keras_serializable("style_gan_tf")
class Dropout(keras.layers.Layer):
    """Each value becomes zero with probability `rate`, or else grows by 1 / (1 - rate).

    In training alone; Hinton et al. 2012, in the form of Srivastava et al. 2014, section 10.
    Inside `dropout_draws` the batch must be the positions' pictures, once or several times over
    (as when content and style images are joined); outside, draws come from TensorFlow's global
    generator (`tf.random.set_seed`). Input and output `[batch, ...]`.

    Args:
        rate: In [0, 1).
    """

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.supports_masking = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or not self.rate:
            return inputs
        shape = tf.shape(inputs)
        draws = getattr(_current, "draws", None)
        uniform = tf.random.uniform(shape) if draws is None else draws.uniform(shape)
        scaled = inputs * tf.cast(1.0 / (1.0 - self.rate), inputs.dtype)
        outputs = tf.where(uniform >= self.rate, scaled, tf.zeros_like(scaled))
        outputs.set_shape(inputs.shape)
        return outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}


class _Draws:
    def __init__(self, seed: Any, positions: Any, batch: int) -> None:
        self.seed = tf.random.fold_in(seed, _STREAM)
        self.positions = positions
        self.batch = batch
        self.calls = itertools.count()

    def uniform(self, shape: Any) -> Any:
        """float32 in [0, 1): those of the whole batch are drawn, and one's own picked."""
        seed = tf.random.fold_in(self.seed, next(self.calls))
        times = shape[0] // tf.shape(self.positions)[0]
        whole = tf.concat([[times, self.batch], shape[1:]], axis=0)
        drawn = tf.random.stateless_uniform(whole, seed)
        return tf.reshape(tf.gather(drawn, self.positions, axis=1), shape)
