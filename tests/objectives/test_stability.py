import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives import OBJECTIVES, NetworkChoice, Setting, find_objective, stability
from style_gan_tf.objectives.stability import inside, random_transforms, stability_loss, warp
from tests.objective_contract import option_names, with_option

SEED = tf.constant([3, 7])
SIZE = (40, 56)


def draw(count=4, size=SIZE):
    """Smooth pictures, whose bilinear interpolation is near the truth."""
    coarse = np.random.default_rng(0).uniform(-0.8, 0.8, (count, 5, 7, 3)).astype(np.float32)
    return tf.image.resize(coarse, size, method="bicubic")


def loss(generator, images=None, first=0, last=4):
    images = draw() if images is None else images
    part = images[first:last]
    return stability_loss(generator, part, generator(part), SEED, tf.range(first, last), 4)


@pytest.fixture
def no_noise(monkeypatch):
    monkeypatch.setattr(stability, "_NOISE", 0.0)


def test_a_generator_of_single_pixels_is_stable(no_noise):
    assert float(loss(lambda x: x)) < 1e-6
    assert float(loss(lambda x: 0.5 * x[..., ::-1] - 0.1)) < 1e-6
    # Bilinear interpolation and a curve do not commute exactly.
    assert float(loss(lambda x: tf.tanh(x))) < 1e-3


def test_noise_alone_is_what_the_identity_is_charged(monkeypatch):
    monkeypatch.setattr(stability, "_NOISE", 0.05)
    # E|n| of a normal distribution; pictures keep off the clipping.
    assert float(loss(lambda x: x)) == pytest.approx(0.05 * np.sqrt(2 / np.pi), rel=0.02)


def test_what_sticks_to_the_frame_is_charged(no_noise):
    """A pattern of four pixels, as a generator's grid, stays where it is when the picture moves."""
    rows = (tf.range(SIZE[0]) // 2 % 2)[:, None, None]
    pattern = tf.cast(rows, tf.float32) * tf.ones([SIZE[0], SIZE[1], 3])
    assert float(loss(lambda x: 0.5 * x + 0.4 * pattern)) > 0.05


def test_borders_do_not_count(no_noise):
    def disturbed(images):
        middle = images[:, 5:-5, 5:-5]
        return tf.pad(middle, [[0, 0], [5, 5], [5, 5], [0, 0]], constant_values=9.0)

    assert float(loss(disturbed)) < 1e-6


def test_the_shift_is_where_it_is_said_to_be():
    ramp = tf.tile(tf.range(SIZE[1], dtype=tf.float32)[None, None, :, None], [1, SIZE[0], 1, 1])
    transform = tf.constant([[1.0, 0, 2.5, 0, 1, 0, 0, 0]])
    np.testing.assert_allclose(warp(ramp, transform)[0, 0, :50, 0], np.arange(50) + 2.5, rtol=1e-5)
    seen = inside(transform, *SIZE).numpy()[0]
    margin = min(SIZE) // 8
    assert seen[margin:-margin].max() == 1 and not seen[:margin].any()
    row = seen[SIZE[0] // 2]
    wanted = np.arange(SIZE[1])
    reach = (wanted >= margin) & (wanted + 2.5 <= SIZE[1] - 1 - margin)
    np.testing.assert_array_equal(row, reach.astype(np.float32))


def test_transforms_keep_the_middle_but_for_the_shift():
    transforms = random_transforms(200, 33, 65, SEED).numpy()
    x = transforms[:, 0] * 32 + transforms[:, 2] - 32
    y = transforms[:, 4] * 16 + transforms[:, 5] - 16
    assert np.abs(np.stack([x, y])).max() <= 8.001 and np.abs(x).max() > 6 < np.abs(y).max()
    assert np.abs(transforms[:, 0] - 1).max() <= 0.0501
    np.testing.assert_array_equal(transforms[:, 0], transforms[:, 4])


def test_halves_of_a_batch_mean_the_same_as_the_whole():
    kernel = np.random.default_rng(1).normal(size=(3, 3, 3, 3)).astype(np.float32)

    def generator(x):
        return tf.tanh(tf.nn.conv2d(x, kernel, 1, "SAME"))

    halves = [float(loss(generator, first=a, last=a + 2)) for a in (0, 2)]
    assert float(loss(generator)) == pytest.approx(np.mean(halves), rel=1e-4)
    assert halves[0] != halves[1]


def test_the_gradient_comes_by_the_moved_picture_alone():
    weight = tf.Variable(0.5)
    images = draw()

    def generator(x):
        return weight * x + 0.1 * tf.sin(40 * x)

    with tf.GradientTape(persistent=True) as tape:
        outputs = generator(images)
        tape.watch(outputs)
        total = stability_loss(generator, images, outputs, SEED, tf.range(4), 4)
    assert tape.gradient(total, outputs) is None
    assert abs(float(tape.gradient(total, weight))) > 1e-6


def test_in_a_graph_of_half_precision():
    kernel = tf.random.stateless_normal([3, 3, 3, 3], SEED)

    @tf.function
    def step(images):
        def generator(x):
            answer = tf.nn.conv2d(tf.cast(x, tf.bfloat16), tf.cast(kernel, tf.bfloat16), 1, "SAME")
            return tf.cast(answer, tf.float32)

        return stability_loss(generator, images, generator(images), SEED, tf.range(4), 4)

    found = step(draw())
    assert found.dtype == tf.float32 and np.isfinite(found)


_TINY = {"patches": 16, "projection": 8, "identity_nce": False, "pool_size": 0, "style_scales": 1}


@pytest.mark.parametrize("name", with_option("stability_weight"))
def test_objectives_charge_it_to_every_generator(name):
    keras.utils.set_random_seed(0)
    entry, kind = OBJECTIVES[name], find_objective(name)
    several = "styles" in entry.reads
    setting = Setting(
        NetworkChoice("fast", {"filters": 4, "n_blocks": 1}),
        NetworkChoice("patch", {"filters": 2, "n_layers": 1}),
        dtype="float32",
        batch=2,
        crop=24,
        styles=("ink", "oil") if several else (),
    )
    options = {key: value for key, value in _TINY.items() if key in option_names(name)}
    generators = [kind.exported, *kind.beside]
    names = [image for image in entry.images if image != "style_index"]
    batch = {n: draw(2, (24, 24)) * (0.5 + i) for i, n in enumerate(names)}
    batch |= {"positions": tf.range(2), "style_index": tf.range(2)}
    without = kind(kind.Options(**options), setting)
    assert not any("stability" in v for v in without.losses(batch, SEED).values())
    objective = kind(kind.Options(stability_weight=3.0, **options), setting)
    rng = np.random.default_rng(0)
    for key in generators:
        network = objective.networks[key]
        network.set_weights([w + rng.normal(0, 0.1, w.shape) for w in network.get_weights()])
    losses = objective.losses(batch, SEED)
    charged = [key for key, values in losses.items() if "stability" in values]
    assert charged == generators
    if not several:  # There the generator takes style weights as well.
        for key, images in zip(generators, (batch[n] for n in names), strict=False):
            network = objective.networks[key]
            wanted = 3 * stability_loss(network, images, network(images), SEED, tf.range(2), 2)
            np.testing.assert_allclose(losses[key]["stability"], wanted, rtol=1e-3)
    with pytest.raises(UsageError, match="stability_weight=-1"):
        kind.Options(stability_weight=-1.0)
