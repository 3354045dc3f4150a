"""A model gives the same pictures from its .keras file and its SavedModel, at any size."""

from pathlib import Path

import hypothesis
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.inference import Model, OutOfMemory, load_model
from style_gan_tf.networks import build_generator
from tests.perturbed import perturb


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with `generator.keras` and `export/1`; weights off their start."""
    folder = tmp_path_factory.mktemp("run")
    network = build_generator("fast", filters=8, n_blocks=1)
    perturb(network, 0.1)
    network.save(folder / "generator.keras")
    export_saved_model(network, folder / "export")
    return folder


@pytest.fixture(scope="module")
def models(run: Path) -> tuple[Model, Model]:
    return load_model(run, "float32"), load_model(run / "export")


@hypothesis.settings(max_examples=25, deadline=None)
@hypothesis.given(strategies.integers(1, 67), strategies.integers(1, 41), strategies.integers(1, 2))
def test_kinds_agree_at_any_size(
    models: tuple[Model, Model], height: int, width: int, batch: int
) -> None:
    random = np.random.default_rng([height, width, batch])
    images = random.uniform(-1, 1, (batch, height, width, 3)).astype(np.float32)
    keras, saved_model = (model.stylize(images) for model in models)
    assert keras.shape == images.shape and keras.dtype == np.float32
    assert np.abs(keras).max() <= 1.0
    assert np.abs(keras - images).max() > 0.01
    np.testing.assert_allclose(saved_model, keras, atol=1e-5)


def test_wrong_shape_is_a_fault_of_the_program(models: tuple[Model, Model]) -> None:
    for shape in [(4, 4, 3), (1, 4, 4, 1), (1, 0, 4, 3)]:
        with pytest.raises(ValueError, match="shape"):
            models[0].stylize(np.zeros(shape, np.float32))


def test_precision(run: Path) -> None:
    with pytest.raises(UsageError, match=r"float8.*mixed_bfloat16"):
        load_model(run, "float8")
    images = np.random.default_rng(0).uniform(-1, 1, (1, 16, 16, 3)).astype(np.float32)
    low = load_model(run, "mixed_bfloat16").stylize(images)
    assert low.dtype == np.float32
    np.testing.assert_allclose(low, load_model(run, "float32").stylize(images), atol=0.1)


def test_damaged_files_give_one_line(run: Path, tmp_path: Path) -> None:
    whole = (run / "generator.keras").read_bytes()
    for name, data in {"cut": whole[: len(whole) // 2], "empty": b"", "text": b"hello"}.items():
        path = tmp_path / f"{name}.keras"
        path.write_bytes(data)
        with pytest.raises(UserError, match=path.name) as caught:
            load_model(path)
        assert "\n" not in str(caught.value)
    folder = tmp_path / "model"
    (folder / "variables").mkdir(parents=True)
    (folder / "variables" / "variables.index").write_bytes(b"x")
    (folder / "saved_model.pb").write_bytes(b"x" * 99)
    with pytest.raises(UserError, match="not a readable SavedModel") as caught:
        load_model(folder)
    assert "\n" not in str(caught.value)


def test_foreign_saved_model_is_refused(tmp_path: Path) -> None:
    module = tf.Module()
    module.call = tf.function(lambda x: {"y": x}, input_signature=[tf.TensorSpec([1])])
    tf.saved_model.save(module, str(tmp_path), signatures=module.call)
    with pytest.raises(UserError, match="serving_default"):
        load_model(tmp_path)


def test_out_of_memory_is_told() -> None:
    def exhausted(images: tf.Tensor) -> tf.Tensor:
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    with pytest.raises(OutOfMemory, match="5x4 pixels"):
        Model(Path("m"), exhausted).stylize(np.zeros((1, 4, 5, 3), np.float32))
