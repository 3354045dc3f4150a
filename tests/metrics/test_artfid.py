import numpy as np
import pytest

from style_gan_tf.metrics import Estimate, artfid


def test_the_product_and_its_error():
    found = artfid(Estimate(0.5, 0.1), Estimate(19.0, 2.0))
    assert found.value == pytest.approx(1.5 * 20)
    # Of independent factors, to first order: |d/dx|^2 + |d/dy|^2.
    assert found.error == pytest.approx(np.hypot(0.1 * 20, 2.0 * 1.5))
    assert artfid(Estimate(0.0, 0.0), Estimate(0.0, 0.0)) == (1.0, 0.0)
    assert np.isnan(artfid(Estimate(0.5, 0.1), Estimate(19.0, float("nan"))).error)
