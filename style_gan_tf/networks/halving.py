"""Sizes of pictures that networks of a fixed size can halve down to a few places."""

from style_gan_tf.errors import UsageError

_SMALLEST = 4  # places down and across that are left, at least


def halvings(role: str, size: int) -> int:
    """How often `size` pixels are halved until 4, 5, 6 or 7 are left.

    Args:
        role: "generator" or "discriminator", for the message.
        size: Height and width of the pictures.

    Raises:
        UsageError: When halving does not end there; names the nearest sizes.
    """
    count = max((size // _SMALLEST).bit_length() - 1, 0)
    step = 2**count
    if size < _SMALLEST or size % step:
        near = {max(n * step, _SMALLEST) for n in (size // step, -(-size // step))}
        raise UsageError(
            f"{role}.size={size} (by default --crop): must be 4, 5, 6 or 7 times a power of two, "
            f"such as {' or '.join(map(str, sorted(near)))}"
        )
    return count
