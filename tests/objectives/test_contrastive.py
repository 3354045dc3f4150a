import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives import NetworkChoice, Setting, read_options
from style_gan_tf.objectives.adversarial import ADVERSARIAL_LOSSES, r1_penalty
from style_gan_tf.objectives.contrastive import Contrastive
from style_gan_tf.objectives.patch_nce import patch_nce_loss, sample_patches
from tests.finite_scalars import check_finite_scalars

BATCH, CROP = 2, 24
SEED = tf.constant([4, 9])
GENERATORS = {"fast": {"filters": 4, "n_blocks": 1}, "resnet": {"filters": 2, "n_blocks": 1}}


def make(
    architecture: str = "fast",
    discriminator: dict | None = None,
    generator: dict | None = None,
    dtype: str = "float32",
    **options,
) -> Contrastive:
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
    chosen = Contrastive.Options(**{"patches": 16, "projection": 8, **options})
    objective = Contrastive(chosen, setting)
    rng = np.random.default_rng(0)
    # No weight stays at the zero that it starts with: the head of `fast` hides the rest.
    for network in objective.networks.values():
        network.set_weights([w + rng.normal(0, 0.1, w.shape) for w in network.get_weights()])
    return objective


def draw(count: int = BATCH) -> dict[str, tf.Tensor]:
    rng = np.random.default_rng(1)
    content, style = rng.uniform(-0.8, 0.8, (2, BATCH, CROP, CROP, 3)).astype(np.float32)
    return {
        "content": tf.constant(content[:count]),
        "style": tf.constant(style[:count]),
        "positions": tf.range(count),
    }


def gradients(objective: Contrastive, *names: str) -> dict[str, list]:
    """Of each network's own loss to its own weights: `(path, gradient)`."""
    with tf.GradientTape(persistent=True) as tape:
        losses = objective.losses(draw(), SEED)
        totals = {name: tf.add_n(list(values.values())) for name, values in losses.items()}
    found = {}
    for name in names:
        weights = objective.networks[name].trainable_weights
        to_weights = tape.gradient(totals[name], [weight.value for weight in weights])
        found[name] = [(w.path, g) for w, g in zip(weights, to_weights, strict=True)]
    return found


@pytest.mark.parametrize("architecture", GENERATORS)
@pytest.mark.parametrize("adversarial", ADVERSARIAL_LOSSES)
def test_losses_are_finite_scalars(architecture, adversarial):
    losses = make(architecture, adversarial=adversarial).losses(draw(), SEED)
    check_finite_scalars(losses)
    penalty = {"penalty"} if adversarial == "wgan-gp" else set()
    assert {name: set(values) for name, values in losses.items()} == {
        "generator": {"adversarial", "nce"},
        "discriminator": {"adversarial"} | penalty,
        "projection": {"nce"},
    }


@pytest.mark.parametrize("identity_nce", [True, False])
def test_losses_are_put_together_as_in_the_paper(identity_nce):
    """Each part from separate passes of the networks."""
    objective = make(identity_nce=identity_nce, nce_weight=3.0, adversarial_weight=0.5)
    batch = draw()
    generator, judge, projection = objective.networks.values()
    losses = objective.losses(batch, SEED)

    fake = generator(batch["content"]).numpy()
    real_logits, fake_logits = judge(batch["style"]).numpy(), judge(fake).numpy()
    np.testing.assert_allclose(
        losses["generator"]["adversarial"], 0.5 * ((fake_logits - 1) ** 2).mean(), rtol=1e-4
    )
    wanted = ((real_logits - 1) ** 2).mean() / 2 + (fake_logits**2).mean() / 2
    np.testing.assert_allclose(losses["discriminator"]["adversarial"], wanted, rtol=1e-4)

    def nce(images) -> float:
        maps = [objective.nce.encoder(x) for x in (images, generator(images))]
        places = tf.random.fold_in(SEED, 4)
        keys, queries = (projection(sample_patches(m, 16, places)) for m in maps)
        return np.mean([patch_nce_loss(q, k) for q, k in zip(queries, keys, strict=True)])

    parts = [nce(batch["content"])] + ([nce(batch["style"])] if identity_nce else [])
    for name in ("generator", "projection"):
        np.testing.assert_allclose(losses[name]["nce"], 3 * np.mean(parts), rtol=1e-3)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("architecture", GENERATORS)
def test_every_weight_gets_a_gradient(architecture, flip):
    objective = make(architecture, flip_equivariance=flip, discriminator={"normalization": "none"})
    for name, pairs in gradients(objective, *objective.networks).items():
        assert pairs
        for path, gradient in pairs:
            assert gradient is not None, (name, path)
            # A bias before an instance normalization shifts what the normalization takes away.
            if not (architecture == "resnet" and name == "generator" and path.endswith("bias")):
                assert np.abs(gradient).max() > 0, (name, path)


