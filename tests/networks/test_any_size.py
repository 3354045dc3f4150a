import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from style_gan_tf.networks import any_size, build_generator


class Recorder:
    """Stands for a network: keeps what it was given, gives it back times `gain`."""

    def __init__(self, stride: int = 4, margin: int = 16, minimum: int = 4, gain: float = 1.0):
        self.stride, self.margin, self.minimum, self.gain = stride, margin, minimum, gain
        self.given, self.training, self.num_styles = None, None, 1
        self.takes_weights = False

    def __call__(self, images, training):
        self.given, self.training = images, training
        return images * self.gain


KINDS = {
    "fast": {"stride": 4, "margin": 16, "minimum": 4},
    "resnet": {"stride": 4, "margin": 0, "minimum": 8},
    "plain": {"stride": 1, "margin": 0, "minimum": 1},
}


def draw(height: int, width: int, batch: int = 1) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (batch, height, width, 3)).astype(np.float32)


def surround(size: int, stride: int, margin: int, minimum: int) -> tuple[int, int]:
    """The smallest surround that holds the margins; the picture stays on the stride's grid."""
    total = max(size + 2 * margin, minimum)
    while total % stride:
        total += 1
    before = next(n for n in range((total - size) // 2, -1, -1) if n % stride == 0)
    return before, total - size - before


def padded(x: np.ndarray, kind: dict[str, int]) -> np.ndarray:
    for axis in (1, 2):
        sides = [(0, 0)] * 4
        sides[axis] = surround(x.shape[axis], **kind)
        mode = "reflect" if max(sides[axis]) < x.shape[axis] else "edge"
        x = np.pad(x, sides, mode=mode)
    return x


@pytest.mark.parametrize("kind", KINDS)
def test_surround_is_numpys_and_is_cropped_off_again(kind):
    network = Recorder(**KINDS[kind])
    # Every height, those too where reflection just is, or just is not, possible.
    for height in range(1, 68):
        x = draw(height, height % 45 + 1)
        np.testing.assert_array_equal(any_size(network, x), x)
        np.testing.assert_array_equal(network.given, padded(x, KINDS[kind]))


@given(height=st.integers(1, 67), width=st.integers(1, 45), kind=st.sampled_from(list(KINDS)))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_what_the_network_gets_fits_it(height, width, kind):
    network = Recorder(**KINDS[kind])
    any_size(network, draw(height, width))
    for size, whole in zip((height, width), network.given.shape[1:3], strict=True):
        assert whole % network.stride == 0
        assert whole >= max(network.minimum, size + 2 * network.margin)
        assert whole < max(network.minimum, size + 2 * network.margin) + network.stride


@given(height=st.integers(1, 67), width=st.integers(1, 45))
@settings(max_examples=15, deadline=None, derandomize=True)
@pytest.mark.parametrize("architecture", ["fast", "resnet"])
def test_generators_keep_every_size(architecture, height, width):
    network = GENERATORS[architecture]
    x = draw(height, width)
    found = any_size(network, x)
    assert found.shape == x.shape
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 1.0
    if architecture == "fast":  # Untrained it gives the photo, border pixels too.
        np.testing.assert_allclose(found, 0.97 * x, atol=1e-6)


GENERATORS = {
    "fast": build_generator("fast", filters=4, n_blocks=1),
    "resnet": build_generator("resnet", filters=2, n_blocks=1),
}


def test_is_clipped_and_hands_training_on():
    network = Recorder(gain=3.0)
    x = draw(5, 9)
    np.testing.assert_array_equal(any_size(network, x, training=True), np.clip(3.0 * x, -1, 1))
    assert network.training is True
    any_size(network, x)
    assert network.training is False


def test_unknown_sizes_in_a_graph():
    network = GENERATORS["resnet"]
    run = tf.function(
        lambda images: any_size(network, images),
        input_signature=[tf.TensorSpec([None, None, None, 3])],
    )
    for height, width, batch in ((1, 1, 1), (3, 20, 2), (17, 33, 1)):
        x = draw(height, width, batch)
        np.testing.assert_allclose(run(x), any_size(network, x), atol=1e-5)
    assert run.get_concrete_function().output_shapes.as_list() == [None, None, None, 3]


def test_known_sizes_stay_known():
    traced = tf.function(lambda images: any_size(Recorder(), images)).get_concrete_function(
        tf.TensorSpec([2, 5, 9, 3])
    )
    assert traced.output_shapes.as_list() == [2, 5, 9, 3]
