import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import build_discriminator
from style_gan_tf.objectives.adversarial import (
    ADVERSARIAL_LOSSES,
    adversarial_loss,
    gradient_penalty,
    r1_penalty,
)

REAL = np.array([[-1.5, 0.0], [0.5, 3.0]])
FAKE = np.array([[2.0, -0.5], [0.0, -3.0]])


def probability(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


# Generator's and discriminator's loss, in the papers' terms: D is a probability for the first two.
CLOSED_FORMS = {
    "bce": (
        lambda real, fake: -np.log(probability(fake)).mean(),
        lambda real, fake: -np.log(probability(real)).mean() - np.log(1 - probability(fake)).mean(),
    ),
    "minimax": (
        lambda real, fake: np.log(1 - probability(fake)).mean(),
        lambda real, fake: -np.log(probability(real)).mean() - np.log(1 - probability(fake)).mean(),
    ),
    "lsgan": (
        lambda real, fake: ((fake - 1) ** 2).mean(),
        lambda real, fake: ((real - 1) ** 2).mean() / 2 + (fake**2).mean() / 2,
    ),
    "hinge": (
        lambda real, fake: -fake.mean(),
        lambda real, fake: np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean(),
    ),
    "relativistic": (
        lambda real, fake: -np.log(probability(fake - real)).mean(),
        lambda real, fake: -np.log(probability(real - fake)).mean(),
    ),
    "wgan-gp": (
        lambda real, fake: -fake.mean(),
        lambda real, fake: fake.mean() - real.mean(),
    ),
}


def logits(values: np.ndarray) -> tf.Tensor:
    return tf.constant(values, tf.float32)


def test_each_loss_has_its_closed_form():
    assert set(CLOSED_FORMS) == set(ADVERSARIAL_LOSSES)


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_losses_are_their_closed_forms(name):
    pair = adversarial_loss(name)
    for player, form in zip((pair.generator, pair.discriminator), CLOSED_FORMS[name], strict=True):
        value = player(logits(REAL), logits(FAKE))
        assert value.shape == ()
        np.testing.assert_allclose(value, form(REAL, FAKE), rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "generator", "discriminator"),
    [
        # At logits of zero D = 1/2 for the first two.
        ("bce", np.log(2), 2 * np.log(2)),
        ("minimax", -np.log(2), 2 * np.log(2)),
        ("lsgan", 1.0, 0.5),
        ("hinge", 0.0, 2.0),
        ("relativistic", np.log(2), np.log(2)),
        ("wgan-gp", 0.0, 0.0),
    ],
)
def test_values_where_the_discriminator_does_not_know(name, generator, discriminator):
    pair, zeros = adversarial_loss(name), tf.zeros([2, 3, 3, 1])
    np.testing.assert_allclose(pair.generator(zeros, zeros), generator, rtol=1e-6)
    np.testing.assert_allclose(pair.discriminator(zeros, zeros), discriminator, rtol=1e-6)


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_which_way_each_player_pulls(name):
    """The generator wants fake logits up; the discriminator real ones up and fake ones down."""
    real, fake = tf.constant([0.3, 0.5]), tf.constant([0.2, 0.7])
    pair = adversarial_loss(name)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        generator, discriminator = pair.generator(real, fake), pair.discriminator(real, fake)
    assert (tape.gradient(generator, fake).numpy() < 0).all()
    to_real = tape.gradient(generator, real)
    if name == "relativistic":  # Fake ones shall win over real ones.
        assert (to_real.numpy() > 0).all()
    else:
        assert to_real is None
    assert (tape.gradient(discriminator, real).numpy() < 0).all()
    assert (tape.gradient(discriminator, fake).numpy() > 0).all()


def test_the_minimax_generator_saturates_where_the_other_does_not():
    fake = tf.constant([-20.0])
    slopes = {}
    for name in ("bce", "minimax"):
        with tf.GradientTape() as tape:
            tape.watch(fake)
            loss = adversarial_loss(name).generator(fake, fake)
        slopes[name] = float(tape.gradient(loss, fake)[0])
    np.testing.assert_allclose(slopes["bce"], -1.0, rtol=1e-6)
    np.testing.assert_allclose(slopes["minimax"], -np.exp(-20.0), rtol=1e-3)


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_finite_at_extreme_logits(name):
    extreme = tf.constant([-1e4, 1e4])
    pair = adversarial_loss(name)
    for value in (pair.generator(extreme, extreme), pair.discriminator(extreme, extreme)):
        assert np.isfinite(value)


def test_only_wgan_gp_has_a_penalty():
    penalties = {name: pair.gradient_penalty for name, pair in ADVERSARIAL_LOSSES.items()}
    assert penalties.pop("wgan-gp") == 10
    assert set(penalties.values()) == {0}


