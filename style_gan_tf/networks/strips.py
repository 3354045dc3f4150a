"""The last layers of a generator, strip by strip: the same picture in a fraction of the memory."""

from typing import Any

import keras
import tensorflow as tf

from style_gan_tf.networks.network import Network
from style_gan_tf.networks.normalization import InstanceNormalization
from style_gan_tf.networks.reach import reach, reach_between

_BYTES = 2**27  # that a strip may take, what it needs above and below aside
_FARTHEST = 64  # pixels; beyond that the strips would mostly be what they need of their neighbours


class Strips:
    """Runs a generator like the generator itself, to rounding; for inference alone.

    Feature maps near the picture are by far the largest (four fifths of the memory of `fast`).
    What comes after the last normalization over the picture depends on few pixels around each
    place, so it is computed for some hundred rows at a time, with as many rows more above and
    below as the layers see. A generator without such normalizations runs by strips as a whole;
    one that sees too far, or whose last layers take several maps, runs as it is.

    Args:
        network: A generator of pictures of any size.

    Attributes:
        bytes_per_pixel: About how much memory a pass takes for each pixel of the picture, the
            strip at work (128 MiB) aside.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        start, end = network.inputs[0], network.outputs[0]
        whole = reach(network)
        cut, before = _cut(network)
        # The layers before the cut, and those after; no tail: nothing runs in strips.
        self._body: Any = None
        self._tail: Any = None
        if cut is start:
            self._tail, seen, self._unit = network, whole.pixels, network.stride
        elif cut is not None:
            self._body = keras.Model(network.inputs if network.takes_weights else start, cut)
            self._tail = keras.Model([cut, *network.inputs], end)
            seen, self._unit = reach_between(cut, network.operations, end).pixels, 1
        if self._tail is None or seen > _FARTHEST:
            self._tail = None
            self.bytes_per_pixel = whole.bytes_per_pixel
            return
        # Rows of the map, in whole units.
        self._overlap = -(-seen // self._unit) * self._unit
        self.bytes_per_pixel = reach_between(start, before, cut).bytes_per_pixel
        self._pixels = _BYTES // whole.bytes_per_pixel

    def __call__(self, given: Any, training: bool = False) -> Any:
        """Stylize pictures whose sides are multiples of the stride.

        Args:
            given: What the network takes: float32 `[batch, height, width, 3]` in [-1, 1], or a
                list of it and style weights.
            training: As the network has it; must be False.

        Returns:
            float32 `[batch, height, width, 3]`.
        """
        if training:
            raise ValueError("strips are for inference: statistics of a strip are not a picture's")
        if self._tail is None:
            return self._network(given, training=False)
        images, *weights = given if isinstance(given, list) else [given]
        maps = images if self._body is None else self._body(given, training=False)
        shape, rows = tf.shape(images), tf.shape(maps)[1]
        step = shape[1] // rows
        a_row = tf.maximum(shape[0] * step * shape[2], 1)
        strip = tf.maximum(self._pixels // a_row // self._unit, 1) * self._unit

        def paint(index: Any, done: Any) -> tuple[Any, Any]:
            first = index * strip
            last = tf.minimum(first + strip, rows)
            begin = tf.maximum(first - self._overlap, 0)
            end = tf.minimum(last + self._overlap, rows)
            part = images[:, begin * step : end * step]
            takes = [part, *weights] if self._body is None else [maps[:, begin:end], part, *weights]
            outputs = self._tail(takes if len(takes) > 1 else part, training=False)
            kept = outputs[:, (first - begin) * step : (last - begin) * step]
            return index + 1, done.write(index, tf.transpose(kept, [1, 0, 2, 3]))

        count = -(-rows // strip)
        empty = tf.TensorArray(
            tf.float32, size=count, infer_shape=False, element_shape=[None, None, None, 3]
        )
        _, done = tf.while_loop(
            lambda index, _: index < count, paint, [0, empty], parallel_iterations=1
        )
        return tf.transpose(done.concat(), [1, 0, 2, 3])


def _cut(network: Network) -> tuple[Any, list[Any]]:
    """The one map that everything after the last normalization over the picture takes.

    Returns:
        The map (None: there is no such), and the layers that lead to it.
    """
    operations = [x for x in network.operations if not isinstance(x, keras.layers.InputLayer)]
    over_picture = [isinstance(x, InstanceNormalization) for x in operations]
    if not any(over_picture):
        return network.inputs[0], []
    first = len(over_picture) - over_picture[::-1].index(True)
    for place in range(first, len(operations)):
        before, after = operations[:place], operations[place:]
        made = {id(x) for one in before for x in keras.tree.flatten(one.output)}
        taken = {id(x): x for one in after for x in keras.tree.flatten(one.input) if id(x) in made}
        if len(taken) == 1:
            return next(iter(taken.values())), before
    return None, []
