import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import Network, build_generator
from style_gan_tf.objectives import NetworkChoice, Setting
from style_gan_tf.objectives.adversarial import ADVERSARIAL_LOSSES, r1_penalty
from style_gan_tf.objectives.cyclegan import Cyclegan
from tests.finite_scalars import check_finite_scalars

BATCH, CROP = 2, 24
SEED = tf.constant([4, 9])
GENERATORS = {"fast": {"filters": 4, "n_blocks": 1}, "resnet": {"filters": 2, "n_blocks": 1}}
NETWORKS = ["generator", "backward_generator", "discriminator", "content_discriminator"]


def make(
    architecture: str = "fast",
    discriminator: dict | None = None,
    generator: dict | None = None,
    dtype: str = "float32",
    **options,
) -> Cyclegan:
    keras.utils.set_random_seed(0)
    setting = Setting(
        generator=NetworkChoice(architecture, {**GENERATORS[architecture], **(generator or {})}),
        discriminator=NetworkChoice(
            "patch", {"filters": 2, "n_layers": 1, **(discriminator or {})}
        ),
        dtype=dtype,
        batch=BATCH,
        crop=CROP,
    )
    objective = Cyclegan(Cyclegan.Options(**{"pool_size": 0, **options}), setting)
    rng = np.random.default_rng(0)
    # No weight stays at the zero that it starts with: the head of `fast` hides the rest.
    for network in objective.networks.values():
        network.set_weights([w + rng.normal(0, 0.1, w.shape) for w in network.get_weights()])
    return objective


def draw(count: int = BATCH, seed: int = 1) -> dict[str, tf.Tensor]:
    rng = np.random.default_rng(seed)
    content, style = rng.uniform(-0.8, 0.8, (2, BATCH, CROP, CROP, 3)).astype(np.float32)
    return {
        "content": tf.constant(content[:count]),
        "style": tf.constant(style[:count]),
        "positions": tf.range(count),
    }


@pytest.mark.parametrize("architecture", GENERATORS)
@pytest.mark.parametrize("adversarial", ADVERSARIAL_LOSSES)
def test_losses_are_finite_scalars(architecture, adversarial):
    losses = make(architecture, adversarial=adversarial).losses(draw(), SEED)
    check_finite_scalars(losses)
    generator = {"adversarial", "cycle", "identity"}
    discriminator = {"adversarial"} | ({"penalty"} if adversarial == "wgan-gp" else set())
    assert {name: set(values) for name, values in losses.items()} == dict(
        zip(NETWORKS, [generator, generator, discriminator, discriminator], strict=True)
    )


def test_losses_are_put_together_as_in_the_paper():
    """Each part from separate passes of the networks."""
    objective = make(cycle_weight=4.0, identity_weight=0.25)
    batch = draw()
    content, style = batch["content"], batch["style"]
    there, back, judge_style, judge_content = (objective.networks[name] for name in NETWORKS)
    losses = objective.losses(batch, SEED)

    def distance(left, right) -> float:
        return np.abs(np.asarray(left, np.float64) - np.asarray(right)).mean()

    stylized, restored = there(content), back(style)
    cycle = 4 * (distance(back(stylized), content) + distance(there(restored), style))
    for name, identity, fake, judge in (
        ("generator", distance(there(style), style), stylized, judge_style),
        ("backward_generator", distance(back(content), content), restored, judge_content),
    ):
        np.testing.assert_allclose(losses[name]["cycle"], cycle, rtol=1e-4)
        np.testing.assert_allclose(losses[name]["identity"], 4 * 0.25 * identity, rtol=1e-4)
        adversarial = ((judge(fake).numpy() - 1) ** 2).mean()
        np.testing.assert_allclose(losses[name]["adversarial"], adversarial, rtol=1e-4)
    for name, judge, real, fake in (
        ("discriminator", judge_style, style, stylized),
        ("content_discriminator", judge_content, content, restored),
    ):
        # Halved twice: the least-squares loss's own half, and the slower discriminator.
        wanted = (((judge(real).numpy() - 1) ** 2).mean() + (judge(fake).numpy() ** 2).mean()) / 4
        np.testing.assert_allclose(losses[name]["adversarial"], wanted, rtol=1e-4)


