import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import build_discriminator, build_generator, draw_noise
from style_gan_tf.objectives import NetworkChoice, Setting, find_objective, read_options
from style_gan_tf.objectives.adversarial import ADVERSARIAL_LOSSES, r1_penalty
from style_gan_tf.objectives.gan import Gan
from tests.finite_scalars import check_finite_scalars

BATCH, CROP, LATENT = 4, 16, 5
SEED = tf.constant([4, 9])
GENERATOR = {"filters": 2, "latent": LATENT, "normalization": "none"}


def make(generator=None, discriminator=None, dtype="float32", **options) -> Gan:
    keras.utils.set_random_seed(0)
    setting = Setting(
        generator=NetworkChoice("noise", {**GENERATOR, **(generator or {})}),
        discriminator=NetworkChoice("image", {"filters": 2, **(discriminator or {})}),
        dtype=dtype,
        batch=BATCH,
        crop=CROP,
    )
    return Gan(Gan.Options(**options), setting)


def draw(count: int = BATCH) -> dict[str, tf.Tensor]:
    style = np.random.default_rng(1).uniform(-0.8, 0.8, (BATCH, CROP, CROP, 3))
    return {"style": tf.constant(style[:count], tf.float32), "positions": tf.range(count)}


def logits(objective: Gan) -> tuple[np.ndarray, np.ndarray]:
    """Of real and generated pictures, from separate passes, in float64."""
    noise = draw_noise(BATCH, LATENT, tf.random.fold_in(SEED, 6))
    fake = objective.networks["generator"](noise, training=True)
    judge = objective.networks["discriminator"]
    return tuple(
        judge(x, training=True).numpy().astype(np.float64) for x in (draw()["style"], fake)
    )


def test_the_registry_knows_it():
    assert find_objective("gan") is Gan


def test_cross_entropy_as_in_the_paper():
    """Equation 1 of Goodfellow et al. 2014, in probabilities."""
    objective = make()
    real, fake = (1 / (1 + np.exp(-side)) for side in logits(objective))
    losses = objective.losses(draw(), SEED)
    wanted = -np.mean(np.log(real)) - np.mean(np.log(1 - fake))
    np.testing.assert_allclose(losses["discriminator"]["adversarial"], wanted, rtol=1e-5)
    np.testing.assert_allclose(
        losses["generator"]["adversarial"], -np.mean(np.log(fake)), rtol=1e-5
    )
    minimax = make(adversarial="minimax").losses(draw(), SEED)["generator"]["adversarial"]
    np.testing.assert_allclose(minimax, np.mean(np.log(1 - fake)), rtol=1e-5)


def test_relativistic_pairs():
    real, fake = logits(make())
    losses = make(adversarial="relativistic").losses(draw(), SEED)
    wanted = np.mean(np.log1p(np.exp(real - fake)))
    np.testing.assert_allclose(losses["generator"]["adversarial"], wanted, rtol=1e-5)
    wanted = np.mean(np.log1p(np.exp(fake - real)))
    np.testing.assert_allclose(losses["discriminator"]["adversarial"], wanted, rtol=1e-5)


@pytest.mark.parametrize("adversarial", ADVERSARIAL_LOSSES)
def test_all_losses_and_options(adversarial):
    options = {"r1": 1.0, "r2": 2.0, "diff_augment": "color,translation,cutout"}
    losses = make(adversarial=adversarial, **options).losses(draw(), SEED)
    check_finite_scalars(losses)
    penalty = {"penalty"} if adversarial == "wgan-gp" else set()
    assert {name: set(values) for name, values in losses.items()} == {
        "generator": {"adversarial"},
        "discriminator": {"adversarial", "r1", "r2"} | penalty,
    }


def test_penalties_are_at_real_and_at_generated_pictures():
    objective = make(r1=3.0, r2=5.0)
    found = objective.losses(draw(), SEED)["discriminator"]
    judge = objective.networks["discriminator"]
    noise = draw_noise(BATCH, LATENT, tf.random.fold_in(SEED, 6))
    fake = objective.networks["generator"](noise, training=True)
    np.testing.assert_allclose(found["r1"], 3 * r1_penalty(judge, draw()["style"]), rtol=1e-4)
    np.testing.assert_allclose(found["r2"], 5 * r1_penalty(judge, fake), rtol=1e-4)
    assert found["r1"] > 0 and found["r2"] > 0


