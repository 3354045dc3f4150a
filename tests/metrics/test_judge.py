from pathlib import Path

import numpy as np
import pytest

from style_gan_tf.metrics import (
    METRICS,
    Judge,
    embed,
    frechet_distance,
    kernel_distance,
    standardized,
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


def test_only_what_can_be_had_is_measured(judge):
    bare = by_name(judge.measure(draw(1)))
    assert set(bare) == {name for name, metric in METRICS.items() if not metric.needs}
    with_content = by_name(judge.measure(draw(1), draw(2)))
    assert set(with_content) - set(bare) == {"content_distance", "content_edges"}
    assert set(by_name(judge.measure(draw(1), draw(2), draw(3)))) == set(METRICS)


def test_figures_are_those_of_the_metrics(judge):
    figures = by_name(judge.measure(draw(1), draw(2)))
    real, fake = (embed(judge.extractor, pictures) for pictures in (judge.style, draw(1)))
    assert figures["kid"].value == kernel_distance(*standardized(real, fake)).value
    assert figures["fid"].value == pytest.approx(frechet_distance(*standardized(real, fake)))
    distances = judge.perceptual(draw(1), draw(2)).numpy()
    assert figures["content_distance"].value == pytest.approx(distances.mean(), rel=1e-5)
    wanted = distances.std(ddof=1) / np.sqrt(len(distances))
    assert figures["content_distance"].error == pytest.approx(wanted, rel=1e-4)


def test_names_carry_the_network_that_they_rest_on(judge):
    labels = {figure.metric: figure.label for figure in judge.measure(draw(1), draw(2))}
    assert labels["kid"] == "kid_squeezenet"
    assert labels["content_distance"] == "content_distance_perceptual_squeezenet"
    assert labels["content_edges"] == "content_edges"


def test_untouched_content_is_kept_whole(judge):
    figures = by_name(judge.measure(draw(1), draw(1)))
    assert figures["content_distance"].value == pytest.approx(0, abs=1e-6)
    assert figures["content_edges"].value == pytest.approx(1)
