"""Styles from reference pictures: what each loss holds against what."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives import NetworkChoice, Setting
from style_gan_tf.objectives.adversarial import ADVERSARIAL_LOSSES
from style_gan_tf.objectives.energy_score import energy_score
from style_gan_tf.objectives.feature_losses import (
    content_loss,
    gram_matrices,
    statistics_loss,
    style_loss,
)
from style_gan_tf.objectives.reference import Reference, code_distance
from tests.extractor_weights import write_vgg19

BATCH, CROP = 4, 32
SEED = tf.constant([4, 9])


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "w.npz"
    write_vgg19(path)
    return str(path)


def make(weights, styles=("ink", "oil"), crop=CROP, latent_dim=0, **options):
    keras.utils.set_random_seed(0)
    setting = Setting(
        generator=NetworkChoice("fast", {"filters": 4, "n_blocks": 1, "latent_dim": latent_dim}),
        discriminator=NetworkChoice(
            "patch", {"filters": 2, "n_layers": 1, "normalization": "none"}
        ),
        dtype="float32",
        batch=BATCH,
        crop=crop,
        styles=styles,
        short_side=44,
    )
    objective = Reference(Reference.Options(feature_weights=weights, **options), setting)
    rng = np.random.default_rng(0)
    for network in objective.networks.values():
        network.set_weights([w + rng.normal(0, 0.05, w.shape) for w in network.get_weights()])
    return objective


def test_the_generator_knows_the_size_that_it_learned_styles_at(weights):
    assert make(weights).generator.recipe["reference_side"] == 44


def draw(positions=range(BATCH), styles=2):
    rng = np.random.default_rng(1)
    content, style = rng.uniform(-0.8, 0.8, (2, BATCH, CROP, CROP, 3)).astype(np.float32)
    chosen = slice(positions.start, positions.stop)
    return {
        "content": tf.constant(content[chosen]),
        "style": tf.constant(style[chosen]),
        "style_index": tf.constant([p % styles for p in positions]),
        "positions": tf.constant(list(positions)),
    }


def test_each_result_is_held_against_its_own_reference(weights):
    objective = make(weights, style_weight=3.0, statistics_weight=2.0, content_weight=0.5)
    batch = draw()
    found = objective.losses(batch, SEED)["generator"]
    own = tf.one_hot(batch["style_index"], 2)
    codes = objective.generator.style_encoder(batch["style"])
    fake = objective.paint([batch["content"], own, codes])
    content, maps = objective.features.content_and_maps(fake)
    wanted = objective.features.maps(batch["style"])
    expected = {
        "content": 0.5 * content_loss(content, objective.features.content(batch["content"])),
        "style": 3.0 * style_loss(gram_matrices(maps), gram_matrices(wanted)),
        "statistics": 2.0 * statistics_loss(maps, wanted),
        "named": np.mean(np.square(objective.generator.get_layer("style_code")(own) - codes)),
    }
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-4, err_msg=name)
    turned = {**batch, "style": tf.roll(batch["style"], 1, axis=0)}
    assert abs(objective.losses(turned, SEED)["generator"]["style"] - found["style"]) > 1e-6


def test_statistics_loss_against_numpy():
    rng = np.random.default_rng(2)
    maps = [rng.normal(1, 2, (2, 5, 4, 3)).astype(np.float32)]
    wanted = [rng.normal(0, 1, (2, 6, 7, 3)).astype(np.float32)]

    def moments(x):
        return np.concatenate([x.mean((1, 2)), x.std((1, 2))], axis=1)

    found, target = moments(maps[0]), moments(wanted[0])
    expected = np.linalg.norm(found - target, axis=1) / np.linalg.norm(target, axis=1)
    np.testing.assert_allclose(statistics_loss(maps, wanted), expected.mean(), rtol=1e-4)
    assert statistics_loss(maps, maps) < 1e-5


def test_style_loss_takes_one_style_or_one_each():
    rng = np.random.default_rng(3)
    grams = [rng.normal(size=(2, 3, 3)).astype(np.float32)]
    one = [rng.normal(size=(3, 3)).astype(np.float32)]
    each = [np.stack([one[0], one[0]])]
    as_tensors = [[tf.constant(x) for x in y] for y in (one, each)]
    np.testing.assert_allclose(*(style_loss(grams, y) for y in as_tensors), rtol=1e-6)


def test_code_distance_is_relative_and_moves_the_found_alone():
    found, wanted = tf.Variable([[1.0, 2.0]]), tf.Variable([[2.0, 4.0]])
    with tf.GradientTape() as tape:
        loss = code_distance(found, wanted)
    np.testing.assert_allclose(loss, 0.5, rtol=1e-5)
    gradients = tape.gradient(loss, [found, wanted])
    assert gradients[0] is not None and gradients[1] is None


def test_encoder_and_generator_learn_from_the_style(weights):
    objective = make(weights, adversarial_weight=0)
    assert set(objective.networks) == {"generator"}
    with tf.GradientTape() as tape:
        loss = objective.losses(draw(), SEED)["generator"]["style"]
    encoder = objective.generator.style_encoder.trainable_variables
    for gradient in tape.gradient(loss, encoder):
        assert np.abs(gradient).max() > 0


def test_a_named_style_settles_at_the_mean_code(weights):
    objective = make(weights, styles=("all",))
    layer = objective.generator.get_layer("style_code")
    batch = draw(styles=1)
    mean = objective.generator.style_encoder(batch["style"]).numpy().mean(axis=0)
    layer.set_weights([mean[np.newaxis]])
    with tf.GradientTape() as tape:
        loss = objective.losses(batch, SEED)["generator"]["named"]
    assert np.abs(tape.gradient(loss, layer.kernel.value)).max() < 1e-5


def test_noise_learns_the_codes_of_its_collection(weights):
    objective = make(weights, latent_dim=3, renderings_weight=2.0)
    batch = draw()
    with tf.GradientTape() as tape:
        loss = objective.losses(batch, SEED)["generator"]["renderings"]
    own = tf.one_hot(batch["style_index"], 2)
    codes = objective.generator.style_encoder(batch["style"])
    seen = codes - objective.generator.get_layer("style_code")(own)
    draws = objective._drawn(own, batch["positions"], SEED)
    np.testing.assert_allclose(loss, 2.0 * energy_score(draws, seen), rtol=1e-4)
    assert draws.shape[0] == BATCH and np.std(draws, axis=1).min() > 0
    # The noise alone learns from it: the codes are what it shall draw.
    mapping = {id(v) for v in objective.generator.mapping.trainable_variables}
    variables = objective.generator.trainable_variables
    gradients = tape.gradient(loss, variables)
    reached = {id(v) for v, g in zip(variables, gradients, strict=True) if g is not None}
    assert reached == mapping


def test_noise_draws_as_its_style_is_spread(weights):
    """Fitted alone, to codes of two collections with another spread each."""
    objective = make(weights, latent_dim=3)
    mapping = objective.generator.mapping
    numbers = mapping.output.shape[-1]
    rng = np.random.default_rng(0)
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, 800))
    own = tf.one_hot([0, 0, 1, 1], 2)
    spread = np.float32([0.2, 0.2, 1.0, 1.0])[:, np.newaxis]

    @tf.function
    def step(seen, seed):
        with tf.GradientTape() as tape:
            loss = energy_score(objective._drawn(own, tf.range(4), seed), seen)
        variables = mapping.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)

    for index in range(800):
        # Along one direction: what a code's numbers have in common.
        seen = spread * rng.normal(size=(4, 1)).astype(np.float32) * np.ones(numbers, np.float32)
        step(tf.constant(seen), tf.constant([index, 1]))
    noise = rng.normal(size=(500, 3)).astype(np.float32)
    found = [np.std(np.mean(mapping([noise, np.tile(row, (500, 1))]), axis=1)) for row in np.eye(2)]
    np.testing.assert_allclose(found, [0.2, 1.0], rtol=0.25)


@pytest.mark.parametrize("adversarial", ADVERSARIAL_LOSSES)
def test_losses_are_finite_scalars(weights, adversarial):
    if ADVERSARIAL_LOSSES[adversarial].gradient_penalty:
        with pytest.raises(UsageError, match="its penalty lies between pictures of one style"):
            make(weights, adversarial=adversarial)
        return
    losses = make(weights, adversarial=adversarial, r1=1.0, tv_weight=1.0).losses(draw(), SEED)
    assert set(losses["discriminator"]) == {"adversarial", "r1"}
    for values in losses.values():
        for value in values.values():
            assert value.shape == () and value.dtype == tf.float32 and np.isfinite(value)


def test_losses_of_halves_average_to_those_of_the_whole(weights):
    objective = make(weights, latent_dim=3, diff_augment="color,translation,cutout")
    whole = objective.losses(draw(), SEED)
    halves = [objective.losses(draw(r), SEED) for r in (range(0, 2), range(2, 4))]
    for network, values in whole.items():
        for name, value in values.items():
            mean = np.mean([half[network][name] for half in halves])
            np.testing.assert_allclose(mean, value, rtol=1e-4, err_msg=f"{network}/{name}")


def test_what_cannot_be_trained_is_refused(weights):
    setting = make(weights).setting
    with pytest.raises(UsageError, match="--generator=resnet: knows one style alone"):
        Reference(
            Reference.Options(feature_weights=weights),
            dataclasses.replace(setting, generator=NetworkChoice("resnet")),
        )
    with pytest.raises(UsageError, match=r"--crop=8: .* takes pictures from 16 pixels on"):
        make(weights, crop=8)
    with pytest.raises(UsageError, match="style_weight"):
        Reference.Options(style_weight=-1.0)
