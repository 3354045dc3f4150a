"""The objective `perceptual` through the train command: one painting is enough."""

import csv

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from style_gan_tf.training import train
from tests.extractor_weights import write_squeezenet, write_vgg19
from tests.runs import assert_same_weights, run, weights


@pytest.fixture
def flags(tiny_flags, tmp_path):
    write_vgg19(tmp_path / "vgg.npz")
    stripes = np.zeros((48, 80, 3), np.uint8)
    stripes[::5] = (250, 120, 30)
    Image.fromarray(stripes).save(tmp_path / "painting.png")

    def make(*options, **changes):
        given = [f"feature_weights={tmp_path / 'vgg.npz'}", *options]
        return tiny_flags(
            objective="perceptual", style_data=tmp_path / "painting.png", set=given, **changes
        )

    return make


def test_one_painting_trains_and_is_measured_by_its_textures(flags, tmp_path, capsys):
    write_squeezenet(tmp_path / "squeezenet.h5")
    assert (
        run(
            *flags(
                steps=3,
                eval_every=3,
                eval_images=2,
                precision="mixed_bfloat16",
                extractor_weights=tmp_path / "squeezenet.h5",
            )
        )
        == 0
    )
    assert "step 3: style_distance_squeezenet" in capsys.readouterr().out
    with open(tmp_path / "run" / "metrics.csv") as file:
        rows = list(csv.DictReader(file))
    assert {"generator/content", "generator/style"} <= set(rows[0])
    assert not any(name.startswith("discriminator") for name in rows[0])
    _, state = weights(tmp_path / "run")
    assert np.abs(state["state/style_0"]).max() > 0


def test_what_trains_does_not_judge(flags, capsys):
    assert run(*flags(eval_every=2, extractor="vgg19")) == 2
    told = capsys.readouterr().err
    assert "--extractor=vgg19: a loss of this run is taken over its features" in told
    assert run(*flags(eval_every=0, extractor="vgg19")) == 0


def test_stopped_and_resumed_equals_uninterrupted(flags, tmp_path):
    extra = ("adversarial_weight=0.1",)
    assert run(*flags(*extra, steps=4, run_dir=tmp_path / "whole")) == 0
    for steps in (2, 4):
        assert run(*flags(*extra, steps=steps, run_dir=tmp_path / "parts")) == 0
    assert_same_weights(tmp_path / "whole", tmp_path / "parts")


def test_a_painting_too_small_for_its_style_size(flags, tmp_path, capsys):
    assert run(*flags("style_size=300")) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ") and "painting.png" in error and "too small" in error


def test_from_a_dataset_of_crops(flags, tmp_path):
    flags()
    pictures = np.random.default_rng(0).uniform(-1, 1, (4, 32, 32, 3)).astype(np.float32)
    data = tf.data.Dataset.from_tensor_slices((pictures, -pictures)).batch(2)
    outcome = train(
        "fast",
        "patch",
        data,
        steps=1,
        objective="perceptual",
        precision="float32",
        feature_weights=str(tmp_path / "vgg.npz"),
        run_dir=tmp_path / "run",
    )
    assert outcome.step == 1
