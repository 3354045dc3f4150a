"""Names and weights of styles, and what goes wrong with them."""

import numpy as np
import pytest

from style_gan_tf.errors import UsageError
from style_gan_tf.inference import load_model
from style_gan_tf.inference.style_choice import export_styles, style_weights
from style_gan_tf.networks import any_size, build_generator

NAMES = ("ink", "oil", "chalk")


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("", [1, 0, 0]),
        ("oil", [0, 1, 0]),
        ("oil:0.4,ink:0.6", [0.6, 0.4, 0]),
        ("chalk:0.25, ink:0", [0, 0, 0.25]),
        ("ink:0.1,oil:0.2,chalk:0.7", [0.1, 0.2, 0.7]),
    ],
)
def test_what_reads(text, weights):
    np.testing.assert_allclose(style_weights(text, NAMES), weights, rtol=1e-6)


def test_of_two_with_one_name_the_later_is_meant():
    names = ("reference", "ink", "reference")
    np.testing.assert_array_equal(style_weights("reference:0.5,ink:0.5", names), [0, 0.5, 0.5])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wax", "no style 'wax'; the model has ink, oil, chalk"),
        ("ink:1.5", "the weight of ink must lie between 0 and 1"),
        ("ink:-0.1", "the weight of ink must lie between 0 and 1"),
        ("ink:nan", "the weight of ink must lie between 0 and 1"),
        ("ink:much", "the weight of ink must lie between 0 and 1"),
        ("ink:0.6,oil:0.6", "the weights sum to 1.2, more than 1"),
        ("ink:0.1,ink:0.1", "ink is named twice"),
        ("ink,", "no style ''"),
    ],
)
def test_what_does_not(text, message):
    with pytest.raises(UsageError) as error:
        style_weights(text, NAMES)
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.fixture(scope="module")
def generator():
    network = build_generator("fast", filters=8, n_blocks=1, num_styles=3)
    rng = np.random.default_rng(0)
    network.set_weights([w + rng.normal(0, 0.1, w.shape) for w in network.get_weights()])
    network.recipe["styles"] = list(NAMES)
    return network


def test_a_model_takes_the_choice(generator, tmp_path):
    generator.save(tmp_path / "g.keras")
    photo = np.random.default_rng(1).uniform(-1, 1, (1, 20, 24, 3)).astype(np.float32)
    model = load_model(tmp_path / "g.keras", "float32", style="oil:0.4,ink:0.6")
    weights = np.array([[0.6, 0.4, 0]], np.float32)
    expected = any_size(generator, photo, style_weights=weights)
    np.testing.assert_allclose(model.stylize(photo), expected, atol=1e-5)
    np.testing.assert_array_equal(
        load_model(tmp_path / "g.keras", "float32", style="ink:0").stylize(photo), photo
    )


def test_a_model_of_one_style_has_no_choice(tmp_path):
    build_generator("fast", filters=8, n_blocks=1).save(tmp_path / "g.keras")
    with pytest.raises(UsageError, match="--style=ink: the model has one style"):
        load_model(tmp_path / "g.keras", style="ink")


@pytest.mark.parametrize(
    ("card", "names"),
    [
        ('{"styles": ["a", "b"]}', ["a", "b"]),
        ('{"styles": ["a"]}', ["style_0", "style_1"]),
        ('{"styles": [1, 2]}', ["style_0", "style_1"]),
        ("[]", ["style_0", "style_1"]),
        ("{", ["style_0", "style_1"]),
        (None, ["style_0", "style_1"]),
    ],
)
def test_the_names_of_an_exports_styles(card, names, tmp_path):
    if card is not None:
        (tmp_path / "assets.extra").mkdir()
        (tmp_path / "assets.extra" / "model_card.json").write_text(card)
    assert export_styles(tmp_path, 2) == names
