"""How float32 is written: as few digits as bring the same number back."""

import json

import hypothesis
import numpy as np
from hypothesis.extra import numpy as arrays

from style_gan_tf.serving.rest.response import shortest_decimals


def test_what_a_reader_expects() -> None:
    given = [0.2, 1.0, -0.1, 2.5, 1e-5, 9e6, 16777216.0, 0.0, 3.4028235e38, 1e-45, 1 / 3]
    written = json.dumps(shortest_decimals(np.float32(given)).tolist())
    assert written.startswith("[0.2, 1.0, -0.1, 2.5, 1e-05, 9000000.0, 16777216.0, 0.0, 3.40282")
    assert "0.33333334" in written


@hypothesis.settings(max_examples=200, deadline=None)
@hypothesis.given(arrays.arrays(np.float32, arrays.array_shapes(max_dims=2, max_side=9)))
def test_every_value_comes_back(values: np.ndarray) -> None:
    written = json.dumps(shortest_decimals(values).tolist())
    np.testing.assert_array_equal(np.array(json.loads(written), np.float32), values)
