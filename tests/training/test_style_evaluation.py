import numpy as np
import pytest

from style_gan_tf.metrics import mean_gram_matrices, style_distance
from style_gan_tf.networks import any_size, build_generator, load_extractor
from style_gan_tf.training.distances import StyleDistance
from style_gan_tf.training.evaluation import Evaluation, open_evaluation
from style_gan_tf.training.settings import Settings
from tests.extractor_weights import write_squeezenet


def draw(seed, count, size=40):
    shape = (count, size, size, 3)
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


@pytest.fixture
def weights(tmp_path):
    write_squeezenet(tmp_path / "w.h5")
    return str(tmp_path / "w.h5")


def test_one_style_picture_is_measured_by_its_textures(weights, capsys):
    judged = {"content": draw(0, 3), "style": draw(1, 1)}
    evaluation = open_evaluation(judged, Settings(extractor_weights=weights))
    assert evaluation.name == "style_distance_squeezenet"
    assert "measuring by style distance" in capsys.readouterr().out
    extractor = load_extractor("squeezenet", weights)
    generator = build_generator("fast", filters=8, n_blocks=1)
    target = mean_gram_matrices(extractor, judged["style"])
    for found, pictures in (
        (evaluation.untouched, judged["content"]),
        (evaluation.score(generator), any_size(generator, judged["content"]).numpy()),
    ):
        wanted = 1000 * style_distance(mean_gram_matrices(extractor, pictures), target)
        assert found == pytest.approx(wanted, rel=1e-3)


def test_the_style_itself_is_at_no_distance(weights):
    extractor = load_extractor("squeezenet", weights)
    evaluation = Evaluation(draw(0, 2), {"style": StyleDistance(draw(1, 1), extractor)})
    assert evaluation.compare(draw(1, 1)) == pytest.approx(0, abs=1e-6)
    assert evaluation.untouched > 1e-3
