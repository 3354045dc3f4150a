"""Normalization statistics as data: given to a pass through a network, and measured in it.

A picture that is too large for one pass, a frame of a video and a texture that shall tile have
this in common: their normalizations must take other statistics than those of the crop at hand.
"""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

_current = threading.local()


class Measured:
    """What the layers of a pass measured, in the order in which they were called.

    Attributes:
        means: float32 `[batch, channels]` a layer.
        variances: The same, biased.
        counts: int32 scalar a layer: the places that the two were taken over.
    """

    def __init__(self) -> None:
        self.means: list[Any] = []
        self.variances: list[Any] = []
        self.counts: list[Any] = []


@contextlib.contextmanager
def normalizing_by(
    means: Any, variances: Any, known: Any, window: Any, size: Any
) -> Iterator[Measured]:
    """The instance normalizations that are called inside take and hand out statistics.

    The first `known` of them normalize by what is given, the others by what they measure in the
    window; borders and overlaps outside of it do not count. As often as there are layers, a pass
    over all tiles of a picture with one more known layer each time thus gives the statistics of
    the whole picture; a pass with none known over a thumbnail gives an estimate of them (Chen et
    al. 2022, "Towards Ultra-Resolution Neural Style Transfer via Thumbnail Instance
    Normalization").

    Args:
        means: float32 `[1 or batch, channels of all layers]`, in the order of the calls.
        variances: The same.
        known: int, or int32 scalar. Layers that an int names as known measure nothing and hand
            nothing out; with a scalar all do.
        window: int32 `[4]`: top, left, height and width of the pixels that count; with
            multiples of the network's stride, windows that cover a picture cover its feature
            maps, each place once.
        size: int32 `[2]`: height and width of the pictures that the network is given.
    """
    before = getattr(_current, "pass_", None)
    measured = Measured()
    _current.pass_ = _Pass(means, variances, known, window, size, measured)
    try:
        yield measured
    finally:
        _current.pass_ = before


def statistics_of(maps: Any, channels: int) -> tuple[Any, Any] | None:
    """What a layer shall normalize by: mean and variance, float32 `[batch, channels]`.

    None outside `normalizing_by`: the layer takes its own. To be asked once a call.
    """
    pass_ = getattr(_current, "pass_", None)
    return None if pass_ is None else pass_.next(maps, channels)


class _Pass:
    def __init__(
        self, means: Any, variances: Any, known: Any, window: Any, size: Any, measured: Measured
    ) -> None:
        self.given: Sequence[Any] = (means, variances)
        self.known = known
        self.window = tf.convert_to_tensor(window, tf.int32)
        self.size = size
        self.measured = measured
        self.layer = 0
        self.channel = 0

    def next(self, maps: Any, channels: int) -> tuple[Any, Any]:
        layer, first = self.layer, self.channel
        self.layer, self.channel = layer + 1, first + channels
        shape = [tf.shape(maps)[0], channels]
        given = [tf.broadcast_to(x[:, first : first + channels], shape) for x in self.given]
        if isinstance(self.known, int):
            mean, variance = given if layer < self.known else self._measure(maps)
        else:
            is_known = layer < self.known
            pairs = zip(given, self._measure(maps), strict=True)
            mean, variance = (tf.where(is_known, one, other) for one, other in pairs)
        return mean, variance

    def _measure(self, maps: Any) -> tuple[Any, Any]:
        sides = tf.shape(maps)[1:3]
        # Where the window begins and ends on a map of a quarter of the size, say.
        begin = self.window[:2] * sides // self.size
        end = (self.window[:2] + self.window[2:]) * sides // self.size
        inside = maps[:, begin[0] : end[0], begin[1] : end[1]]
        mean, variance = tf.nn.moments(tf.cast(inside, tf.float32), axes=[1, 2])
        self.measured.means.append(mean)
        self.measured.variances.append(variance)
        self.measured.counts.append(tf.reduce_prod(end - begin))
        return mean, variance
