import numpy as np
import pytest

from style_gan_tf.training.schedules import ema_decay, learning_rate


@pytest.mark.parametrize(
    ("schedule", "step", "factor"),
    [
        ("constant", 0, 1.0),
        ("constant", 10_000, 1.0),
        ("linear", 0, 1.0),
        ("linear", 50, 1.0),
        ("linear", 75, 0.5),
        ("linear", 100, 0.0),
        ("linear", 120, 0.0),
        ("cosine", 0, 1.0),
        ("cosine", 50, 0.5),
        ("cosine", 25, 0.5 + 0.5 * np.cos(np.pi / 4)),
        ("cosine", 100, 0.0),
    ],
)
def test_learning_rate(schedule, step, factor):
    assert float(learning_rate(schedule, 2e-4, step, 100)) == pytest.approx(2e-4 * factor, abs=1e-9)


def test_the_moving_average_starts_fast_and_ends_at_its_decay():
    assert float(ema_decay(0.999, 0)) == pytest.approx(0.1)
    assert float(ema_decay(0.999, 90)) == pytest.approx(0.91)
    assert float(ema_decay(0.999, 1_000_000)) == pytest.approx(0.999)
    assert float(ema_decay(0.0, 100)) == 0.0
