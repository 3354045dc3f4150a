"""Every objective keeps the contract, and every one that plays the game plays all of it."""

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError
from style_gan_tf.objectives import OBJECTIVES, find_objective
from style_gan_tf.objectives.adversarial import ADVERSARIAL_LOSSES
from style_gan_tf.objectives.adversarial_game import GameOptions, StylesGameOptions
from tests.finite_scalars import check_finite_scalars
from tests.objective_contract import build, check_contract, draw, option_names, with_options

SEED = tf.constant([4, 9])


@pytest.mark.parametrize("name", OBJECTIVES)
def test_the_contract(name: str) -> None:
    check_contract(name)


@pytest.mark.parametrize("name", with_options(GameOptions))
def test_the_relativistic_loss_has_r1_and_r2_beside_it(name: str) -> None:
    options = {"adversarial": "relativistic", "r1": 2.0, "r2": 3.0, "diff_augment": "color"}
    if "adversarial_weight" in option_names(name):
        options["adversarial_weight"] = 0.5
    losses = build(name, **options).losses(draw(name), SEED)
    check_finite_scalars(losses)
    players = [network for network in losses if "discriminator" in network]
    assert players
    for player in players:
        assert set(losses[player]) == {"adversarial", "r1", "r2"}
        assert losses[player]["r1"] > 0 and losses[player]["r2"] > 0
    assert "adversarial" in losses["generator"]


@pytest.mark.parametrize("adversarial", ADVERSARIAL_LOSSES)
@pytest.mark.parametrize("name", with_options(GameOptions))
def test_every_loss_is_played_or_refused_in_one_line(name: str, adversarial: str) -> None:
    kind = find_objective(name).Options
    penalty = ADVERSARIAL_LOSSES[adversarial].gradient_penalty
    if issubclass(kind, StylesGameOptions) and penalty:
        with pytest.raises(UsageError, match=f"adversarial={adversarial}: its penalty lies"):
            kind(adversarial=adversarial)
    else:
        assert kind(adversarial=adversarial).adversarial == adversarial
    for option in ({"adversarial": "ns"}, {"diff_augment": "fog"}):
        with pytest.raises(UsageError, match="choose") as error:
            kind(**option)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", with_options(GameOptions))
def test_an_option_of_a_game_that_is_not_played_is_refused(name: str) -> None:
    kind = find_objective(name).Options
    if "adversarial_weight" not in option_names(name):
        return
    without = build(name, adversarial_weight=0.0)
    if "discriminator" in without.networks:  # It goes on learning, and its figures are logged.
        assert np.isfinite(without.losses(draw(name), SEED)["discriminator"]["adversarial"])
        return
    for option in ({"r1": 1.0}, {"r2": 1.0}, {"diff_augment": "color"}):
        (text,) = (f"{key}={value}" for key, value in option.items())
        with pytest.raises(UsageError, match=f"{text}: there is no discriminator") as error:
            kind(adversarial_weight=0.0, **option)
        assert "\n" not in str(error.value)
