import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.networks import any_size
from style_gan_tf.objectives import NetworkChoice, Setting, find_objective
from style_gan_tf.objectives.adversarial import ADVERSARIAL_LOSSES
from style_gan_tf.objectives.feature_losses import content_loss, style_loss, total_variation
from style_gan_tf.objectives.perceptual import Perceptual
from tests.extractor_weights import write_vgg19

BATCH, CROP = 4, 32
SEED = tf.constant([4, 9])


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "w.npz"
    write_vgg19(path)
    return str(path)


def make(weights, dtype="float32", crop=CROP, generator=None, **options):
    keras.utils.set_random_seed(0)
    setting = Setting(
        generator=NetworkChoice("fast", {"filters": 4, "n_blocks": 1, **(generator or {})}),
        discriminator=NetworkChoice("patch", {"filters": 2, "n_layers": 1}),
        dtype=dtype,
        batch=BATCH,
        crop=crop,
    )
    chosen = Perceptual.Options(feature_weights=weights, **{"style_scales": 2, **options})
    objective = Perceptual(chosen, setting)
    rng = np.random.default_rng(0)
    for network in objective.networks.values():
        network.set_weights([w + rng.normal(0, 0.1, w.shape) for w in network.get_weights()])
    objective.study([paintings()])
    return objective


def paintings():
    rng = np.random.default_rng(5)
    return [rng.uniform(-1, 1, (*size, 3)).astype(np.float32) for size in ((32, 50), (40, 32))]


def draw(first=0, last=BATCH):
    rng = np.random.default_rng(1)
    content, style = rng.uniform(-0.8, 0.8, (2, BATCH, CROP, CROP, 3)).astype(np.float32)
    return {
        "content": tf.constant(content[first:last]),
        "style": tf.constant(style[first:last]),
        "positions": tf.range(first, last),
    }


def test_losses_are_put_together_as_in_the_paper(weights):
    objective = make(weights, content_weight=2.0, style_weight=3.0, tv_weight=0.5)
    found = objective.losses(draw(), SEED)
    assert set(found) == {"generator"} == set(objective.networks)
    features = objective.features
    stylized = objective.networks["generator"](draw()["content"])
    content, grams = features.content_and_style(stylized)
    wanted = {
        "content": 2 * content_loss(content, features.content(draw()["content"])),
        "style": 3 * style_loss(grams, features.style(paintings())),
        "tv": 0.5 * total_variation(stylized),
    }
    assert set(found["generator"]) == set(wanted)
    for name, value in wanted.items():
        loss = found["generator"][name]
        assert loss.dtype == tf.float32 and loss.shape == ()
        np.testing.assert_allclose(loss, value, rtol=1e-4, err_msg=name)


def test_halves_of_a_batch_mean_the_same_as_the_whole(weights):
    objective = make(weights, tv_weight=0.1, adversarial_weight=1.0, adversarial="lsgan")
    whole = objective.losses(draw(), SEED)
    halves = [objective.losses(draw(a, a + 2), SEED) for a in (0, 2)]
    for network, values in whole.items():
        for name, value in values.items():
            mean = np.mean([half[network][name] for half in halves])
            np.testing.assert_allclose(value, mean, rtol=1e-4, err_msg=name)


def test_targets_are_in_the_state(weights):
    objective = make(weights)
    assert [v.shape for v in objective.state.values()] == [(n, n) for n in [64, 128, 256] * 2]
    wanted = objective.features.style(paintings())
    for variable, gram in zip(objective.state.values(), wanted, strict=True):
        np.testing.assert_array_equal(variable, gram)
        assert float(tf.reduce_sum(tf.abs(gram))) > 0


def test_every_weight_of_the_generator_gets_a_gradient(weights):
    objective = make(weights)
    generator = objective.networks["generator"]
    with tf.GradientTape() as tape:
        loss = tf.add_n(list(objective.losses(draw(), SEED)["generator"].values()))
    gradients = tape.gradient(loss, generator.trainable_variables)
    for weight, gradient in zip(generator.trainable_variables, gradients, strict=True):
        assert gradient is not None and float(tf.reduce_max(tf.abs(gradient))) > 0, weight.path


@pytest.mark.parametrize("adversarial", ADVERSARIAL_LOSSES)
def test_an_adversarial_term_beside_them(weights, adversarial):
    objective = make(
        weights,
        adversarial_weight=0.5,
        adversarial=adversarial,
        r1=0.1,
        diff_augment="color",
        style_layers="relu1_1",
        content_layer="relu1_1",
    )
    losses = objective.losses(draw(), SEED)
    penalty = {"penalty"} if adversarial == "wgan-gp" else set()
    assert set(losses["generator"]) == {"content", "style", "adversarial"}
    assert set(losses["discriminator"]) == {"adversarial", "r1"} | penalty
    assert all(
        np.isfinite(v) and v.dtype == tf.float32 for n in losses.values() for v in n.values()
    )


def test_it_learns_in_bfloat16(weights):
    objective = make(weights, "mixed_bfloat16", style_layers="relu1_1", style_scales=1)
    generator = objective.networks["generator"]
    batch = draw()

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.add_n(list(objective.losses(batch, SEED)["generator"].values()))
        gradients = tape.gradient(loss, generator.trainable_variables)
        for weight, gradient in zip(generator.trainable_variables, gradients, strict=True):
            size = tf.sqrt(tf.reduce_mean(tf.square(gradient))) + 1e-12
            weight.assign_sub(0.01 * gradient / size)
        return loss

    losses = [float(step()) for _ in range(15)]
    assert np.mean(losses[-3:]) < 0.7 * losses[0]
    assert any_size(generator, batch["content"]).dtype == tf.float32


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"style_size": 12}, "style_size=12: .* from 16 pixels on"),
        ({"crop": 12}, "--crop=12"),
        ({"content_layer": "relu5_1"}, "content_layer=relu5_1"),
        ({"adversarial": "kind"}, "adversarial=kind"),
        ({"style_weight": -1.0}, "style_weight=-1"),
        ({"style_scales": 0}, "style_scales=0"),
    ],
)
def test_what_cannot_be(weights, options, words):
    with pytest.raises(UsageError, match=words):
        make(weights, **options)


def test_without_a_file_it_is_vgg19_of_the_package(tmp_path):
    assert len(make("").features.extractor.layers) == 3
    with pytest.raises(UserError, match=r"--set feature_weights=.*none.npz: no such file"):
        make(str(tmp_path / "none.npz"))


def test_it_is_in_the_registry():
    assert find_objective("perceptual") is Perceptual
