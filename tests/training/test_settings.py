import dataclasses

import pytest

from style_gan_tf.errors import UsageError
from style_gan_tf.training import Settings


def test_flags_repeat_the_settings():
    settings = Settings(steps=3, flip=False, set=("nce_weight=2", "generator.filters=8"))
    assert "--flip=false" in settings.flags()
    assert [f for f in settings.flags() if f.startswith("--set=")] == [
        "--set=nce_weight=2",
        "--set=generator.filters=8",
    ]
    names = {line.removeprefix("--").partition("=")[0] for line in settings.flags()}
    assert names == {field.name for field in dataclasses.fields(Settings)}


def test_set_items_go_where_they_belong():
    settings = Settings(set=("a=1", "generator.b=x=y", "discriminator.c=2", "a=3"))
    assert settings.options == {
        "objective": {"a": "3"},
        "generator": {"b": "x=y"},
        "discriminator": {"c": "2"},
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"batch_size": 0}, "--batch_size=0"),
        ({"crop": -1}, "--crop=-1"),
        ({"learning_rate": 0.0}, "--learning_rate=0.0"),
        ({"ema": 1.0}, "--ema=1.0"),
        ({"steps": -5}, "--steps=-5"),
        ({"precision": "int8"}, "--precision"),
        ({"schedule": "staircase"}, "--schedule"),
        ({"schedule": "linear"}, "--steps or --epochs"),
        ({"load_size": 100, "crop": 128}, "--load_size=100"),
        ({"set": ("novalue",)}, "--set novalue"),
        ({"set": ("critic.filters=2",)}, "critic"),
    ],
)
def test_wrong_values_are_named_in_one_line(changes, words):
    with pytest.raises(UsageError) as caught:
        Settings(**changes)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