@pytest.fixture
def identity(monkeypatch):
    """Makes both generators give back what they get."""
    inputs = keras.Input((None, None, 3))
    recipe = build_generator(filters=1, n_blocks=1).recipe
    monkeypatch.setattr(
        Setting,
        "build_generator",
        lambda self: Network(inputs, keras.layers.Activation("linear")(inputs), recipe=recipe),
    )


def test_generators_that_change_nothing_have_no_cycle_and_no_identity_loss(identity):
    losses = make().losses(draw(), SEED)
    for name in NETWORKS[:2]:
        assert float(losses[name]["cycle"]) == 0
        assert float(losses[name]["identity"]) == 0
        assert float(losses[name]["adversarial"]) > 0


def test_without_identity():
    with_it, without = make(), make(identity_weight=0.0)
    batch = draw()
    found, wanted = without.losses(batch, SEED), with_it.losses(batch, SEED)
    for name in NETWORKS[:2]:
        assert set(found[name]) == {"adversarial", "cycle"}
    for network, values in found.items():
        for name, value in values.items():
            np.testing.assert_allclose(value, wanted[network][name], rtol=1e-4)


@pytest.mark.parametrize("architecture", GENERATORS)
@pytest.mark.parametrize("options", [{}, {"pool_size": 4, "r1": 1.0}], ids=str)
def test_every_weight_gets_a_gradient(architecture, options):
    objective = make(architecture, discriminator={"normalization": "none"}, **options)
    with tf.GradientTape(persistent=True) as tape:
        losses = objective.losses(draw(), SEED)
        totals = {name: tf.add_n(list(values.values())) for name, values in losses.items()}
    for name, network in objective.networks.items():
        weights = network.trainable_weights
        found = tape.gradient(totals[name], [weight.value for weight in weights])
        for weight, gradient in zip(weights, found, strict=True):
            assert gradient is not None, (name, weight.path)
            # A bias before an instance normalization shifts what the normalization takes away.
            if not (architecture == "resnet" and "generator" in name and weight.name == "bias"):
                assert np.abs(gradient).max() > 0, (name, weight.path)


def test_discriminators_losses_do_not_reach_the_generators():
    objective = make(adversarial="wgan-gp", r1=1.0, pool_size=4)
    with tf.GradientTape(persistent=True) as tape:
        losses = objective.losses(draw(), SEED)
    for name in NETWORKS[2:]:
        for value in losses[name].values():
            for generator in NETWORKS[:2]:
                weights = [w.value for w in objective.networks[generator].trainable_weights]
                assert tape.gradient(value, weights) == [None] * len(weights)


@pytest.mark.parametrize(
    "options",
    [
        {"r1": 2.0, "diff_augment": "color,translation,cutout"},
        {"adversarial": "wgan-gp", "diff_augment": "translation"},
        {"pool_size": 1},
        {"cycle_weight": 0.0},
    ],
    ids=str,
)
def test_options(options):
    losses = make(**options).losses(draw(), SEED)
    check_finite_scalars(losses)
    for name in NETWORKS[2:]:
        assert ("r1" in losses[name]) == ("r1" in options)


def test_r1_is_the_penalty_at_real_images():
    objective = make(r1=3.0)
    losses = objective.losses(draw(), SEED)
    for name, images in (("discriminator", "style"), ("content_discriminator", "content")):
        wanted = 3 * r1_penalty(objective.networks[name], draw()[images])
        np.testing.assert_allclose(losses[name]["r1"], wanted, rtol=1e-4)
        assert wanted > 0


def test_r2_is_the_penalty_at_stylized_pictures():
    objective = make(r2=3.0, pool_size=0)
    losses = objective.losses(draw(), SEED)
    fake = objective.networks["generator"](draw()["content"], training=True)
    wanted = 3 * r1_penalty(objective.networks["discriminator"], fake)
    np.testing.assert_allclose(losses["discriminator"]["r2"], wanted, rtol=1e-4)
    assert wanted > 0


