import keras
import numpy as np
import pytest
import tensorflow as tf

import style_gan_tf
from style_gan_tf.errors import UsageError
from style_gan_tf.networks import build_discriminator, iterate_spectral


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ({}, 2_764_737),
        ({"normalization": "batch"}, 2_765_633),
        ({"normalization": "batch", "channels": 6}, 2_768_705),
        ({"spectral": True}, 2_764_737),
    ],
)
def test_parameter_count_is_the_references(options, count):
    network = build_discriminator("patch", **options)
    assert sum(int(np.prod(w.shape)) for w in network.trainable_weights) == count


def test_importable_from_the_package():
    assert style_gan_tf.build_discriminator is build_discriminator


@pytest.mark.parametrize(("n_layers", "side"), [(1, 16), (2, 34), (3, 70)])
def test_receptive_field(n_layers, side):
    network = build_discriminator(filters=2, n_layers=n_layers, normalization="none")
    # Positive weights on positive pictures: no path is cut by a slope of the activation.
    network.set_weights([np.full_like(w, 0.1) for w in network.get_weights()])
    images = tf.ones([1, 96, 128, 3])
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = network(images)
        logit = logits[0, logits.shape[1] // 2, logits.shape[2] // 2, 0]
    gradient = np.abs(tape.gradient(logit, images)[0]).sum(-1)
    rows, columns = gradient.any(1).nonzero()[0], gradient.any(0).nonzero()[0]
    assert rows[-1] - rows[0] + 1 == side
    assert columns[-1] - columns[0] + 1 == side
    # One window without holes.
    assert (len(rows), len(columns)) == (side, side)


@pytest.mark.parametrize("n_layers", [1, 2, 3])
def test_minimum_gives_one_patch_and_less_gives_none(n_layers):
    network = build_discriminator(filters=2, n_layers=n_layers)
    side = network.minimum
    assert network(draw(1, side, side, 3)).shape == (1, 1, 1, 1)

    def patches(height: int, width: int) -> int:
        try:
            return int(tf.size(network(draw(1, height, width, 3))))
        except (tf.errors.InvalidArgumentError, ValueError):
            return 0

    assert patches(side - 1, side) == patches(side, side - 1) == 0


@pytest.mark.parametrize(("side", "rows"), [(256, 30), (128, 14), (70, 6)])
def test_number_of_patches(side, rows):
    network = build_discriminator(filters=2)
    assert network(draw(1, side, side, 3)).shape == (1, rows, rows, 1)


@pytest.mark.parametrize("normalization", ["instance", "batch", "none"])
def test_probability_is_the_sigmoid_of_the_logits(normalization):
    keras.utils.set_random_seed(0)
    options = {"filters": 4, "n_layers": 2, "normalization": normalization}
    logits = build_discriminator(**options)
    probability = build_discriminator(**options, probability=True)
    rng = np.random.default_rng(1)
    weights = [w + rng.uniform(0, 0.05, w.shape) for w in logits.get_weights()]
    logits.set_weights(weights)
    probability.set_weights(weights)
    images = draw(2, 32, 28, 3)
    wanted = 1 / (1 + np.exp(-logits(images).numpy().astype(np.float64)))
    found = probability(images).numpy()
    assert found.std() > 1e-3
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_every_kernel_draws_numbers_of_its_own():
    keras.utils.set_random_seed(0)
    network = build_discriminator(filters=8)
    kernels = [w.numpy().ravel()[:100] for w in network.weights if w.name == "kernel"]
    assert len(kernels) == 5
    for i, left in enumerate(kernels):
        assert 0.01 < left.std() < 0.03
        for right in kernels[i + 1 :]:
            assert abs(np.corrcoef(left, right)[0, 1]) < 0.5


def test_spectral_bounds_every_kernel():
    keras.utils.set_random_seed(0)
    network = build_discriminator(filters=4, n_layers=1, normalization="none", spectral=True)
    kernels = [w for w in network.trainable_weights if w.name == "kernel"]
    singular = [w for w in network.non_trainable_weights]
    assert len(singular) == len(kernels) == 3
    images = draw(1, 16, 16, 3)
    before = network(images)
    for _ in range(30):
        iterate_spectral(network)
    # A kernel ten times as large is the same kernel.
    steady = network(images)
    assert np.abs(steady - before).max() > 0
    for kernel in kernels:
        kernel.assign(10 * kernel)
    np.testing.assert_allclose(network(images), steady, rtol=1e-3, atol=1e-5)


def test_bfloat16_is_close_to_float32():
    keras.utils.set_random_seed(0)
    low = build_discriminator(filters=4, n_layers=1, dtype="mixed_bfloat16")
    high = build_discriminator(filters=4, n_layers=1)
    high.set_weights([10 * w for w in low.get_weights()])
    low.set_weights(high.get_weights())
    images = draw(1, 16, 16, 3)
    found, wanted = low(images), high(images).numpy()
    assert found.dtype == tf.float32
    assert 0 < np.abs(found - wanted).mean() < 0.05 * wanted.std()


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (["face"], {}, "unknown discriminator 'face': choose one of image, "),
        (["patch"], {"depth": 3}, "has no option 'depth'; it has filters, n_layers"),
        (["patch"], {"normalization": "layer"}, "choose one of instance, batch, none"),
        (["patch"], {"spectral": "perhaps"}, "discriminator.spectral=perhaps: expected bool"),
        (["patch"], {"n_layers": "0"}, "discriminator.n_layers=0: must be at least 1"),
    ],
)
def test_a_wrong_choice_gives_one_line(arguments, options, message):
    with pytest.raises(UsageError) as error:
        build_discriminator(*arguments, **options)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_texts_are_read():
    options = build_discriminator(filters="2", n_layers="1", spectral="true").recipe["options"]
    assert (options["filters"], options["n_layers"], options["spectral"]) == (2, 1, True)
