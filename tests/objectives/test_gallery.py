import keras
import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.extractors import normalised_vgg19
from style_gan_tf.objectives import NetworkChoice, Setting, find_objective
from style_gan_tf.objectives.content_term import ContentTerm
from style_gan_tf.objectives.feature_losses import FeatureLosses, content_loss, style_loss
from style_gan_tf.objectives.gallery import Gallery
from style_gan_tf.objectives.skin_loss import skin_loss
from tests.finite_scalars import check_finite_scalars

BATCH, CROP = 2, 32
STYLES = ("wave", "night", "map")


def make(styles=STYLES, discriminator="patch", **options):
    keras.utils.set_random_seed(0)
    setting = Setting(
        generator=NetworkChoice("fast", {"filters": 4, "n_blocks": 1}),
        discriminator=NetworkChoice(discriminator, {"filters": 2}),
        dtype="float32",
        batch=BATCH,
        crop=CROP,
        styles=styles,
    )
    objective = Gallery(Gallery.Options(**{"style_scales": 2, **options}), setting)
    rng = np.random.default_rng(0)
    generator = objective.generator
    generator.set_weights([w + rng.normal(0, 0.2, w.shape) for w in generator.get_weights()])
    objective.study(paintings(len(styles)))
    return objective


def paintings(count):
    rng = np.random.default_rng(5)
    return [
        [rng.uniform(-1, 1, (32, 40, 3)).astype(np.float32) * (i + 1) / 3] for i in range(count)
    ]


def draw():
    images = np.random.default_rng(1).uniform(-0.8, 0.8, (2, BATCH, CROP, CROP, 3)).astype("f4")
    return {
        "content": tf.constant(images[0]),
        "style": tf.constant(images[1]),
        "style_index": tf.constant([2, 0]),
        "positions": tf.range(BATCH),
    }


def test_each_picture_is_drawn_to_its_own_painting():
    objective = make(content_weight=2.0, style_weight=3.0, strength_weight=0.0)
    batch = draw()
    losses = objective.losses(batch, tf.constant([4, 9]))["generator"]
    assert set(losses) == {"content", "style"}
    weights = tf.one_hot([2, 0], 3)
    fake = objective.generator([batch["content"], weights], training=True)
    features = FeatureLosses(normalised_vgg19(), style_scales=2)
    content, grams = features.content_and_style(fake)
    expected = content_loss(content, features.content(batch["content"]))
    assert float(losses["content"]) == pytest.approx(2 * float(expected), rel=1e-4)
    targets = [features.style(pictures) for pictures in paintings(3)]
    wanted = [tf.stack([targets[2][k], targets[0][k]]) for k in range(len(grams))]
    assert float(losses["style"]) == pytest.approx(3 * float(style_loss(grams, wanted)), rel=1e-4)
    others = [tf.stack([targets[0][k], targets[2][k]]) for k in range(len(grams))]
    assert float(style_loss(grams, others)) != pytest.approx(float(losses["style"]) / 3, rel=1e-2)


@pytest.mark.parametrize(("step", "trained"), [(8, True), (9, False)])
def test_the_dial_is_trained_at_every_fourth_step_with_four_times_the_weight(step, trained):
    objective = make(strength_weight=0.5)
    batch, seed = draw(), tf.constant([4, step])
    losses = objective.losses(batch, seed)["generator"]
    assert (float(losses["strength"]) > 0) == trained
    if trained:
        whole = make(strength_weight=0.5, strength_every=1).losses(batch, seed)["generator"]
        assert float(losses["strength"]) == pytest.approx(4 * float(whole["strength"]), rel=1e-4)
        assert float(losses["style"]) == pytest.approx(float(whole["style"]), rel=1e-5)


def test_subject_skin_and_smoothness_are_added():
    weights = {"subject_weight": 2.0, "skin_weight": 3.0, "tv_weight": 0.5}
    objective = make(strength_weight=0.0, **weights)
    batch = draw()
    losses = objective.losses(batch, tf.constant([4, 9]))["generator"]
    fake = objective.generator([batch["content"], tf.one_hot([2, 0], 3)], training=True)
    subject = 2 * np.mean(ContentTerm("float32").loss(fake, batch["content"]))
    assert float(losses["subject"]) == pytest.approx(float(subject), rel=1e-3)
    skin = 3 * np.mean(skin_loss(fake, batch["content"]))
    assert float(losses["skin"]) == pytest.approx(float(skin), rel=1e-4)
    assert float(losses["tv"]) > 0


@pytest.mark.parametrize("adversarial", ["hinge", "relativistic"])
def test_a_discriminator_of_as_many_heads_may_play(adversarial):
    objective = make(adversarial_weight=1.0, adversarial=adversarial, r1=1.0)
    losses = objective.losses(draw(), tf.constant([4, 8]))
    check_finite_scalars(losses)
    assert set(losses["discriminator"]) == {"adversarial", "r1"}
    assert objective.networks["discriminator"].output.shape[-1] == len(STYLES)
    assert float(losses["discriminator"]["r1"]) > 0


def test_the_targets_are_kept_in_checkpoints_and_what_cannot_be_is_refused():
    objective = make()
    assert all(np.any(target.numpy()[2]) for target in objective.state.values())
    assert [t.shape for t in objective.state.values()] == [
        (3, channels, channels) for channels in (64, 128, 256) * 2
    ]
    assert find_objective("gallery") is Gallery
    with pytest.raises(UsageError, match=r"--crop=32: .* takes pictures from 64 pixels on"):
        make(style_scales=4)
    with pytest.raises(UsageError, match="subject_weight"):
        Gallery.Options(subject_weight=-1.0)
    with pytest.raises(UsageError, match="penalty lies between"):
        make(adversarial_weight=1.0, adversarial="wgan-gp")
