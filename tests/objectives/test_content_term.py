import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.networks.extractors import efficientnet_lite0
from style_gan_tf.objectives import OBJECTIVES, NetworkChoice, Setting, find_objective
from style_gan_tf.objectives.content_term import ContentTerm, uncorrelated
from style_gan_tf.objectives.hold_terms import HoldOptions
from tests.objective_contract import with_options


def draw(seed, size=64):
    """Smooth pictures, as noise has no subject."""
    coarse = np.random.default_rng(seed).uniform(-0.9, 0.9, (2, 6, 6, 3)).astype(np.float32)
    return tf.image.resize(coarse, [size, size], "bicubic").numpy()


def test_it_is_one_less_the_correlation_of_each_channel():
    one, other = (np.random.default_rng(i).normal(size=(2, 5, 6, 3)).astype("f4") for i in (0, 1))
    expected = [
        1 - np.mean([np.corrcoef(a[..., c].ravel(), b[..., c].ravel())[0, 1] for c in range(3)])
        for a, b in zip(one, other, strict=True)
    ]
    np.testing.assert_allclose(uncorrelated(one, other), expected, rtol=1e-4)
    # A channel's own mean and deviation are its style, and free.
    np.testing.assert_allclose(uncorrelated(3 * one + 2, one), [0, 0], atol=1e-4)


def test_the_same_subject_costs_nothing_and_another_one_much():
    term = ContentTerm("float32")
    photo = draw(0)
    assert np.abs(term.loss(photo, photo)).max() < 1e-4
    other, blurred = term.loss(draw(1), photo), term.loss(0.8 * photo, photo)
    assert np.all(other > 0.6) and np.all(other < 1.4) and np.all(blurred < 0.3 * other)


def test_its_maps_are_the_extractors_two_deepest_of_stride_16():
    term, photo, output = ContentTerm("float32"), draw(0), draw(1)
    maps = [efficientnet_lite0(maps=4).maps(x)[2:] for x in (output, photo)]
    assert [m.shape[-1] for m in maps[0]] == [40, 112]
    expected = np.mean([uncorrelated(a, b) for a, b in zip(*maps, strict=True)], axis=0)
    np.testing.assert_allclose(term.loss(output, photo), expected, rtol=1e-3)


@pytest.mark.parametrize("name", with_options(HoldOptions))
def test_objectives_add_it_and_say_through_what_they_see(name):
    styles = ("oil", "ink") if "styles" in OBJECTIVES[name].reads else ()
    setting = Setting(
        generator=NetworkChoice("fast", {"filters": 4, "n_blocks": 1}),
        discriminator=NetworkChoice("patch", {"filters": 2, "n_layers": 1}),
        dtype="float32",
        batch=2,
        crop=64,
        styles=styles,
    )
    content, style = (tf.constant(draw(i)) for i in (0, 1))
    batch = {"content": content, "style": style, "positions": tf.range(2)}
    options = {"content_weight": 3.0, "patches": 16, "projection": 8}
    if styles:
        batch["style_index"] = tf.constant([0, 1])
        options |= {"mixture_share": 0.0, "strength_weight": 0.0, "nce_factors": "2,0"}
    objective_class = find_objective(name)
    objective = objective_class(objective_class.Options(**options), setting)
    assert objective.sees_through == "efficientnet_lite0"
    generator = objective.networks["generator"]
    rng = np.random.default_rng(1)
    generator.set_weights([w + rng.normal(0, 0.2, w.shape) for w in generator.get_weights()])
    losses = objective.losses(batch, tf.constant([4, 9]))["generator"]
    given = [content, tf.eye(2)] if styles else content
    each = ContentTerm("float32").loss(generator(given, training=True), content).numpy()
    expected = 3 * float(np.mean(each * ([2, 0] if styles else [1, 1])))
    assert expected > 0.01
    assert float(losses["content"]) == pytest.approx(expected, rel=1e-3)
