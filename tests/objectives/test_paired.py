import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.networks import build_discriminator
from style_gan_tf.networks.extractors import normalised_vgg19
from style_gan_tf.objectives import NetworkChoice, Setting, read_options
from style_gan_tf.objectives.adversarial import ADVERSARIAL_LOSSES, r1_penalty
from style_gan_tf.objectives.paired import Paired
from tests.extractor_weights import write_vgg19
from tests.finite_scalars import check_finite_scalars

BATCH, CROP = 2, 24
SEED = tf.constant([4, 9])


def make(
    discriminator: object = "patch",
    discriminator_options: dict | None = None,
    dtype: str = "float32",
    **options,
) -> Paired:
    keras.utils.set_random_seed(0)
    tiny = {"filters": 2, "n_layers": 1} if discriminator == "patch" else {}
    setting = Setting(
        generator=NetworkChoice("restorer", {"filters": 4, "n_blocks": 1}),
        discriminator=NetworkChoice(discriminator, {**tiny, **(discriminator_options or {})}),
        dtype=dtype,
        batch=BATCH,
        crop=CROP,
    )
    objective = Paired(Paired.Options(**options), setting)
    rng = np.random.default_rng(0)
    # No weight stays at the zero that it starts with.
    for network in objective.networks.values():
        network.set_weights([w + rng.normal(0, 0.1, w.shape) for w in network.get_weights()])
    return objective


def draw(count: int = BATCH) -> dict[str, tf.Tensor]:
    rng = np.random.default_rng(1)
    content, target = rng.uniform(-0.8, 0.8, (2, BATCH, CROP, CROP, 3)).astype(np.float32)
    return {
        "content": tf.constant(content[:count]),
        "target": tf.constant(target[:count]),
        "positions": tf.range(count),
    }


@pytest.mark.parametrize("adversarial", ADVERSARIAL_LOSSES)
def test_losses_are_finite_scalars(adversarial):
    losses = make(adversarial=adversarial, r1=1.0, r2=1.0).losses(draw(), SEED)
    check_finite_scalars(losses)
    penalty = {"penalty"} if adversarial == "wgan-gp" else set()
    assert {name: set(values) for name, values in losses.items()} == {
        "generator": {"adversarial", "l1"},
        "discriminator": {"adversarial", "r1", "r2"} | penalty,
    }


def softplus(x: np.ndarray) -> float:
    return np.log1p(np.exp(x)).mean()


@pytest.mark.parametrize("conditional", [True, False])
def test_losses_are_put_together_as_in_the_paper(conditional):
    """Each part from separate passes of the networks."""
    objective = make(conditional=conditional, adversarial_weight=0.5, l1_weight=30.0)
    batch = draw()
    generator, judge = objective.networks.values()
    assert judge.input_shape[-1] == (6 if conditional else 3)
    losses = objective.losses(batch, SEED)
    fake = generator(batch["content"]).numpy()

    def logits(picture) -> np.ndarray:
        seen = tf.concat([batch["content"], picture], -1) if conditional else picture
        return judge(seen).numpy()

    real_logits, fake_logits = logits(batch["target"]), logits(fake)
    wanted = {
        ("generator", "adversarial"): 0.5 * softplus(-fake_logits),
        ("generator", "l1"): 30 * np.abs(fake - batch["target"].numpy()).mean(),
        ("discriminator", "adversarial"): (softplus(-real_logits) + softplus(fake_logits)) / 2,
    }
    for (network, name), value in wanted.items():
        np.testing.assert_allclose(losses[network][name], value, rtol=1e-4, err_msg=name)


def test_published_weights_are_the_defaults():
    options = Paired.Options()
    assert (options.adversarial, options.adversarial_weight, options.l1_weight) == ("bce", 1, 100)
    assert options.conditional and not (options.feature_weight or options.r1 or options.r2)


def test_feature_distance_is_the_mean_over_vgg19s_maps(tmp_path):
    write_vgg19(tmp_path / "w.npz")
    objective = make(
        feature_weight=2.0,
        feature_weights=str(tmp_path / "w.npz"),
        adversarial_weight=0.0,
        l1_weight=0.0,
    )
    batch = draw()
    losses = objective.losses(batch, SEED)
    assert set(losses["generator"]) == {"features"} and set(losses) == {"generator"}
    extractor = normalised_vgg19(tmp_path / "w.npz")
    maps = [extractor.maps(x) for x in (objective.generator(batch["content"]), batch["target"])]
    assert len(maps[0]) == 3
    wanted = np.mean([np.abs(a - b).mean() for a, b in zip(*maps, strict=True)])
    np.testing.assert_allclose(losses["generator"]["features"], 2 * wanted, rtol=1e-4)


def test_vgg19_is_left_alone(tmp_path):
    write_vgg19(tmp_path / "w.npz")
    objective = make(feature_weight=1.0, feature_weights=str(tmp_path / "w.npz"))
    assert set(objective.networks) == {"generator", "discriminator"}
    assert not objective.features.trainable_weights
    with pytest.raises(UserError, match="no such file"):
        make(feature_weight=1.0, feature_weights=str(tmp_path / "none.npz"))


