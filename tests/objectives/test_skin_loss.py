import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives import OBJECTIVES, NetworkChoice, Setting, find_objective
from style_gan_tf.objectives.hold_terms import HoldOptions
from style_gan_tf.objectives.skin_loss import skin_loss
from tests.objective_contract import with_options

# sRGB of five people's cheeks, from pale to dark, and of things that are none.
SKIN = [(236, 200, 178), (205, 150, 120), (160, 105, 75), (125, 85, 62), (72, 44, 30)]
OTHER = [(70, 120, 50), (90, 140, 210), (128, 128, 128), (250, 250, 250), (20, 16, 14)]


def flat(color, size=16):
    pixels = np.asarray(color, np.float32) / 127.5 - 1
    return np.broadcast_to(pixels, (1, size, size, 3)).astype(np.float32)


@pytest.mark.parametrize("color", SKIN)
def test_skin_that_turns_green_or_white_is_charged_and_a_warmer_tone_is_not(color):
    photo = flat(color)
    assert not np.any(skin_loss(photo, photo))
    red, green, blue = color
    assert skin_loss(flat((red * 0.7, green * 1.1, blue * 0.7)), photo)[0] > 0.5
    assert skin_loss(flat((255, 255, 255)), photo)[0] > 0.5
    assert skin_loss(flat((min(red * 1.04, 255), green, blue * 0.97)), photo)[0] == 0


@pytest.mark.parametrize("color", OTHER)
def test_what_is_no_skin_is_free(color):
    assert not np.any(skin_loss(flat((0, 255, 0)), flat(color)))


def test_strokes_within_a_cell_are_free():
    photo = flat(SKIN[1])
    strokes = np.where(np.arange(16)[:, None, None] % 2, 0.1, -0.1).astype(np.float32)
    assert skin_loss(photo + strokes, photo)[0] < 1e-6


def test_a_small_face_counts_as_its_cells_and_specks_hardly():
    photo = np.tile(flat(OTHER[0], 64), 1)
    photo[:, :16, :16] = flat(SKIN[1])
    green = photo.copy()
    green[:, :16, :16] = flat((100, 170, 80))
    whole = float(skin_loss(flat((100, 170, 80)), flat(SKIN[1]))[0])
    assert float(skin_loss(green, photo)[0]) == pytest.approx(whole, rel=1e-4)
    large = np.tile(flat(OTHER[0], 256), 1)
    large[:, :8, :8] = flat(SKIN[1], 8)
    changed = large.copy()
    changed[:, :8, :8] = flat((100, 170, 80), 8)
    assert 0 < float(skin_loss(changed, large)[0]) < 0.1 * whole


def test_gradients_are_finite_everywhere_and_reach_the_output():
    rng = np.random.default_rng(0)
    photo = tf.constant(np.concatenate([flat(SKIN[2]), flat((0, 0, 0)), flat(OTHER[3])]))
    drawn = tf.constant(rng.uniform(-1, 1, photo.shape).astype(np.float32))
    for output, moved in ((photo, False), (drawn, True)):
        with tf.GradientTape() as tape:
            tape.watch(output)
            loss = tf.reduce_sum(skin_loss(output, photo))
        gradient = tape.gradient(loss, output).numpy()
        assert np.isfinite(gradient).all() and np.any(gradient[0]) == moved
        assert not np.any(gradient[1:])  # black and white are no skin


@pytest.mark.parametrize("name", with_options(HoldOptions))
def test_objectives_add_it_to_what_the_generator_minimises(name):
    styles = ("oil", "ink") if "styles" in OBJECTIVES[name].reads else ()
    setting = Setting(
        generator=NetworkChoice("fast", {"filters": 4, "n_blocks": 1}),
        discriminator=NetworkChoice("patch", {"filters": 2, "n_layers": 1}),
        dtype="float32",
        batch=2,
        crop=24,
        styles=styles,
    )
    content = tf.constant(np.concatenate([flat(SKIN[1], 24), flat(SKIN[3], 24)]))
    batch = {"content": content, "style": -content, "positions": tf.range(2)}
    options = {"skin_weight": 3.0, "patches": 16, "projection": 8}
    if styles:
        batch["style_index"] = tf.constant([0, 1])
        options |= {"mixture_share": 0.0, "strength_weight": 0.0, "skin_factors": "2,0"}
    objective_class = find_objective(name)
    objective = objective_class(objective_class.Options(**options), setting)
    generator = objective.networks["generator"]
    rng = np.random.default_rng(1)
    generator.set_weights([w + rng.normal(0, 0.3, w.shape) for w in generator.get_weights()])
    losses = objective.losses(batch, tf.constant([4, 9]))["generator"]
    given = [content, tf.eye(2)] if styles else content
    each = skin_loss(generator(given, training=True), content).numpy()
    expected = 3 * float(np.mean(each * ([2, 0] if styles else [1, 1])))
    assert expected > 0.01
    assert float(losses["skin"]) == pytest.approx(expected, rel=1e-4)
    with pytest.raises(UsageError, match="skin_weight"):
        objective_class.Options(skin_weight=-1.0)