def test_each_player_has_its_own_way():
    """The generator's loss wants fake logits up where the discriminator's wants them down."""
    objective = make(nce_weight=0.0, adversarial="hinge", discriminator={"normalization": "none"})
    (path, bias) = gradients(objective, "discriminator")["discriminator"][-1]
    assert path.endswith("bias")
    with tf.GradientTape() as tape:
        losses = objective.losses(draw(), SEED)
        loss = losses["generator"]["adversarial"]
    last = objective.networks["discriminator"].trainable_weights[-1]
    np.testing.assert_allclose(tape.gradient(loss, last.value), [-1.0], rtol=1e-5)
    # Real logits up and fake ones down: a logit within its margin weighs one, another nothing.
    real_logits = objective.networks["discriminator"](draw()["style"])
    fake_logits = objective.networks["discriminator"](objective.generator(draw()["content"]))
    expected = np.mean(fake_logits > -1) - np.mean(real_logits < 1)
    np.testing.assert_allclose(bias, [expected], atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        {"r1": 2.0},
        {"diff_augment": "color,translation,cutout"},
        {"diff_augment": "color,translation,cutout", "adversarial": "wgan-gp", "r1": 1.0},
        {"flip_equivariance": True, "identity_nce": False, "nce_weight": 10.0},
        {"patches": 4096},
    ],
    ids=str,
)
def test_options(options):
    objective = make(**options)
    losses = objective.losses(draw(), SEED)
    check_finite_scalars(losses)
    assert ("r1" in losses["discriminator"]) == ("r1" in options)
    for path, gradient in gradients(objective, "discriminator")["discriminator"]:
        assert gradient is not None, path


def test_r1_is_the_penalty_at_style_images():
    objective = make(r1=3.0)
    found = objective.losses(draw(), SEED)["discriminator"]["r1"]
    wanted = 3 * r1_penalty(objective.networks["discriminator"], draw()["style"])
    np.testing.assert_allclose(found, wanted, rtol=1e-4)
    assert found > 0


def test_r2_is_the_penalty_at_stylized_pictures():
    objective = make(r2=3.0, identity_nce=False)
    found = objective.losses(draw(), SEED)["discriminator"]["r2"]
    fake = objective.networks["generator"](draw()["content"], training=True)
    wanted = 3 * r1_penalty(objective.networks["discriminator"], fake)
    np.testing.assert_allclose(found, wanted, rtol=1e-4)
    assert found > 0


def test_first_map_leaves_out_the_shallowest_maps():
    whole, part = make(first_map=0), make(first_map=1)
    assert len(part.nce.encoder.outputs) == len(whole.nce.encoder.outputs) - 1
    assert len(part.networks["projection"].outputs) == len(part.nce.encoder.outputs)
    check_finite_scalars(part.losses(draw(), SEED))
    with pytest.raises(UsageError, match="first_map=9: leaves PatchNCE none of"):
        make(first_map=9)


@pytest.mark.parametrize("architecture", GENERATORS)
def test_flip_equivariance_mirrors_and_mirrors_back(architecture):
    objective = make(architecture, flip_equivariance=True, identity_nce=False)
    generator, judge, projection = objective.networks.values()
    content = draw()["content"]
    seen = set()
    for step in range(6):
        seed = tf.constant([0, step])
        flip = bool(tf.random.stateless_uniform([], tf.random.fold_in(seed, 3)) < 0.5)
        mirrored = content[:, :, ::-1] if flip else content
        fake = generator(mirrored)
        maps = objective.nce.encoder(fake[:, :, ::-1] if flip else fake)
        places = tf.random.fold_in(seed, 4)
        keys = projection(sample_patches(objective.nce.encoder(content), 16, places))
        queries = projection(sample_patches(maps, 16, places))
        nce = np.mean([patch_nce_loss(q, k) for q, k in zip(queries, keys, strict=True)])
        losses = objective.losses(draw(), seed)["generator"]
        np.testing.assert_allclose(losses["nce"], nce, rtol=1e-4)
        wanted = ((judge(fake).numpy() - 1) ** 2).mean()
        np.testing.assert_allclose(losses["adversarial"], wanted, rtol=1e-4)
        seen.add(flip)
    assert seen == {True, False}


def split(batch: dict[str, tf.Tensor], index: int) -> dict[str, tf.Tensor]:
    return {name: value[index : index + 1] for name, value in batch.items()}


@pytest.mark.parametrize("architecture", GENERATORS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"flip_equivariance": True, "identity_nce": False},
        {"adversarial": "wgan-gp", "diff_augment": "color,translation,cutout", "r1": 1.0},
    ],
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
    normalization = {"normalization": "batch"}
    objective = make(generator=normalization, discriminator=normalization)
    check_finite_scalars(objective.losses(draw(), SEED))


def test_mixed_bfloat16_is_close_to_float32():
    low, high = make(dtype="mixed_bfloat16"), make()
    found, wanted = low.losses(draw(), SEED), high.losses(draw(), SEED)
    check_finite_scalars(found)
    for network, values in wanted.items():
        for name, value in values.items():
            np.testing.assert_allclose(found[network][name], value, rtol=0.1, err_msg=name)


def test_the_seed_alone_decides():
    objective = make(diff_augment="color")
    first, again = (objective.losses(draw(), SEED)["generator"]["nce"] for _ in range(2))
    assert float(first) == float(again)
    assert float(objective.losses(draw(), SEED + 1)["generator"]["nce"]) != float(first)


def test_networks_state_and_what_is_exported():
    objective = make()
    assert set(objective.networks) == {"generator", "discriminator", "projection"}
    assert objective.networks[objective.exported] is objective.generator
    assert objective.state == {}


@pytest.mark.parametrize(
    "options", [{"adversarial": "ns"}, {"diff_augment": "blur"}], ids=lambda x: next(iter(x))
)
def test_wrong_options_give_one_line(options):
    with pytest.raises(UsageError, match="choose") as error:
        make(**options)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "option", ["patches=0", "temperature=0", "projection=0", "r1=nan", "nce_weight=-1"]
)
def test_options_out_of_range_are_named(option):
    name, _, value = option.partition("=")
    with pytest.raises(UsageError, match=name):
        read_options(Contrastive.Options, {name: value}, "contrastive")