def test_without_adversarial_weight_there_is_no_discriminator():
    objective = make(adversarial_weight=0.0)
    assert set(objective.networks) == {"generator"}
    losses = objective.losses(draw(), SEED)
    assert {name: set(values) for name, values in losses.items()} == {"generator": {"l1"}}


def test_nothing_to_minimise_is_refused():
    with pytest.raises(UsageError, match="nothing would be minimised"):
        make(adversarial_weight=0.0, l1_weight=0.0)


@pytest.mark.parametrize("name", ["generator", "discriminator"])
def test_every_weight_gets_a_gradient(name):
    objective = make(discriminator_options={"normalization": "none"})
    with tf.GradientTape() as tape:
        total = tf.add_n(list(objective.losses(draw(), SEED)[name].values()))
    weights = objective.networks[name].trainable_weights
    gradients = tape.gradient(total, [weight.value for weight in weights])
    for weight, gradient in zip(weights, gradients, strict=True):
        assert gradient is not None and np.abs(gradient).max() > 0, weight.path


def test_the_players_want_fake_logits_up_and_down():
    objective = make(
        adversarial="hinge", l1_weight=0, discriminator_options={"normalization": "none"}
    )
    last = objective.networks["discriminator"].trainable_weights[-1]
    with tf.GradientTape(persistent=True) as tape:
        losses = objective.losses(draw(), SEED)
        up, down = losses["generator"]["adversarial"], losses["discriminator"]["adversarial"]
    np.testing.assert_allclose(tape.gradient(up, last.value), [-1.0], rtol=1e-5)
    batch = draw()
    content = batch["content"]
    real, fake = (
        objective.networks["discriminator"](tf.concat([content, picture], -1)).numpy()
        for picture in (batch["target"], objective.generator(content))
    )
    expected = (np.mean(fake > -1) - np.mean(real < 1)) / 2
    np.testing.assert_allclose(tape.gradient(down, last.value), [expected], atol=1e-5)


def test_r1_is_of_the_target_beside_its_content():
    objective = make(r1=3.0)
    batch = draw()
    losses = objective.losses(batch, SEED)
    wanted = 3 * r1_penalty(
        lambda x: objective.networks["discriminator"](tf.concat([batch["content"], x], -1)),
        batch["target"],
    )
    assert wanted > 0
    np.testing.assert_allclose(losses["discriminator"]["r1"], wanted, rtol=1e-4)


def test_both_pictures_of_a_pair_are_augmented_alike():
    """A discriminator that sees their difference alone sees none where they are the same."""
    objective = make(diff_augment="color,translation,cutout", adversarial="wgan-gp")
    seen = []

    def spy(images, training):
        seen.append(images.numpy())
        return tf.reduce_mean(images, axis=-1, keepdims=True)

    objective.game.discriminator = spy
    batch = draw()
    objective.losses({**batch, "target": batch["content"]}, SEED)
    real = seen[0]
    assert real.shape == (BATCH, CROP, CROP, 6)
    np.testing.assert_array_equal(real[..., :3], real[..., 3:])
    assert np.abs(real[..., :3] - batch["content"].numpy()).max() > 0.1


def test_one_replica_equals_two():
    """Means over the batch, draws by position: two halves average to the whole."""
    options = {"diff_augment": "color,translation,cutout", "r1": 1.0, "adversarial": "wgan-gp"}
    objective = make(**options)
    batch = draw()
    whole = objective.losses(batch, SEED)
    halves = [
        objective.losses({name: value[i : i + 1] for name, value in batch.items()}, SEED)
        for i in range(2)
    ]
    for network, values in whole.items():
        for name, value in values.items():
            mean = np.mean([half[network][name] for half in halves])
            np.testing.assert_allclose(mean, value, rtol=1e-4, err_msg=f"{network}/{name}")


def test_batch_of_one_and_batch_normalization():
    objective = make(discriminator_options={"normalization": "batch"})
    objective.setting = dataclasses.replace(objective.setting, batch=1)
    check_finite_scalars(objective.losses(draw(1), SEED))


def test_mixed_bfloat16_is_close_to_float32(tmp_path):
    write_vgg19(tmp_path / "w.npz")
    options = {"feature_weight": 1.0, "feature_weights": str(tmp_path / "w.npz")}
    found, wanted = (
        make(dtype=dtype, **options).losses(draw(), SEED) for dtype in ("mixed_bfloat16", "float32")
    )
    check_finite_scalars(found)
    for network, values in wanted.items():
        for name, value in values.items():
            np.testing.assert_allclose(found[network][name], value, rtol=0.1, err_msg=name)


def test_a_discriminator_that_cannot_judge_pairs_is_refused():
    with pytest.raises(UsageError, match=r"--discriminator=projected: .*conditional=false"):
        make("projected")
    pattern = build_discriminator("patch", filters=2, n_layers=1)
    assert make(pattern).networks["discriminator"].input_shape[-1] == 6
    assert pattern.input_shape[-1] == 3


@pytest.mark.parametrize("option", ["l1_weight=-1", "r1=nan", "feature_weight=-0.1", "l1_weight=x"])
def test_options_out_of_range_are_named(option):
    name, _, value = option.partition("=")
    with pytest.raises(UsageError, match=name):
        read_options(Paired.Options, {name: value}, "paired")
