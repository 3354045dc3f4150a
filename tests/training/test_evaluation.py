import numpy as np
import pytest

from style_gan_tf.errors import UserError
from style_gan_tf.metrics import embed, kernel_distance, sliced_wasserstein, standardized
from style_gan_tf.networks import any_size, build_generator, load_extractor
from style_gan_tf.networks.coded_styles import by_code, encode_style
from style_gan_tf.training.distances import KernelDistance, SlicedWasserstein, StyleDistance
from style_gan_tf.training.evaluation import Evaluation, open_evaluation
from style_gan_tf.training.settings import Settings
from tests import reference_model
from tests.extractor_weights import write_squeezenet


def draw(seed, count=4, size=40):
    shape = (count, size, size, 3)
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


class Always:
    """A distance that is always the same."""

    name, pictures = "always", draw(3, 1)

    def __init__(self, value):
        self.value = value

    def __call__(self, painted):
        return self.value


def sets(content, style):
    return {"content": content, "style": style}


@pytest.fixture
def weights(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_squeezenet(tmp_path / "w.h5")
    return str(tmp_path / "w.h5")


def test_kid_over_the_extractor(weights):
    extractor = load_extractor("squeezenet", weights)
    evaluation = Evaluation(draw(0), {"style": KernelDistance(draw(1, 5), extractor)})
    assert evaluation.name == "kid_squeezenet"
    generator = build_generator("fast", filters=8, n_blocks=1)
    real, fake = embed(extractor, draw(1, 5)), embed(extractor, any_size(generator, draw(0)))
    wanted = kernel_distance(*standardized(real, fake)).value
    assert evaluation.score(generator) == pytest.approx(wanted, rel=1e-3)
    untouched = kernel_distance(*standardized(real, embed(extractor, draw(0)))).value
    assert evaluation.untouched == pytest.approx(untouched, rel=1e-6)


def test_styles_of_pictures_are_judged_by_pictures_each_in_its_turn():
    generator = reference_model.build()
    content, style = draw(0, 3), 0.5 * draw(1, 2)
    evaluation = Evaluation(content, {"style": SlicedWasserstein(style)})
    driven = by_code(generator)
    painted = [
        any_size(driven, picture[np.newaxis], style_weights=encode_style(generator, style[[i % 2]]))
        for i, picture in enumerate(content)
    ]
    wanted = sliced_wasserstein(np.concatenate(painted), style)
    assert evaluation.score(generator) == pytest.approx(wanted, rel=1e-3)
    # Measured again after a step of training, it knows the new weights.
    generator.set_weights([0.5 * w for w in generator.get_weights()])
    assert evaluation.score(generator) != pytest.approx(wanted, rel=1e-3)


def test_one_picture_of_a_style_is_what_its_photos_are_painted_by(weights):
    generator = reference_model.build()
    content, style = draw(0, 2), 0.5 * draw(1, 1)
    evaluation = open_evaluation(sets(content, style), Settings(extractor_weights=weights))
    assert evaluation.name == "style_distance_squeezenet"
    code = encode_style(generator, style)
    painted = [any_size(by_code(generator), p[np.newaxis], style_weights=code) for p in content]
    wanted = StyleDistance(style, load_extractor("squeezenet", weights))(np.concatenate(painted))
    assert evaluation.score(generator) == pytest.approx(wanted, rel=1e-3)


def test_of_several_styles_none_is_drowned():
    generator = build_generator("fast", filters=4, n_blocks=1, num_styles=2)
    styles = {"oil": draw(1), "ink": 0.1 * draw(2)}
    distances = {name: SlicedWasserstein(pictures) for name, pictures in styles.items()}
    evaluation = Evaluation(draw(0), distances)
    score = evaluation.score(generator)
    oil, ink = (evaluation.details[f"sliced_wasserstein/{name}"] for name in styles)
    assert score == pytest.approx((oil * ink) ** 0.5) and max(oil, ink) > 2 * min(oil, ink)
    # Unbiased figures may be negative near their end.
    near = Evaluation(draw(0), {"oil": Always(-3.0), "ink": Always(400.0)})
    assert near.score(generator) == pytest.approx(20.0) == near.untouched
    assert near.details == {"always/oil": -3.0, "always/ink": 400.0}
    # One alone is told as it is.
    assert Evaluation(draw(0), {"oil": Always(-3.0)}).untouched == -3.0


def test_weights_that_are_found_are_used(weights):
    evaluation = open_evaluation(sets(draw(0), draw(1)), Settings(extractor_weights=weights))
    assert evaluation.name == "kid_squeezenet"
    assert open_evaluation(None, Settings()) is None


def test_without_a_file_the_packages_weights_measure():
    evaluation = open_evaluation(sets(draw(0), draw(1)), Settings())
    assert evaluation.name == "kid_squeezenet"
    own = KernelDistance(draw(1), load_extractor("squeezenet"))
    assert evaluation.untouched == own(draw(0))


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
