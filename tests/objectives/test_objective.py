import dataclasses

import numpy as np
import pytest

from style_gan_tf.errors import UsageError
from style_gan_tf.networks import build_generator
from style_gan_tf.objectives import (
    NetworkChoice,
    Setting,
    find_objective,
    read_options,
)


@dataclasses.dataclass(frozen=True)
class Options:
    name: str = "lsgan"
    weight: float = 1.0
    count: int = 3
    on: bool = False


def read(**given):
    return read_options(Options, given, "some")


def test_texts_are_read_by_the_fields_type():
    found = read(name="hinge", weight="2", count="7", on="true")
    assert found == Options("hinge", 2.0, 7, True)
    assert [type(value) for value in dataclasses.astuple(found)] == [str, float, int, bool]
    assert read(on="1").on is True
    assert read(on="False").on is read(on="0").on is False
    assert read(weight="1e-3").weight == 1e-3


def test_values_pass_and_defaults_stay():
    assert read() == Options()
    assert read(weight=0.5, on=True) == Options(weight=0.5, on=True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"speed": "3"}, "--set speed: objective 'some' has no such option; it has name, weight"),
        ({"weight": "much"}, "--set weight=much: expected float"),
        ({"count": "2.5"}, "--set count=2.5: expected int"),
        ({"on": "perhaps"}, "--set on=perhaps: expected bool"),
    ],
)
def test_what_does_not_read_gives_one_line(given, message):
    with pytest.raises(UsageError) as error:
        read(**given)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_objective_gives_one_line():
    with pytest.raises(UsageError, match="--objective=nope: choose one of contrastive, cyclegan"):
        find_objective("nope")


def setting(**generator) -> Setting:
    return Setting(
        generator=NetworkChoice(**generator),
        discriminator=NetworkChoice("patch", {"filters": 2, "n_layers": 1}),
        dtype="float32",
        batch=2,
        crop=16,
    )


def test_networks_are_built_by_name_and_options():
    chosen = setting(architecture="fast", options={"filters": "4", "n_blocks": 1})
    first, second = chosen.build_generator(), chosen.build_generator()
    assert first is not second
    assert first.recipe == second.recipe
    assert first.recipe["options"]["filters"] == 4
    assert first.recipe["dtype"] == "float32"
    assert chosen.build_discriminator().recipe["options"]["n_layers"] == 1


def test_a_network_as_a_pattern_gives_its_recipe_and_fresh_weights():
    pattern = build_generator("resnet", filters=2, n_blocks=1, dtype="mixed_bfloat16")
    before = pattern.get_weights()
    made = setting(architecture=pattern).build_generator()
    assert made is not pattern
    assert made.recipe == {**pattern.recipe, "dtype": "float32"}
    # The pattern keeps what it had and shares nothing.
    made.set_weights([weight + 1 for weight in made.get_weights()])
    for left, right in zip(pattern.get_weights(), before, strict=True):
        np.testing.assert_array_equal(left, right)
    kernels = [
        (a, b)
        for a, b in zip(
            pattern.get_weights(),
            setting(architecture=pattern).build_generator().get_weights(),
            strict=True,
        )
        if a.ndim == 4
    ]
    assert kernels
    assert all(not np.allclose(a, b) for a, b in kernels)
