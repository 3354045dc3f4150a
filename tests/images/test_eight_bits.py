"""Values of networks to bytes."""

import numpy as np

from style_gan_tf.images import eight_bits


def test_all_bytes_come_back():
    every = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(eight_bits(every / np.float32(127.5) - 1), every)


def test_rounded_and_clipped():
    # 126.5 to the nearest even number, as IEEE 754 rounds.
    values = [-9.0, -1.0, -1.0 / 127.5, -0.6 / 127.5, 0.4 / 127.5, 1.0, 1.2]
    found = eight_bits(values)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, [0, 0, 126, 127, 128, 255, 255])