def test_pool_keeps_what_the_generators_made():
    objective = make(pool_size=6)
    assert set(objective.state) == {
        "style_pictures",
        "style_calls",
        "content_pictures",
        "content_calls",
    }
    for step in range(3):
        batch = draw(seed=step)
        objective.losses(batch, tf.constant([0, step]))
        for pool, network, images in (
            ("style", "generator", "content"),
            ("content", "backward_generator", "style"),
        ):
            stored = objective.state[f"{pool}_pictures"][step]
            np.testing.assert_allclose(
                stored, objective.networks[network](batch[images]), atol=1e-5
            )


def test_the_discriminator_sees_the_pool_and_the_generator_the_newest():
    options = {"adversarial": "wgan-gp"}
    objective, without = make(pool_size=2, **options), make(**options)
    objective.losses(draw(seed=5), tf.constant([0, 0]))
    older = {name: value.numpy() for name, value in objective.state.items()}
    seen = set()
    for step in range(1, 8):
        for name, value in older.items():
            objective.state[name].assign(value)
        seed = tf.constant([0, step])
        found, plain = objective.losses(draw(), seed), without.losses(draw(), seed)
        for name in NETWORKS[:2]:
            for loss, value in found[name].items():
                np.testing.assert_allclose(value, plain[name][loss], rtol=1e-4)
        exchanged = []
        for pool, name in (("style", "discriminator"), ("content", "content_discriminator")):
            pictures = f"{pool}_pictures"
            exchanged.append(bool((objective.state[pictures].numpy() != older[pictures]).any()))
            for loss, value in found[name].items():
                assert (abs(float(value - plain[name][loss])) > 1e-6) == exchanged[-1], loss
        seen.add(tuple(exchanged))
    # The two pools draw for themselves.
    assert (True, False) in seen or (False, True) in seen
    assert {both[0] for both in seen} == {True, False}


def split(batch: dict[str, tf.Tensor], index: int) -> dict[str, tf.Tensor]:
    return {name: value[index : index + 1] for name, value in batch.items()}


@pytest.mark.parametrize("architecture", GENERATORS)
@pytest.mark.parametrize(
    "options",
    [{}, {"adversarial": "wgan-gp", "diff_augment": "color,translation,cutout", "r1": 1.0}],
    ids=str,
)
def test_losses_of_halves_average_to_those_of_the_whole(architecture, options):
    objective = make(architecture, **options)
    whole = objective.losses(draw(), SEED)
    halves = [objective.losses(split(draw(), i), SEED) for i in range(BATCH)]
    for network, values in whole.items():
        for name, value in values.items():
            mean = np.mean([half[network][name] for half in halves])
            np.testing.assert_allclose(mean, value, rtol=1e-4, err_msg=f"{network}/{name}")


def test_batch_of_one():
    objective = make()
    objective.setting = dataclasses.replace(objective.setting, batch=1)
    check_finite_scalars(objective.losses(draw(1), SEED))


def test_batch_normalization():
    objective = make(generator={"normalization": "batch"}, discriminator={"normalization": "batch"})
    check_finite_scalars(objective.losses(draw(), SEED))


def test_mixed_bfloat16_is_close_to_float32():
    found, wanted = (make(dtype=d).losses(draw(), SEED) for d in ("mixed_bfloat16", "float32"))
    check_finite_scalars(found)
    for network, values in wanted.items():
        for name, value in values.items():
            np.testing.assert_allclose(found[network][name], value, rtol=0.1, err_msg=name)


def test_networks_and_what_is_exported():
    objective = make()
    assert list(objective.networks) == NETWORKS
    assert objective.exported == "generator"
    there, back = (objective.networks[name] for name in NETWORKS[:2])
    assert there is not back
    assert not {id(w) for w in there.weights} & {id(w) for w in back.weights}


@pytest.mark.parametrize(
    "options", [{"adversarial": "ns"}, {"diff_augment": "blur"}], ids=lambda x: next(iter(x))
)
def test_wrong_options_give_one_line(options):
    with pytest.raises(UsageError, match="choose") as error:
        make(**options)
    assert "\n" not in str(error.value)
