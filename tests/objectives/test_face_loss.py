import numpy as np
import pytest
import skimage.data
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives import OBJECTIVES, NetworkChoice, Setting, find_objective
from style_gan_tf.objectives.face_loss import face_cells, face_loss
from style_gan_tf.objectives.hold_terms import HoldOptions
from style_gan_tf.objectives.skin_loss import cells_lab
from tests.objective_contract import with_options


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    """Her head, which YuNet finds, `[1, 192, 192, 3]`."""
    picture = skimage.data.astronaut()[20:212, 130:322]
    return picture.astype(np.float32)[np.newaxis] / 127.5 - 1


def grey(level, size=16):
    return np.full((1, size, size, 3), level, np.float32)


def test_her_face_is_found_and_the_wall_is_not(astronaut):
    both = np.concatenate([astronaut, 0 * astronaut])
    cells = face_cells(tf.constant(both)).numpy()
    assert cells.shape == (2, 24, 24) and set(np.unique(cells)) == {0.0, 1.0}
    assert not cells[1].any()
    # Her nose lies at about (223, 125) of the whole picture.
    assert cells[0, (125 - 20) // 8, (223 - 130) // 8] == 1
    assert 0.1 < cells[0].mean() < 0.5 and not cells[0, :2].any() and not cells[0, :, :2].any()


def test_lightness_is_free_by_eight_and_charged_beyond():
    photo, faces = grey(0.0), tf.ones((1, 2, 2))
    assert not np.any(face_loss(photo, photo, faces))
    for level in (0.1, 0.6, -0.8):
        moved = abs(float((cells_lab(grey(level)) - cells_lab(photo))[0, 0, 0, 0]))
        expected = 0.1 * max(moved - 8.0, 0.0)
        assert float(face_loss(grey(level), photo, faces)[0]) == pytest.approx(expected, abs=1e-4)


def test_texture_beyond_the_photos_is_charged_and_lost_texture_is_free():
    rows = np.where(np.arange(16)[:, None, None] % 2, 1.0, -1.0).astype(np.float32)
    photo, faces = grey(0.0), tf.ones((1, 2, 2))
    # Stripes one pixel wide: the cells' means stay, the deviation is 50 times their height.
    for height in (0.04, 0.2):
        expected = 0.1 * max(50 * height - 0.1 - 4.0, 0.0)
        charged = float(face_loss(photo + height * rows, photo, faces)[0])
        assert charged == pytest.approx(expected, abs=1e-2)
    assert float(face_loss(photo, photo + 0.2 * rows, faces)[0]) < 1e-4


def test_what_lies_outside_a_face_is_free_and_a_small_face_counts_as_its_cells():
    photo = grey(0.0, 128)
    painted = photo.copy()
    painted[:, :32, :32] = 0.8
    one = np.zeros((1, 16, 16), np.float32)
    one[:, :4, :4] = 1
    whole = float(face_loss(grey(0.8), grey(0.0), tf.ones((1, 2, 2)))[0])
    assert float(face_loss(painted, photo, tf.constant(one))[0]) == pytest.approx(whole, rel=1e-4)
    assert not np.any(face_loss(painted, photo, tf.constant(one[:, ::-1])))
    assert not np.any(face_loss(painted, photo, tf.zeros((1, 16, 16))))


def test_gradients_are_finite_and_reach_the_face_alone(astronaut):
    photo = tf.constant(astronaut)
    cells = face_cells(photo)
    drawn = np.random.default_rng(0).uniform(-1, 1, photo.shape).astype(np.float32)
    for output in (photo, tf.constant(drawn)):
        with tf.GradientTape() as tape:
            tape.watch(output)
            loss = tf.reduce_sum(face_loss(output, photo, cells))
        gradient = tape.gradient(loss, output).numpy()
        assert np.isfinite(gradient).all()
    moved = np.abs(gradient[0]).sum(-1).reshape(24, 8, 24, 8).sum((1, 3)) > 0
    assert np.array_equal(moved, cells.numpy()[0] == 1)


@pytest.mark.parametrize("name", with_options(HoldOptions))
def test_objectives_add_it_to_what_the_generator_minimises(name, astronaut):
    styles = ("oil", "ink") if "styles" in OBJECTIVES[name].reads else ()
    setting = Setting(
        generator=NetworkChoice("fast", {"filters": 4, "n_blocks": 1}),
        discriminator=NetworkChoice("patch", {"filters": 2, "n_layers": 1}),
        dtype="float32",
        batch=2,
        crop=192,
        styles=styles,
    )
    content = tf.constant(np.concatenate([astronaut, astronaut[:, :, ::-1]]))
    batch = {"content": content, "style": -content, "positions": tf.range(2)}
    options = {"face_weight": 3.0, "patches": 16, "projection": 8}
    if styles:
        batch["style_index"] = tf.constant([0, 1])
        options |= {"mixture_share": 0.0, "strength_weight": 0.0, "face_factors": "2,0"}
    objective_class = find_objective(name)
    objective = objective_class(objective_class.Options(**options), setting)
    generator = objective.networks["generator"]
    rng = np.random.default_rng(1)
    generator.set_weights([w + rng.normal(0, 0.3, w.shape) for w in generator.get_weights()])
    losses = tf.function(objective.losses)(batch, tf.constant([4, 9]))["generator"]
    given = [content, tf.eye(2)] if styles else content
    each = face_loss(generator(given, training=True), content, face_cells(content)).numpy()
    expected = 3 * float(np.mean(each * ([2, 0] if styles else [1, 1])))
    assert expected > 0.01
    assert float(losses["face"]) == pytest.approx(expected, rel=1e-3)
    with pytest.raises(UsageError, match="face_weight"):
        objective_class.Options(face_weight=-1.0)


def test_gallery_adds_it(astronaut):
    setting = Setting(
        generator=NetworkChoice("fast", {"filters": 4, "n_blocks": 1}),
        discriminator=NetworkChoice("patch", {"filters": 2}),
        dtype="float32",
        batch=1,
        crop=192,
        styles=("oil", "ink"),
    )
    objective_class = find_objective("gallery")
    options = objective_class.Options(face_weight=3.0, strength_weight=0.0, style_scales=2)
    objective = objective_class(options, setting)
    generator = objective.networks["generator"]
    rng = np.random.default_rng(1)
    generator.set_weights([w + rng.normal(0, 0.3, w.shape) for w in generator.get_weights()])
    objective.study([[astronaut[0]], [-astronaut[0]]])
    content = tf.constant(astronaut)
    batch = {"content": content, "style": -content, "positions": tf.range(1)}
    losses = objective.losses(batch | {"style_index": tf.constant([1])}, tf.constant([4, 9]))
    fake = generator([content, tf.one_hot([1], 2)], training=True)
    expected = 3 * float(face_loss(fake, content, face_cells(content))[0])
    assert float(losses["generator"]["face"]) == pytest.approx(expected, rel=1e-3)
    assert expected > 0.01
