import json
import shutil
import zipfile

import keras
import numpy as np
import pytest

from style_gan_tf.errors import UserError
from style_gan_tf.networks import (
    Network,
    build_discriminator,
    build_generator,
    load_network,
    rebuild,
)

IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 32, 24, 3)).astype(np.float32)

RECIPES = {
    "fast": (build_generator, {"filters": 4, "n_blocks": 1}),
    "fast, batch": (build_generator, {"filters": 4, "n_blocks": 1, "normalization": "batch"}),
    "fast, bfloat16": (build_generator, {"filters": 4, "n_blocks": 1, "dtype": "mixed_bfloat16"}),
    "resnet": (build_generator, {"architecture": "resnet", "filters": 2, "n_blocks": 1}),
    "resnet, transpose": (
        build_generator,
        {"architecture": "resnet", "filters": 2, "n_blocks": 1, "upsampling": "transpose"},
    ),
    "resnet, blur": (
        build_generator,
        {"architecture": "resnet", "filters": 2, "n_blocks": 1, "upsampling": "blur"},
    ),
    "unet": (build_generator, {"architecture": "unet", "filters": 2, "depth": 3}),
    "patch": (build_discriminator, {"filters": 2, "n_layers": 2}),
    "pixel": (build_discriminator, {"architecture": "pixel", "filters": 2}),
    "multiscale": (
        build_discriminator,
        {"architecture": "multiscale", "filters": 2, "n_layers": 1, "spectral": True},
    ),
    "patch, spectral": (build_discriminator, {"filters": 2, "n_layers": 2, "spectral": True}),
    "patch, batch": (build_discriminator, {"filters": 2, "n_layers": 2, "normalization": "batch"}),
}


def shaken(network: Network) -> Network:
    """With weights that no initializer gives: moving statistics and zero kernels too."""
    rng = np.random.default_rng(1)
    network.set_weights(
        [w + rng.uniform(0.0, 0.1, w.shape).astype(w.dtype) for w in network.get_weights()]
    )
    return network


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_file_gives_recipe_weights_and_pictures(tmp_path, recipe):
    build, options = recipe
    network = shaken(build(**options))
    network(IMAGES, training=True)
    network.save(tmp_path / "network.keras")
    loaded = load_network(tmp_path / "network.keras", dtype=network.recipe["dtype"])
    assert isinstance(loaded, Network)
    assert loaded.get_config() == network.get_config()
    assert (loaded.stride, loaded.margin, loaded.minimum) == (
        network.stride,
        network.margin,
        network.minimum,
    )
    for left, right in zip(loaded.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    np.testing.assert_array_equal(loaded(IMAGES), network(IMAGES))


def test_loaded_in_float32_whatever_it_was_trained_in(tmp_path):
    network = shaken(build_generator("fast", filters=4, n_blocks=1, dtype="mixed_bfloat16"))
    network.save(tmp_path / "network.keras")
    loaded = load_network(tmp_path / "network.keras")
    assert loaded.recipe == {**network.recipe, "dtype": "float32"}
    assert {layer.compute_dtype for layer in loaded.layers} == {"float32"}
    reference = build_generator("fast", filters=4, n_blocks=1)
    reference.set_weights(network.get_weights())
    np.testing.assert_array_equal(loaded(IMAGES), reference(IMAGES))


def test_rebuild_copies_the_weights_and_shares_none():
    network = shaken(build_generator("fast", filters=4, n_blocks=1))
    copy = rebuild(network, "mixed_bfloat16")
    assert copy.recipe["dtype"] == "mixed_bfloat16"
    assert network.recipe["dtype"] == "float32"
    assert {layer.compute_dtype for layer in copy.layers} == {"float32", "bfloat16"}
    before = network.get_weights()
    copy.set_weights([w + 1 for w in copy.get_weights()])
    for left, right in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(left, right)


def test_config_is_a_copy():
    network = build_generator("fast", filters=4, n_blocks=1)
    network.get_config()["options"]["filters"] = 8
    assert network.recipe["options"]["filters"] == 4


def test_files_that_hold_no_network_give_one_line(tmp_path):
    with pytest.raises(UserError, match=r"missing\.keras: no such file"):
        load_network(tmp_path / "missing.keras")

    (tmp_path / "broken.keras").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(UserError, match=r"broken\.keras: not a readable Keras model") as broken:
        load_network(tmp_path / "broken.keras")
    assert "\n" not in str(broken.value)

    inputs = keras.Input((3,))
    keras.Model(inputs, keras.layers.Dense(2)(inputs)).save(tmp_path / "other.keras")
    with pytest.raises(UserError, match="not one of style_gan_tf's networks"):
        load_network(tmp_path / "other.keras")


def test_a_truncated_file_gives_one_line(tmp_path):
    path = tmp_path / "network.keras"
    build_generator("fast", filters=4, n_blocks=1).save(path)
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(UserError, match="not a readable Keras model") as error:
        load_network(path)
    assert "\n" not in str(error.value)


DENSE = {"class_name": "Dense", "config": {"units": 1}, "registered_name": None, "module": "keras"}


@pytest.mark.parametrize(
    "change",
    [
        DENSE,
        {"registered_name": "Network"},
        {"registered_name": None, "module": "keras", "class_name": "Sequential"},
        {"class_name": "__lambda__"},
        {"class_name": ["Network"]},
        {"config": None, "other": DENSE},
        {"config": {"role": "generator", "architecture": "fast", "options": {}, "dtype": DENSE}},
        {"config": {"dtype": "float32", "options": {"filters": DENSE}}},
    ],
    ids=["class", "name", "module", "lambda", "list", "beside", "dtype", "option"],
)
def test_keras_builds_nothing_of_what_is_no_network(tmp_path, monkeypatch, change):
    path = tmp_path / "network.keras"
    build_generator("fast", filters=4, n_blocks=1).save(path)
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    parts["config.json"] = json.dumps({**json.loads(parts["config.json"]), **change})
    with zipfile.ZipFile(tmp_path / "changed.keras", "w") as file:
        for name, part in parts.items():
            file.writestr(name, part)
    asked = []
    monkeypatch.setattr(keras.saving, "load_model", lambda *given, **options: asked.append(given))
    with pytest.raises(UserError, match=r"changed\.keras: a Keras model, but not one of"):
        load_network(tmp_path / "changed.keras")
    assert asked == []


def test_keras_is_not_asked_for_other_formats(tmp_path):
    build_generator("fast", filters=4, n_blocks=1).save(tmp_path / "network.keras")
    shutil.copy(tmp_path / "network.keras", tmp_path / "network.h5")
    with pytest.raises(UserError, match=r"network\.h5: not a readable .* not end in \.keras"):
        load_network(tmp_path / "network.h5")
