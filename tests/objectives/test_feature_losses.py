import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.networks.extractors import normalised_vgg19
from style_gan_tf.objectives.feature_losses import (
    FeatureLosses,
    content_loss,
    style_loss,
    total_variation,
)
from tests.extractor_weights import write_vgg19


@pytest.fixture(scope="module")
def extractor(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "w.npz"
    write_vgg19(path)
    return normalised_vgg19(path)


def draw(seed=0, size=(36, 48), count=2):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, *size, 3)).astype(np.float32)


def gram(features):
    flat = features.reshape(-1, features.shape[-1]).astype(np.float64)
    return flat.T @ flat / len(flat)


def test_content_loss_in_numpy():
    left, right = np.random.default_rng(0).normal(size=(2, 3, 4, 5, 6)).astype(np.float32)
    wanted = [np.sum((a - b) ** 2) / np.sum(b**2) for a, b in zip(left, right, strict=True)]
    np.testing.assert_allclose(content_loss(left, right), np.mean(wanted), rtol=1e-5)
    assert float(content_loss(right, right)) == 0
    # As far as having no features at all, whatever their scale.
    np.testing.assert_allclose(content_loss(0 * right, 1000 * right), 1, rtol=1e-6)
    np.testing.assert_allclose(content_loss(2 * right, right), 1, rtol=1e-6)


def test_style_loss_in_numpy():
    rng = np.random.default_rng(0)
    grams = [rng.normal(size=(2, n, n)).astype(np.float32) for n in (3, 5)]
    wanted = [rng.normal(size=(n, n)).astype(np.float32) for n in (3, 5)]
    terms = [
        np.linalg.norm(g[i] - w) / np.linalg.norm(w)
        for g, w in zip(grams, wanted, strict=True)
        for i in range(2)
    ]
    np.testing.assert_allclose(style_loss(grams, wanted), np.mean(terms), rtol=1e-5)
    same = [np.stack([w, w]) for w in wanted]
    assert float(style_loss(same, wanted)) < 2e-6
    # A map of large activations weighs no more than another.
    louder = style_loss([grams[0], 100 * grams[1]], [wanted[0], 100 * wanted[1]])
    np.testing.assert_allclose(louder, np.mean(terms), rtol=1e-5)


def test_total_variation_by_hand():
    """A ramp of 1/4 down and 1/2 across."""
    down, across = np.arange(5)[:, None] / 4, np.arange(3)[None] / 2
    ramp = np.repeat((down + across)[None, :, :, None], 3, -1).astype(np.float32)
    assert float(total_variation(ramp)) == pytest.approx(0.25 + 0.5)
    assert float(total_variation(np.ones((2, 4, 4, 3), np.float32))) == 0


def test_maps_and_gram_matrices_are_the_extractors(extractor):
    losses = FeatureLosses(extractor, style_scales=2)
    images = draw()
    content, grams = losses.content_and_style(images)
    halves = images.reshape(2, 18, 2, 24, 2, 3).mean((2, 4))
    maps = [m.numpy() for x in (images, halves) for m in extractor.maps(x)]
    np.testing.assert_allclose(content, maps[2], rtol=1e-4, atol=1e-4 * maps[2].max())
    np.testing.assert_allclose(losses.content(images), content, rtol=1e-4, atol=1e-3)
    assert [g.shape for g in grams] == [(2, c, c) for c in losses.channels]
    assert losses.channels == [64, 128, 256] * 2
    for found, features in zip(grams, maps, strict=True):
        for one, other in zip(found.numpy(), features, strict=True):
            wanted = gram(other)
            np.testing.assert_allclose(one, wanted, rtol=1e-3, atol=1e-4 * wanted.max())


def test_the_style_of_several_pictures_is_their_mean(extractor):
    losses = FeatureLosses(extractor, style_layers=["relu1_1"], style_scales=1)
    pictures = [draw(1, (16, 40), 1)[0], draw(2, (24, 20), 1)[0]]
    (found,) = losses.style(pictures)
    wanted = np.mean([gram(extractor.maps(p[None])[0].numpy()) for p in pictures], axis=0)
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4 * wanted.max())


def test_style_knows_no_places_and_content_does(extractor):
    losses = FeatureLosses(extractor, style_scales=1)
    picture = draw(3, (40, 64), 1)
    # Moved around a torus by whole blocks of VGG19's halvings; borders alone differ.
    moved = np.roll(picture, 32, axis=2)
    (content, grams), (other, others) = map(losses.content_and_style, (picture, moved))
    assert float(style_loss(grams, [g[0] for g in others])) < 0.1
    assert float(content_loss(content, other)) > 0.1


def test_half_precision_is_near(extractor, tmp_path):
    write_vgg19(tmp_path / "w.npz")
    coarse = FeatureLosses(normalised_vgg19(tmp_path / "w.npz", "mixed_bfloat16"), style_scales=1)
    fine = FeatureLosses(extractor, style_scales=1)
    _, grams = coarse.content_and_style(draw())
    assert all(g.dtype == tf.float32 for g in grams)
    target = [g[0] for g in fine.content_and_style(draw())[1]]
    assert float(style_loss([g[:1] for g in grams], target)) < 0.03
    loss = content_loss(coarse.content(draw()), coarse.content(draw(1)))
    assert loss.dtype == tf.float32


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"content_layer": "relu4_1"}, r"content_layer=relu4_1: .* has no relu4_1; it has relu1_1"),
        ({"style_layers": ["relu1_1", "fire9"]}, r"style_layers=relu1_1,fire9: .* no fire9"),
    ],
)
def test_layers_that_are_not_there(extractor, options, words):
    with pytest.raises(UsageError, match=words):
        FeatureLosses(extractor, **options)
