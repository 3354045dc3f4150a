"""How large a picture an export takes: what its network stylizes in a given memory."""

import math
from typing import TYPE_CHECKING

from style_gan_tf.errors import UsageError

if TYPE_CHECKING:
    from style_gan_tf.networks import Network, Strips

_MEMORY = 4 * 10**9  # bytes that the process may take while it answers one request
_RUNTIME = 10**9  # of those, before the request: TensorFlow and its libraries, and the strips
# Decoded picture, its alpha, surround and copies: measured with PNG at 4096x4096.
_PICTURE = 80
# The same, and the enlarged painting, its strips and copies: measured with PNG at 5600x5600.
_ENLARGED = 100
# Feature maps that live at once and what oneDNN lays out anew: measured with `fast` at 4096x4096
# and `resnet` at 1024x1024. `reach` counts two maps of the largest kind.
_WORKSPACE = 1.5
_STEP = 2**16


def pixel_limit(network: "Network", strips: "Strips") -> int:
    """The most pixels that a request may hold for the server to stay below 4 GB.

    Args:
        network: A generator of pictures of any size.
        strips: How it is run.

    Raises:
        UsageError: For a network so large that there is no room for a picture.
    """
    return _limit(network, _PICTURE + _WORKSPACE * strips.bytes_per_pixel)


def enlarging_limit(network: "Network") -> int:
    """Like `pixel_limit`, for pictures that are painted small: those in memory are decoded."""
    return _limit(network, _ENLARGED)


def noise_limit(network: "Network") -> int:
    """Like `pixel_limit`, for a generator of noise: pixels of all pictures of a request."""
    assert network.size is not None
    largest = max(math.prod(layer.output.shape[1:]) for layer in network.layers)
    return _limit(network, _PICTURE + _WORKSPACE * 2 * 4 * largest / network.size**2)


def _limit(network: "Network", bytes_per_pixel: float) -> int:
    weights = 4 * network.count_params()
    # Read once by the loader and once by the graph's optimizer.
    limit = int((_MEMORY - _RUNTIME - 2 * weights) / bytes_per_pixel) // _STEP * _STEP
    if limit < _STEP:
        raise UsageError(
            f"a network of {weights / 1e9:.1f} GB leaves no room for pictures in "
            f"{_MEMORY / 1e9:.0f} GB: name a limit by --max_pixels"
        )
    return limit
