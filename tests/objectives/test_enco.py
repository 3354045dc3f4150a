import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import build_generator
from style_gan_tf.objectives import OBJECTIVES, NetworkChoice, Setting, find_objective
from style_gan_tf.objectives.enco import EnCo, enco_loss
from style_gan_tf.objectives.nce import NceOptions
from style_gan_tf.objectives.patch_nce import sample_patches
from tests.finite_scalars import check_finite_scalars
from tests.objective_contract import option_names, with_options

SEED = tf.constant([4, 9])


def units(seed, shape=(2, 5, 4)):
    values = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def test_it_is_twice_one_less_the_cosine():
    told, had = units(0), units(1)
    cosine = np.sum(told * had, -1)
    np.testing.assert_allclose(enco_loss(told, had), np.mean(2 - 2 * cosine), rtol=1e-5)
    assert float(enco_loss(had, had)) == 0
    factors = np.array([3, 0], np.float32)
    expected = 3 * np.mean(2 - 2 * cosine[0]) / 2
    np.testing.assert_allclose(enco_loss(told, had, factors), expected, rtol=1e-5)


def test_no_gradient_flows_into_the_encoder():
    told, had = tf.constant(units(0)), tf.constant(units(1))
    with tf.GradientTape() as tape:
        tape.watch([told, had])
        loss = enco_loss(told, had)
    to_told, to_had = tape.gradient(loss, [told, had])
    assert np.any(to_told.numpy()) and to_had is None


@pytest.mark.parametrize(("architecture", "stages"), [("fast", 1), ("resnet", 2)])
def test_the_stages_are_of_one_size_and_the_predictor_is_the_decoders_alone(architecture, stages):
    keras.utils.set_random_seed(0)
    generator = build_generator(architecture, filters=16, n_blocks=1)
    enco = EnCo(generator, width=32, patches=6, dtype="float32")
    assert enco.stages == stages
    images = np.random.default_rng(0).uniform(-1, 1, (2, 24, 24, 3)).astype(np.float32)
    output, *maps = enco.with_features(images)
    np.testing.assert_array_equal(output, generator(images))
    for had, told in zip(maps[:stages], maps[stages:], strict=True):
        assert had.shape == told.shape
    # The same patches on both sides: what tells them apart is the predictor.
    patches = sample_patches(maps[:stages], 6, SEED)
    found = enco.projection([*patches, *patches])
    for one, other in zip(found[:stages], found[stages:], strict=True):
        np.testing.assert_allclose(np.linalg.norm(one, axis=-1), 1, rtol=1e-4)
        assert np.abs(one - other).max() > 1e-3


def test_a_generator_without_such_stages_is_refused():
    with pytest.raises(UsageError, match=r"nce=enco: generator 'unet' has no decoder"):
        EnCo(build_generator("unet", filters=2, depth=2), width=8, patches=4, dtype="float32")


@pytest.mark.parametrize("name", with_options(NceOptions))
@pytest.mark.parametrize("flip", [False, True])
def test_objectives_train_by_it(name, flip):
    if flip and "flip_equivariance" not in option_names(name):
        return
    styles = ("oil", "ink") if "styles" in OBJECTIVES[name].reads else ()
    setting = Setting(
        generator=NetworkChoice("fast", {"filters": 4, "n_blocks": 1}),
        discriminator=NetworkChoice("patch", {"filters": 2, "n_layers": 1}),
        dtype="float32",
        batch=2,
        crop=24,
        styles=styles,
    )
    options = {"nce": "enco", "patches": 9, "projection": 8}
    options |= {"flip_equivariance": flip} if flip else {}
    objective_class = find_objective(name)
    objective = objective_class(objective_class.Options(**options), setting)
    images = np.random.default_rng(0).uniform(-0.9, 0.9, (2, 2, 24, 24, 3)).astype(np.float32)
    batch = {"content": images[0], "style": images[1], "positions": tf.range(2)}
    batch |= {"style_index": tf.constant([0, 1])} if styles else {}
    with tf.GradientTape() as tape:
        losses = objective.losses(batch, SEED)
    check_finite_scalars(losses)
    weights = objective.networks["projection"].trainable_variables
    gradients = tape.gradient(losses["projection"]["nce"], weights)
    assert all(g is not None for g in gradients) and any(np.any(g.numpy()) for g in gradients)
    with pytest.raises(UsageError, match="nce"):
        objective_class.Options(nce="mse")
