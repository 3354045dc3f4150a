"""Several styles in one generator: who is judged by which head, mixtures, and the dial."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives import NetworkChoice, Setting
from style_gan_tf.objectives.adversarial import ADVERSARIAL_LOSSES, by_heads
from style_gan_tf.objectives.dial import dial_loss
from style_gan_tf.objectives.multistyle import Multistyle

BATCH, CROP = 4, 24
SEED = tf.constant([4, 9])


def make(styles: tuple[str, ...] = ("ink", "oil"), batch: int = BATCH, **options) -> Multistyle:
    keras.utils.set_random_seed(0)
    setting = Setting(
        generator=NetworkChoice("fast", {"filters": 4, "n_blocks": 1}),
        discriminator=NetworkChoice(
            "patch", {"filters": 2, "n_layers": 1, "normalization": "none"}
        ),
        dtype="float32",
        batch=batch,
        crop=CROP,
        styles=styles,
    )
    objective = Multistyle(
        Multistyle.Options(**{"patches": 16, "projection": 8, **options}), setting
    )
    rng = np.random.default_rng(0)
    # No weight stays at the zero that it starts with: the head of `fast` hides the rest.
    for network in objective.networks.values():
        network.set_weights([w + rng.normal(0, 0.1, w.shape) for w in network.get_weights()])
    return objective


def draw(positions: range = range(BATCH), styles: int = 2) -> dict[str, tf.Tensor]:
    rng = np.random.default_rng(1)
    content, style = rng.uniform(-0.8, 0.8, (2, BATCH, CROP, CROP, 3)).astype(np.float32)
    chosen = slice(positions.start, positions.stop)
    return {
        "content": tf.constant(content[chosen]),
        "style": tf.constant(style[chosen]),
        "style_index": tf.constant([p % styles for p in positions]),
        "positions": tf.constant(list(positions)),
    }


@pytest.mark.parametrize("adversarial", ADVERSARIAL_LOSSES)
def test_losses_are_finite_scalars(adversarial):
    if ADVERSARIAL_LOSSES[adversarial].gradient_penalty:
        with pytest.raises(UsageError, match="its penalty lies between pictures of one style"):
            make(adversarial=adversarial)
        return
    losses = make(adversarial=adversarial, r1=1.0).losses(draw(), SEED)
    assert set(losses["generator"]) == {"adversarial", "nce", "strength"}
    assert set(losses["discriminator"]) == {"adversarial", "r1"}
    for values in losses.values():
        for value in values.values():
            assert value.shape == () and value.dtype == tf.float32 and np.isfinite(value)


def test_by_heads_against_numpy():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 3, 4, 6)).astype(np.float32)  # Two maps of three heads each.
    weights = np.array([[0, 1, 0], [0.25, 0, 0.75]], np.float32)
    found = by_heads(tf.constant(logits), tf.constant(weights))
    assert found.shape == (2, 3, 4, 2)
    np.testing.assert_allclose(found[0], logits[0][..., [1, 4]], rtol=1e-6)
    expected = 0.25 * logits[1][..., [0, 3]] + 0.75 * logits[1][..., [2, 5]]
    np.testing.assert_allclose(found[1], expected, rtol=1e-6)


def test_a_head_learns_from_its_own_style_alone():
    objective = make(mixture_share=0.0)
    batch = {**draw(), "style_index": tf.zeros([BATCH], tf.int32)}
    with tf.GradientTape() as tape:
        loss = objective.losses(batch, SEED)["discriminator"]["adversarial"]
    kernel = objective.networks["discriminator"].trainable_weights[-2]
    gradient = tape.gradient(loss, kernel.value).numpy()
    assert np.abs(gradient[..., 0]).max() > 0
    np.testing.assert_array_equal(gradient[..., 1], 0)


def test_mixtures_sum_to_one_and_hold_the_own_style():
    objective = make(("a", "b", "c"), batch=300, mixture_share=0.4)
    index = np.arange(300) % 3
    weights = objective._mix(tf.one_hot(index, 3), tf.range(300), SEED).numpy()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
    single = (weights == 1).any(axis=1)
    assert 0.5 < single.mean() < 0.7
    np.testing.assert_array_equal(weights[single].argmax(axis=1), index[single])
    mixed = weights[~single]
    assert ((mixed > 0).sum(axis=1) == 2).all()
    assert (mixed[np.arange(len(mixed)), index[~single]] > 0).all()
    assert (mixed > 0).all(axis=0).sum() == 0 and ((mixed > 0).sum(axis=0) > 20).all()


def test_the_dial_of_a_linear_generator_is_exact():
    """Where the full style never depends on strength, every strength is right already."""
    objective = make(mixture_share=0.0)
    for layer in objective.generator.layers:
        if "styled" in layer.name:
            layer.to_scale.assign(tf.zeros_like(layer.to_scale))
            layer.to_offset.assign(tf.zeros_like(layer.to_offset))
    assert objective.losses(draw(), SEED)["generator"]["strength"] < 1e-6
    assert make(mixture_share=0.0).losses(draw(), SEED)["generator"]["strength"] > 1e-4


def test_dial_loss_against_numpy():
    rng = np.random.default_rng(0)
    content, full, partial = rng.uniform(-1, 1, (3, 2, 4, 5, 3)).astype(np.float32)
    strength = np.array([[0.25], [0.75]], np.float32)
    way = strength.reshape(2, 1, 1, 1)
    expected = np.abs(partial - (content + way * (full - content))).mean()
    variable = tf.Variable(full)
    with tf.GradientTape() as tape:
        loss = dial_loss(content, variable, partial, strength)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    assert tape.gradient(loss, variable) is None  # The full style is not pulled.


def test_losses_of_halves_average_to_those_of_the_whole():
    objective = make(diff_augment="color,translation,cutout", patches=10_000)
    whole = objective.losses(draw(), SEED)
    halves = [objective.losses(draw(r), SEED) for r in (range(0, 2), range(2, 4))]
    for network, values in whole.items():
        for name, value in values.items():
            if name == "nce":  # Patches are drawn for each replica's own pictures.
                continue
            mean = np.mean([half[network][name] for half in halves])
            np.testing.assert_allclose(mean, value, rtol=1e-4, err_msg=f"{network}/{name}")


def test_each_style_has_its_own_hold_on_the_subject():
    options = {"mixture_share": 0.0, "patches": 10_000}
    batch = draw()

    def nce(factors, index):
        given = {**batch, "style_index": tf.constant(index)}
        return make(nce_factors=factors, **options).losses(given, SEED)["generator"]["nce"]

    inks, oils = nce("", [0] * BATCH), nce("", [1] * BATCH)
    np.testing.assert_allclose(nce("0.5,4", [0] * BATCH), 0.5 * inks, rtol=1e-5)
    np.testing.assert_allclose(nce("0.5,4", [1] * BATCH), 4 * oils, rtol=1e-5)
    for wrong in ("1", "1,2,3", "1,-1", "a,b", "1,nan", "1,inf"):
        with pytest.raises(UsageError, match=f"nce_factors={wrong}: give 2 numbers from 0 on"):
            make(nce_factors=wrong)


def test_each_style_keeps_as_much_of_the_colours_as_it_is_told():
    options = {"mixture_share": 0.0, "strength_weight": 0.0, "patches": 16, "color_weight": 3.0}
    batch = draw()
    # Untrained it returns the photo a trace paler, which is another colour.

    def color(factors, index):
        given = {**batch, "style_index": tf.constant(index)}
        return make(color_factors=factors, **options).losses(given, SEED)["generator"]["color"]

    inks, oils = color("", [0] * BATCH), color("", [1] * BATCH)
    assert inks > 0 and oils > 0
    np.testing.assert_allclose(color("0,2", [0] * BATCH), 0)
    np.testing.assert_allclose(color("0,2", [1] * BATCH), 2 * oils, rtol=1e-5)
    for wrong in ("1", "1,-1", "a,b"):
        with pytest.raises(UsageError, match=f"color_factors={wrong}: give 2 numbers from 0 on"):
            make(color_factors=wrong)


def test_networks_that_know_one_style_are_refused():
    setting = make().setting
    other = dataclasses.replace(setting, generator=NetworkChoice("resnet"))
    with pytest.raises(UsageError, match="--generator=resnet: knows one style alone"):
        Multistyle(Multistyle.Options(), other)
    with pytest.raises(UsageError, match="mixture_share"):
        Multistyle.Options(mixture_share=1.5)