def test_unknown_name():
    with pytest.raises(UsageError, match="adversarial=ns: choose one of bce, minimax") as error:
        adversarial_loss("ns")
    assert "\n" not in str(error.value)


IMAGES = np.random.default_rng(0).normal(size=(3, 4, 5, 2)).astype(np.float32)
WEIGHTS = np.random.default_rng(1).normal(size=(4, 5, 2)).astype(np.float32)


def linear(images):
    """Logits [batch, 1]: the gradient is WEIGHTS everywhere."""
    return tf.reduce_sum(images * WEIGHTS, axis=[1, 2, 3])[:, None]


def quadratic(images):
    """Two patches that average to sum(weights * x^2): the gradient is 2 * weights * x."""
    value = tf.reduce_sum(WEIGHTS * tf.square(images), axis=[1, 2, 3])
    return tf.stack([value * 0.5, value * 1.5], axis=1)[:, :, None, None]


def test_r1_of_a_linear_discriminator():
    wanted = 0.5 * (WEIGHTS.astype(np.float64) ** 2).sum()
    np.testing.assert_allclose(r1_penalty(linear, tf.constant(IMAGES)), wanted, rtol=1e-5)


def test_r1_of_a_quadratic_discriminator():
    gradients = 2 * WEIGHTS.astype(np.float64) * IMAGES
    wanted = 0.5 * (gradients**2).sum((1, 2, 3)).mean()
    np.testing.assert_allclose(r1_penalty(quadratic, tf.constant(IMAGES)), wanted, rtol=1e-5)


def test_gradient_penalty_of_a_linear_discriminator():
    wanted = (np.linalg.norm(WEIGHTS.astype(np.float64)) - 1) ** 2
    found = gradient_penalty(linear, tf.constant(IMAGES), tf.constant(-IMAGES), tf.ones([3]))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_gradient_penalty_of_a_quadratic_discriminator():
    fake = np.random.default_rng(2).normal(size=IMAGES.shape).astype(np.float32)
    mix = np.array([0.0, 0.25, 1.0])
    weight = mix[:, None, None, None]
    between = weight * IMAGES + (1 - weight) * fake
    norms = np.sqrt(((2 * WEIGHTS * between) ** 2).sum((1, 2, 3)))
    found = gradient_penalty(quadratic, tf.constant(IMAGES), tf.constant(fake), logits(mix))
    np.testing.assert_allclose(found, ((norms - 1) ** 2).mean(), rtol=1e-5)


def test_gradient_penalty_is_finite_where_the_gradient_vanishes():
    zeros, scale = tf.zeros([1, 4, 5, 2]), tf.Variable(1.0)
    with tf.GradientTape() as tape:
        value = gradient_penalty(lambda x: scale * quadratic(x), zeros, zeros, tf.ones([1]))
    np.testing.assert_allclose(value, 1.0, rtol=1e-5)
    assert np.isfinite(tape.gradient(value, scale))


def test_gradient_penalty_sends_nothing_back_to_the_generator():
    fake = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(fake)
        value = gradient_penalty(quadratic, tf.constant(IMAGES), fake, tf.zeros([3]))
    assert tape.gradient(value, fake) is None


@pytest.mark.parametrize("penalty", ["r1", "gradient penalty"])
@pytest.mark.parametrize("options", [{}, {"spectral": True}, {"normalization": "none"}], ids=str)
def test_second_order_gradients_reach_a_patchgans_kernels(penalty, options):
    keras.utils.set_random_seed(0)
    network = build_discriminator(filters=4, n_layers=2, **options)
    network.set_weights([5 * w for w in network.get_weights()])
    real, fake = (
        tf.constant(np.random.default_rng(i).uniform(-1, 1, (2, 32, 32, 3)), tf.float32)
        for i in range(2)
    )

    def judge(images):
        return network(images, training=True)

    with tf.GradientTape() as tape:
        if penalty == "r1":
            value = r1_penalty(judge, real)
        else:
            value = gradient_penalty(judge, real, fake, tf.constant([0.3, 0.8]))
    kernels = [w.value for w in network.trainable_weights if w.name == "kernel"]
    gradients = tape.gradient(value, kernels)
    assert len(gradients) == 4
    assert all(g is not None and np.abs(g).max() > 0 for g in gradients)
    assert np.isfinite(value)


def test_r1_second_order_gradient_is_the_slope_of_the_penalty():
    weights = tf.Variable(WEIGHTS)
    with tf.GradientTape() as tape:
        value = r1_penalty(
            lambda x: tf.reduce_sum(x * weights, axis=[1, 2, 3])[:, None], tf.constant(IMAGES)
        )
    # d/dw of |w|^2 / 2
    np.testing.assert_allclose(tape.gradient(value, weights), WEIGHTS, rtol=1e-5)
