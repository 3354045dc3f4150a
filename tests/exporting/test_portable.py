"""TFLite and ONNX files give the Keras model's pictures, at any size, in float32 and float16."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UserError
from style_gan_tf.exporting import portable
from style_gan_tf.networks import Network, any_size, build_generator
from tests.perturbed import perturb

Run = Callable[[Mapping[str, np.ndarray]], np.ndarray]
NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "fast": ("fast", {"filters": 16, "n_blocks": 2}),
    "styles": ("fast", {"filters": 8, "n_blocks": 1, "num_styles": 2}),
    "resnet": ("resnet", {"filters": 8, "n_blocks": 1}),
    "restorer": ("restorer", {"filters": 8, "n_blocks": 1}),
    "unet": ("unet", {"filters": 4, "depth": 3}),
    "noise": ("noise", {"latent": 4, "filters": 8, "size": 16}),
}


def make(name: str) -> Network:
    architecture, options = NETWORKS[name]
    network = build_generator(architecture, **options)
    perturb(network, 0.05)
    return network


def export_and_open(format: str, network: Network, file: Path, weights: str) -> Run:
    """Write the file and open it with its own runtime, as a stranger would."""
    if format == "tflite":
        interpreter = pytest.importorskip(
            "ai_edge_litert.interpreter", reason="ai-edge-litert is not installed"
        ).Interpreter
        from style_gan_tf.exporting.tflite import export_tflite

        assert export_tflite(network, file, weights=weights) == file
        runner = interpreter(model_path=str(file)).get_signature_runner("serving_default")
        return lambda inputs: next(iter(runner(**inputs).values()))
    for package in ("tf2onnx", "onnx", "onnxruntime"):
        pytest.importorskip(package, reason=f"{package} is not installed")
    import onnxruntime

    from style_gan_tf.exporting.onnx import export_onnx

    assert export_onnx(network, file, weights=weights) == file
    session = onnxruntime.InferenceSession(file.read_bytes())
    return lambda inputs: session.run(None, dict(inputs))[0]


def pictures(batch: int, height: int, width: int) -> np.ndarray:
    random = np.random.default_rng([height, width])
    return random.uniform(0, 1, (batch, height, width, 3)).astype(np.float32)


def expected(network: Network, images: np.ndarray, weights: Any = None) -> np.ndarray:
    return any_size(network, images * 2 - 1, style_weights=weights).numpy() * 0.5 + 0.5


@pytest.mark.parametrize("name", ["fast", "resnet", "restorer", "unet"])
@pytest.mark.parametrize("format", portable.FORMATS)
def test_any_size_and_batch(name: str, format: str, tmp_path: Path) -> None:
    network = make(name)
    run = export_and_open(format, network, tmp_path / f"model.{format}", "float32")
    shapes = [(1, 32, 48), (2, 37, 21), (1, 3, 70)]
    if name != "resnet":
        # There every map of a single pixel is constant, and normalizing enlarges its rounding.
        shapes.append((1, 1, 1))
    for shape in shapes:
        images = pictures(*shape)
        want = expected(network, images)
        assert np.abs(want - images).max() > 0.03
        np.testing.assert_allclose(run({"images": images}), want, atol=1e-4)


@pytest.mark.parametrize("format", portable.FORMATS)
def test_float16_halves_the_file(format: str, tmp_path: Path) -> None:
    network = make("fast")
    full, half = tmp_path / f"full.{format}", tmp_path / f"half.{format}"
    export_and_open(format, network, full, "float32")
    run = export_and_open(format, network, half, "float16")
    saved = full.stat().st_size - half.stat().st_size
    kernels = sum(int(tf.size(x)) for x in network.trainable_variables if len(x.shape) == 4)
    assert 2 * kernels * 0.9 < saved <= 2 * network.count_params()
    images = pictures(1, 37, 50)
    apart = np.abs(run({"images": images}) - expected(network, images))
    assert 0 < apart.mean() < 1 / 255


@pytest.mark.parametrize("format", portable.FORMATS)
def test_styles(format: str, tmp_path: Path) -> None:
    network = make("styles")
    run = export_and_open(format, network, tmp_path / f"model.{format}", "float32")
    images, weights = pictures(2, 16, 20), np.array([[1.0, 0.0], [0.25, 0.5]], np.float32)
    got = run({"images": images, "style_weights": weights})
    np.testing.assert_allclose(got, expected(network, images, weights), atol=1e-4)


@pytest.mark.parametrize("format", portable.FORMATS)
def test_noise(format: str, tmp_path: Path) -> None:
    network = make("noise")
    run = export_and_open(format, network, tmp_path / f"model.{format}", "float32")
    noise = np.random.default_rng(0).standard_normal((3, 4)).astype(np.float32)
    want = network(noise, training=False).numpy() * 0.5 + 0.5
    np.testing.assert_allclose(run({"noise": noise}), want, atol=1e-4)


def test_a_conversion_that_went_wrong_is_not_written(tmp_path: Path) -> None:
    network, file = make("fast"), tmp_path / "model.onnx"

    def keras(inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        return expected(network, inputs["images"])

    def checked(run: Run, weights: str = "float32") -> Path:
        return portable.write_checked(file, b"data", run, network, weights)

    for run in (
        lambda inputs: keras(inputs) + 0.01,
        lambda inputs: keras(inputs) * np.nan,
        lambda inputs: keras(inputs)[:, 1:],
    ):
        with pytest.raises(UserError, match="differ from the network's by"):
            checked(run)
    with pytest.raises(UserError, match="differ"):
        checked(lambda inputs: keras(inputs) + 0.001)
    assert not file.exists()
    assert checked(lambda inputs: keras(inputs) + 0.001, "float16").read_bytes() == b"data"
    with pytest.raises(UserError, match="cannot be written"):
        portable.write_checked(tmp_path / "model.onnx" / "x", b"", keras, network, "float32")


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"needs tf2onnx, onnx, onnxruntime: pip install '.*onnx"):
        portable.require("onnx")
    with pytest.raises(UserError, match=r"needs ai_edge_litert: pip install '.*\[tflite\]'"):
        portable.require("tflite")