def test_every_weight_gets_a_gradient_from_its_own_loss():
    objective = make(generator={"normalization": "batch"})
    with tf.GradientTape(persistent=True) as tape:
        losses = objective.losses(draw(), SEED)
        totals = {name: tf.add_n(list(values.values())) for name, values in losses.items()}
    for name, network in objective.networks.items():
        weights = network.trainable_weights
        gradients = tape.gradient(totals[name], [weight.value for weight in weights])
        for weight, gradient in zip(weights, gradients, strict=True):
            assert gradient is not None and np.abs(gradient).max() > 0, (name, weight.path)


def test_each_player_has_its_own_way():
    """The last bias shifts all logits: the generator wants them up, the judge fake ones down."""
    objective = make(adversarial="wgan-gp")
    with tf.GradientTape() as tape:
        losses = objective.losses(draw(), SEED)
        loss = losses["generator"]["adversarial"]
    bias = objective.networks["discriminator"].trainable_weights[-1]
    np.testing.assert_allclose(tape.gradient(loss, bias.value), [-1.0], rtol=1e-5)


@pytest.mark.parametrize("options", [{}, {"adversarial": "wgan-gp", "diff_augment": "color"}])
def test_losses_of_halves_average_to_those_of_the_whole(options):
    objective = make(**options, r1=1.0)
    whole = objective.losses(draw(), SEED)
    halves = [
        objective.losses({name: value[i : i + 2] for name, value in draw().items()}, SEED)
        for i in (0, 2)
    ]
    for network, values in whole.items():
        for name, value in values.items():
            mean = np.mean([half[network][name] for half in halves])
            np.testing.assert_allclose(mean, value, rtol=1e-4, err_msg=f"{network}/{name}")


def test_batch_normalization_sees_real_and_generated_pictures_apart():
    objective = make(discriminator={"normalization": "batch"})
    real, fake = logits(objective)
    found = objective.losses(draw(), SEED)["discriminator"]["adversarial"]
    wanted = np.mean(np.log1p(np.exp(-real))) + np.mean(np.log1p(np.exp(fake)))
    np.testing.assert_allclose(found, wanted, rtol=1e-4)


def test_mixed_bfloat16_is_close_to_float32():
    norms = {"generator": {"normalization": "batch"}, "r1": 1.0}
    found = make(**norms, dtype="mixed_bfloat16").losses(draw(), SEED)
    check_finite_scalars(found)
    for network, values in make(**norms).losses(draw(), SEED).items():
        for name, value in values.items():
            np.testing.assert_allclose(found[network][name], value, rtol=0.1, err_msg=name)


def test_noise_is_another_at_each_step():
    objective = make()
    first, again, other = (
        float(objective.losses(draw(), seed)["generator"]["adversarial"])
        for seed in (SEED, SEED, SEED + 1)
    )
    assert first == again != other


def test_networks_are_made_for_the_crop():
    networks = make().networks
    assert networks["generator"].size == networks["discriminator"].size == CROP
    assert make(discriminator={"size": 32}).networks["discriminator"].size == 32


def test_the_judge_gives_logits_whatever_was_asked_for():
    pattern = build_discriminator("image", size=CROP, filters=2, probability=True)
    setting = Setting(
        generator=NetworkChoice(build_generator("noise", size=CROP, **GENERATOR)),
        discriminator=NetworkChoice(pattern),
        dtype="float32",
        batch=BATCH,
        crop=CROP,
    )
    judge = Gan(Gan.Options(), setting).networks["discriminator"]
    assert judge.recipe["options"] == {**pattern.recipe["options"], "probability": False}
    judge = make(discriminator={"probability": True}).networks["discriminator"]
    assert not judge.recipe["options"]["probability"]


def test_generators_of_another_kind_are_refused():
    setting = Setting(
        NetworkChoice("fast", {"filters": 4, "n_blocks": 1}), NetworkChoice("image"), "float32",
        BATCH, CROP,
    )  # fmt: skip
    with pytest.raises(UsageError, match="--generator=fast: takes pictures"):
        Gan(Gan.Options(), setting)
    setting = Setting(NetworkChoice("noise"), NetworkChoice("image"), "float32", BATCH, CROP)
    with pytest.raises(UsageError, match="--generator=noise: takes noise"):
        setting.build_generator()


@pytest.mark.parametrize("option", ["r1=-1", "r2=nan", "adversarial=ns", "diff_augment=fog"])
def test_wrong_options_give_one_line(option):
    name, _, value = option.partition("=")
    with pytest.raises(UsageError, match=name) as error:
        make(**vars(read_options(Gan.Options, {name: value}, "gan")))
    assert "\n" not in str(error.value)
