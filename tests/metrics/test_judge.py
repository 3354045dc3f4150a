from pathlib import Path

import numpy as np
import pytest

from style_gan_tf.metrics import (
    METRICS,
    Judge,
    cut_crops,
    embed,
    frechet_distance,
    kernel_distance,
    mean_gram_matrices,
    standardized,
    style_distance,
)
from style_gan_tf.networks import load_extractor
from tests.extractor_weights import write_squeezenet


def draw(seed, count=6, size=40):
    shape = (count, size, size, 3)
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    path: Path = tmp_path_factory.mktemp("weights") / "w.h5"
    write_squeezenet(path)
    return Judge(draw(0, count=8), load_extractor("squeezenet", path))


def by_name(figures):
    return {figure.metric: figure for figure in figures}


@pytest.fixture(scope="module")
def figures(judge: Judge):
    return by_name(judge.measure(draw(1), draw(2)))


def test_only_what_can_be_had_is_measured(judge, figures):
    def names(*has):
        return {name for name, metric in METRICS.items() if metric.needs <= {"styles", *has}}

    # Noise has no faces, and what is a sky in it depends.
    some = {name for name in METRICS if "hue" in name}
    unseen = {"skin_green", "skin_blown", "faces_kept"} | some
    assert set(by_name(judge.measure(draw(1)))) == names()
    assert set(figures) - some == names("content") - unseen
    everything = names("content", "reference") - unseen
    assert set(by_name(judge.measure(draw(1), draw(2), draw(3)))) - some == everything


def test_one_painting_is_measured_by_its_textures(judge):
    alone = Judge(draw(0, count=1), judge.extractor)
    found = by_name(alone.measure(draw(1)))
    assert "kid" not in found and found["style_distance"].value > 0
    assert found["painting_distance"].label == "painting_distance_vgg19-normalised"
    grams = [mean_gram_matrices(alone.structure, side) for side in (draw(1), draw(0, count=1))]
    assert found["painting_distance"].value == pytest.approx(100 * style_distance(*grams))
    assert found["painting_distance"].error > 0
    assert found["style_distance"].error > 0  # That of the pictures; the painting is given.
    itself = by_name(alone.measure(draw(0, count=1)))
    assert itself["painting_distance"].value == pytest.approx(0, abs=1e-6)


def test_every_figure_of_sets_tells_its_error(figures):
    for name in ("kid", "fid", "artfid", "style_distance", "sliced_wasserstein", "sharpness"):
        assert figures[name].error > 0, name


class Numbers:
    """A judge that sees numbers: an extractor of raw features, in units of the real set's own."""

    def __init__(self, seed, count=48):
        rng = np.random.default_rng(seed)
        both = rng.normal(0, 1, (count, 4)), rng.normal(2, 1, (count, 4))
        self.embeddings = standardized(*both)
        self.groups = np.arange(count), np.arange(count)
        self.some_embeddings = lambda real, fake: standardized(both[0][real], both[1][fake])


def test_the_error_of_kid_knows_that_its_units_are_a_guess():
    """Sets drawn anew lie as far apart as it says; in fixed units it would say far less."""
    found = [METRICS["kid"].measure(Numbers(seed)) for seed in range(24)]
    fixed = [kernel_distance(*Numbers(seed).embeddings).error for seed in range(24)]
    # Heavy tails: the middle half, of which a normal deviation is 0.74.
    low, high = np.percentile([estimate.value for estimate in found], [25, 75])
    error = np.median([estimate.error for estimate in found])
    assert 0.6 < error * 1.35 / (high - low) < 2.5
    assert error > 1.5 * np.median(fixed)


def test_whole_pictures_are_compared_by_squares_cut_out_of_them(judge):
    pictures = [draw(7, 1, 80)[0, :, :44], draw(8, 1, 90)[0], draw(9, 1, 40)[0], draw(6, 1, 50)[0]]
    whole = Judge(pictures, judge.extractor, crop=40)
    found = by_name(whole.measure(pictures[::-1], pictures[::-1]))
    crops = cut_crops(pictures, 40)
    assert len(crops.pictures) == 2 + 4 + 1 + 1
    real = embed(judge.extractor, crops.pictures)
    fake_crops = cut_crops(pictures[::-1], 40)
    fake = embed(judge.extractor, fake_crops.pictures)
    groups = {"real_groups": crops.groups, "fake_groups": fake_crops.groups}
    wanted = kernel_distance(*standardized(real, fake), **groups)
    assert found["kid"].error > 0
    assert found["kid"].value == pytest.approx(wanted.value, rel=1e-3)
    assert found["content_edges"].value == pytest.approx(1)
    assert found["sliced_wasserstein"].value < 60


def test_the_best_is_what_a_figure_says():
    assert METRICS["kid"].better == "lower is better"
    assert METRICS["content_edges"].better == "higher is better"
    assert METRICS["sharpness"].goal == "real" and "real style" in METRICS["sharpness"].better


def test_figures_are_those_of_the_metrics(judge, figures):
    real, fake = (embed(judge.extractor, pictures) for pictures in (judge.style, draw(1)))
    assert figures["kid"].value == kernel_distance(*standardized(real, fake)).value
    assert figures["fid"].value == pytest.approx(frechet_distance(*standardized(real, fake)))
    distances = judge.perceptual(draw(1), draw(2)).numpy()
    assert figures["content_distance"].value == pytest.approx(distances.mean(), rel=1e-5)
    wanted = distances.std(ddof=1) / np.sqrt(len(distances))
    assert figures["content_distance"].error == pytest.approx(wanted, rel=1e-4)


def test_names_carry_the_network_that_they_rest_on(figures):
    labels = {name: figure.label for name, figure in figures.items()}
    assert labels["kid"] == "kid_squeezenet"
    assert labels["content_distance"] == "content_distance_perceptual_squeezenet"
    assert labels["content_edges"] == "content_edges"


def test_untouched_content_is_kept_whole(judge):
    figures = by_name(judge.measure(draw(1), draw(1)))
    assert figures["content_distance"].value == pytest.approx(0, abs=1e-6)
    assert figures["content_edges"].value == pytest.approx(1)
