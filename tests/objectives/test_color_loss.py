import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives import OBJECTIVES, NetworkChoice, Setting, find_objective
from style_gan_tf.objectives.color_loss import color_loss
from style_gan_tf.objectives.hold_terms import HoldOptions
from tests.objective_contract import with_options

CELL = 8
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def draw(height=24, width=32):
    return np.random.default_rng(0).uniform(-0.9, 0.9, (2, 2, height, width, 3)).astype(np.float32)


def test_it_is_what_numpy_finds():
    outputs, inputs = draw()

    def cells(images):
        count, height, width, _ = images.shape
        parts = images.reshape(count, height // CELL, CELL, width // CELL, CELL, 3)
        means = parts.mean((2, 4))
        luma = means @ LUMA
        blue, red = 0.564 * (means[..., 2] - luma), 0.713 * (means[..., 0] - luma)
        return luma, blue, red

    pairs = zip(cells(outputs), cells(inputs), strict=True)
    expected = sum(np.abs(one - other).mean((1, 2)) for one, other in pairs)
    np.testing.assert_allclose(color_loss(outputs, inputs), expected, rtol=1e-5)


def test_a_change_of_all_channels_costs_itself():
    inputs = draw()[0]
    np.testing.assert_allclose(color_loss(inputs + 0.25, inputs), [0.25, 0.25], rtol=1e-5)
    assert not np.any(color_loss(inputs, inputs))


def test_strokes_within_a_cell_are_free():
    inputs = np.full((1, 16, 16, 3), 0.1, np.float32)
    strokes = np.where(np.arange(16)[:, None, None] % 2, 0.5, -0.5).astype(np.float32)
    assert color_loss(inputs + strokes, inputs)[0] < 1e-6


def test_another_hue_of_the_same_lightness_is_charged():
    inputs = np.zeros((1, 16, 16, 3), np.float32)
    # Red up and blue down, so that the luma stays.
    shift = np.array([0.114, 0, -0.299], np.float32)
    expected = 0.564 * 0.299 + 0.713 * 0.114
    assert float(color_loss(inputs + shift, inputs)[0]) == pytest.approx(expected, rel=1e-5)


def test_the_border_counts_as_much_as_it_shows():
    """Sides that are no multiple of a cell: the last cells are smaller, not darker."""
    inputs = np.zeros((1, 11, 13, 3), np.float32)
    assert float(color_loss(inputs + 0.25, inputs)[0]) == pytest.approx(0.25, rel=1e-5)


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
    content, style = (tf.constant(images) for images in draw(24, 24))
    batch = {"content": content, "style": style, "positions": tf.range(2)}
    if styles:
        batch["style_index"] = tf.constant([0, 1])
    objective_class = find_objective(name)
    options = {"color_weight": 3.0, "patches": 16, "projection": 8}
    if styles:
        options |= {"mixture_share": 0.0, "strength_weight": 0.0}
    objective = objective_class(objective_class.Options(**options), setting)
    generator = objective.networks["generator"]
    rng = np.random.default_rng(1)
    generator.set_weights([w + rng.normal(0, 0.1, w.shape) for w in generator.get_weights()])
    seed = tf.constant([4, 9])
    losses = objective.losses(batch, seed)["generator"]
    given = [content, tf.eye(2)] if styles else content
    expected = 3 * float(np.mean(color_loss(generator(given, training=True), content)))
    assert expected > 0.01
    assert float(losses["color"]) == pytest.approx(expected, rel=1e-5)
    with pytest.raises(UsageError, match="color_weight"):
        objective_class.Options(color_weight=-1.0)
