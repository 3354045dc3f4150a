"""Metrics over an extractor's maps: perceptual distance, LPIPS, Gram matrices."""

from pathlib import Path

import numpy as np
import pytest

from style_gan_tf.errors import UserError
from style_gan_tf.metrics import (
    PerceptualDistance,
    embed,
    gram_matrix,
    half_masks,
    load_lpips,
    mean_gram_matrices,
    style_difference,
    style_distance,
)
from style_gan_tf.metrics.style_distance import half_mean_gram_matrices
from style_gan_tf.networks import load_extractor
from tests.extractor_weights import (
    write_squeezenet,
    write_torchvision_squeezenet,
    write_torchvision_vgg16,
    write_vgg19,
)


def draw(seed, count=2, size=40):
    shape = (count, size, size, 3)
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def distance(left_maps, right_maps, weights):
    """Zhang et al. 2018, equation 1, in NumPy."""
    total = 0
    for left, right, weight in zip(left_maps, right_maps, weights, strict=True):
        left, right = (
            np.asarray(m, np.float64) / (np.linalg.norm(m, axis=-1, keepdims=True) + 1e-10)
            for m in (left, right)
        )
        total = total + ((left - right) ** 2 * weight).sum(axis=-1).mean(axis=(1, 2))
    return total


def test_unweighted_distance_is_the_formula(tmp_path: Path):
    write_vgg19(tmp_path / "w.npz")
    extractor = load_extractor("vgg19", tmp_path / "w.npz")
    metric = PerceptualDistance(extractor)
    maps = [[m.numpy() for m in extractor.maps(draw(seed))] for seed in (0, 1)]
    np.testing.assert_allclose(
        metric(draw(0), draw(1)), distance(*maps, [1.0, 1.0, 1.0]), rtol=1e-4
    )
    np.testing.assert_allclose(metric(draw(0), draw(0)), 0, atol=1e-6)
    assert metric.name == "perceptual_vgg19-normalised"  # No LPIPS, and not called so.


@pytest.mark.parametrize(
    ("write", "channels", "name"),
    [
        (write_torchvision_squeezenet, (64, 128, 256, 384, 384, 512, 512), "squeezenet"),
        (write_torchvision_vgg16, (64, 128, 256, 512, 512), "vgg16"),
    ],
)
def test_lpips_is_the_formula(tmp_path: Path, write, channels, name):
    write(tmp_path / "net.npz")
    rng = np.random.default_rng(2)
    weights = [rng.uniform(0, 1, count).astype(np.float32) for count in channels]
    np.savez(tmp_path / "lin.npz", **{f"lin{i}": w for i, w in enumerate(weights)})
    metric = load_lpips(tmp_path / "net.npz", tmp_path / "lin.npz")
    maps = [[m.numpy() for m in metric.extractor.maps(draw(seed))] for seed in (0, 1)]
    np.testing.assert_allclose(metric(draw(0), draw(1)), distance(*maps, weights), rtol=1e-3)
    assert metric.name == f"lpips_torchvision-{name}"


def test_linear_layers_of_something_else(tmp_path: Path):
    write_torchvision_vgg16(tmp_path / "net.npz")
    np.savez(tmp_path / "lin.npz", **{f"lin{i}": np.ones(7) for i in range(5)})
    with pytest.raises(UserError, match="linear layers of another network than torchvision-vgg16"):
        load_lpips(tmp_path / "net.npz", tmp_path / "lin.npz")
    np.savez(tmp_path / "lin.npz", other=np.ones(7))
    with pytest.raises(UserError, match="not LPIPS's linear layers"):
        load_lpips(tmp_path / "net.npz", tmp_path / "lin.npz")


def test_gram_matrix_is_the_mean_of_outer_products():
    features = np.random.default_rng(0).normal(size=(2, 3, 5, 4)).astype(np.float32)
    wanted = np.einsum("nijc,nijd->ncd", features, features) / 15
    np.testing.assert_allclose(gram_matrix(features), wanted, rtol=1e-4, atol=1e-6)


def test_style_distance_in_closed_form():
    one, other = [np.eye(3), 2 * np.eye(2)], [2 * np.eye(3), 2 * np.eye(2)]
    assert style_distance(one, other) == pytest.approx((3 / 12 + 0) / 2)
    assert style_distance(other, other) == 0
    assert style_distance([np.zeros((3, 3)), np.zeros((2, 2))], other) == 1


def test_style_difference_is_the_same_both_ways():
    one, other = [np.diag([3.0, 4.0])], [np.diag([0.0, 5.0])]
    # |(3, -1)| over the root of 5 x 5.
    assert style_difference(one, other) == pytest.approx(10**0.5 / 5)
    assert style_difference(other, one) == pytest.approx(style_difference(one, other))
    assert style_difference(one, one) == 0
    assert style_difference([np.zeros((2, 2))], one) == 0
    # A weak style is nearer to a weak one like it than to a strong one, in units of the strong.
    weak, like, strong = [np.diag([1.0, 0.0])], [np.diag([0.0, 1.0])], [np.diag([9.0, 3.0])]
    assert style_distance(weak, strong) < style_distance(weak, like)
    assert style_difference(weak, like) < style_difference(weak, strong)


def test_pictures_of_one_style_are_nearer_than_of_another(tmp_path: Path):
    write_squeezenet(tmp_path / "w.h5")
    extractor = load_extractor("squeezenet", tmp_path / "w.h5")
    dark = [draw(s, 1)[0] * 0.1 - 0.9 for s in range(4)]
    light = [draw(s, 1)[0] * 0.1 + 0.9 for s in range(10, 14)]
    grams = [mean_gram_matrices(extractor, p) for p in (dark[:2], dark[2:], light)]
    assert style_distance(grams[0], grams[1]) < style_distance(grams[2], grams[1])
    # Sizes may differ.
    assert embed(extractor, [draw(0, 1, 40)[0], draw(0, 1, 33)[0]]).shape == (2, 512)


def test_halves_have_the_means_of_their_pictures(tmp_path: Path):
    write_vgg19(tmp_path / "w.npz")
    extractor = load_extractor("vgg19", tmp_path / "w.npz")
    pictures = draw(0, 11, 16)  # More than wait at once.
    masks = half_masks(np.arange(11), 3)
    whole, halves = half_mean_gram_matrices(extractor, pictures, masks)
    sides = [(whole, pictures), *((h, pictures[m]) for h, m in zip(halves, masks, strict=True))]
    for found, some in sides:
        for left, right in zip(found, mean_gram_matrices(extractor, some), strict=True):
            np.testing.assert_allclose(left, right, rtol=1e-6)
    with pytest.raises(ValueError, match="no pictures"):
        half_mean_gram_matrices(extractor, [], np.zeros((2, 0), bool))


def test_no_pictures(tmp_path: Path):
    write_squeezenet(tmp_path / "w.h5")
    extractor = load_extractor("squeezenet", tmp_path / "w.h5")
    with pytest.raises(ValueError, match="no pictures"):
        embed(extractor, [])
    with pytest.raises(ValueError, match="no pictures"):
        mean_gram_matrices(extractor, [])
