import numpy as np
import pytest

from style_gan_tf.errors import UserError
from style_gan_tf.metrics import embed, kernel_distance, sliced_wasserstein, standardized
from style_gan_tf.networks import any_size, build_generator, load_extractor
from style_gan_tf.training.evaluation import Evaluation, open_evaluation
from style_gan_tf.training.settings import Settings
from tests.extractor_weights import write_squeezenet


def draw(seed, count=4, size=40):
    shape = (count, size, size, 3)
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def sets(content, style):
    return {"content": content, "style": style}


@pytest.fixture
def weights(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_squeezenet(tmp_path / "w.h5")
    return str(tmp_path / "w.h5")


def test_kid_over_the_extractor(weights):
    extractor = load_extractor("squeezenet", weights)
    evaluation = Evaluation(draw(0), draw(1, 5), extractor)
    assert evaluation.name == "kid_squeezenet"
    generator = build_generator("fast", filters=8, n_blocks=1)
    real, fake = embed(extractor, draw(1, 5)), embed(extractor, any_size(generator, draw(0)))
    wanted = kernel_distance(*standardized(real, fake)).value
    assert evaluation.score(generator) == pytest.approx(wanted, rel=1e-3)
    untouched = kernel_distance(*standardized(real, embed(extractor, draw(0)))).value
    assert evaluation.untouched == pytest.approx(untouched, rel=1e-6)


def test_weights_that_are_found_are_used(weights):
    evaluation = open_evaluation(sets(draw(0), draw(1)), Settings(extractor_weights=weights))
    assert evaluation.name == "kid_squeezenet"
    assert open_evaluation(None, Settings()) is None


def test_without_weights_a_line_says_what_is_measured_instead(weights, capsys):
    evaluation = open_evaluation(sets(draw(0), draw(1)), Settings())
    assert evaluation.name == "sliced_wasserstein"
    assert evaluation.untouched == sliced_wasserstein(draw(0), draw(1))
    assert "download squeezenet1.1_imagenet_notop.h5" in capsys.readouterr().out


def test_weights_that_were_named_must_be_there(weights):
    with pytest.raises(UserError, match="no such file"):
        open_evaluation(sets(draw(0), draw(1)), Settings(extractor_weights=weights + "x"))


@pytest.mark.parametrize(
    ("content", "style", "name"),
    [
        (draw(0, 1), draw(1), "style_distance_squeezenet"),
        (draw(0), draw(1, 1), "style_distance_squeezenet"),
        (draw(0, 4, 20), draw(1, 4, 20), "sliced_wasserstein"),
        (draw(0, 1, 20), draw(1, 4, 20), "sliced_wasserstein"),
    ],
)
def test_too_few_or_too_small_pictures(weights, capsys, content, style, name):
    evaluation = open_evaluation(sets(content, style), Settings(extractor_weights=weights))
    assert evaluation.name == name
    assert "two held-out pictures or more of each set" in capsys.readouterr().out.replace("\n", " ")
