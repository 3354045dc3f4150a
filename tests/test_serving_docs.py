"""docs/serving.md and deploy/: the examples run, the configurations are what the servers read."""

import base64
import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from style_gan_tf.serving.model_config import read_model_config
from tests.serving.stand_ins import FunctionModel, manager_of, running, spec

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"<!-- run by tests/test_serving_docs.py -->\n```(\w+)\n(.*?)```", re.DOTALL)
BLOCKS = _BLOCK.findall((ROOT / "docs" / "serving.md").read_text())


def block(kind: str, containing: str) -> str:
    (found,) = (text for name, text in BLOCKS if name == kind and containing in text)
    return found


def backwards(image_bytes: np.ndarray) -> dict[str, np.ndarray]:
    """A model whose answer shows that it was asked."""
    return {"stylized_image_bytes": np.array([data[::-1] for data in image_bytes], object)}


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.chdir(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)
    Image.fromarray(pixels).save("photo.jpg", quality=100)
    data = Path("photo.jpg").read_bytes()
    assert len(data) > 131072, "more than an argument may have"
    return data


CODE = np.arange(65, dtype=np.float32) / 64 + 1


def any_style() -> FunctionModel:
    """A model with a style encoder whose answers show what it was given."""
    image_bytes, number = spec("string", None), spec("float")
    code, weights = spec("float", None, 65), spec("float", None, 2)

    def encode_style(reference_bytes: np.ndarray) -> dict[str, np.ndarray]:
        return {"style_code": np.stack([CODE * len(one) for one in reference_bytes])}

    def named_styles(style_weights: np.ndarray) -> dict[str, np.ndarray]:
        return {"style_code": style_weights @ np.stack([0 * CODE, CODE])}

    def by_code(image_bytes: np.ndarray, style_code: np.ndarray) -> dict[str, np.ndarray]:
        pairs = zip(image_bytes, style_code, strict=True)
        answers = [one[::-1] + one_code.tobytes() for one, one_code in pairs]
        return {"stylized_image_bytes": np.array(answers, object)}

    def by_reference(
        image_bytes: np.ndarray, reference_bytes: np.ndarray, strength: np.ndarray
    ) -> dict[str, np.ndarray]:
        codes = encode_style(reference_bytes)["style_code"] * strength[:, np.newaxis]
        return by_code(image_bytes, codes)

    def serve_code(images: np.ndarray, style_code: np.ndarray) -> dict[str, np.ndarray]:
        return {"stylized_images": images * style_code[:, 0].reshape(-1, 1, 1, 1)}

    photo, look = {"image_bytes": image_bytes}, {"reference_bytes": spec("string")}
    return FunctionModel(
        encode_style=({"reference_bytes": image_bytes}, encode_style),
        named_styles=({"style_weights": weights}, named_styles),
        serve_bytes_code=({**photo, "style_code": code}, by_code),
        serve_bytes_reference=({**photo, **look, "strength": number}, by_reference),
        serve_code=(
            {"images": spec("float", None, None, None, 3), "style_code": code},
            serve_code,
        ),
    )


@contextlib.contextmanager
def server(tmp_path: Path) -> Iterator[str]:
    model = FunctionModel(serve_bytes=({"image_bytes": spec("string")}, backwards))
    with running(manager_of(tmp_path / "models", mine=model, any_style=any_style())) as served:
        yield f"localhost:{served.port}"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl(tmp_path: Path, photo: bytes) -> None:
    text = block("console", 'serve_bytes"')
    with server(tmp_path) as address:
        printed = run_shell(text.replace("localhost:8501", address))
    assert '"AVAILABLE"' in printed and '"signature_def"' in printed
    assert Path("painted.jpg").read_bytes() == photo[::-1]
    assert '"predictions"' in Path("answer.json").read_text()


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_with_style_codes(tmp_path: Path, photo: bytes) -> None:
    painting = write_painting()
    text = block("console", "encode_style")
    with server(tmp_path) as address:
        run_shell(text.replace("localhost:8501", address))

    def answer(name: str, key: str = "predictions") -> Any:
        return json.loads(Path(name).read_text())[key]

    code = CODE * len(painting)
    (told,) = answer("code.json")
    np.testing.assert_array_equal(np.float32(told), code)
    for name, strength in (("by_reference.json", 0.8), ("by_code.json", 1.0)):
        (encoded,) = answer(name)
        octets = base64.b64decode(encoded["b64"])
        assert octets.startswith(photo[::-1]), name
        got = np.frombuffer(octets[len(photo) :], np.float32)
        np.testing.assert_allclose(got, code * np.float32(strength), rtol=1e-6)
    np.testing.assert_allclose(answer("mixture.json"), [0.6 * CODE], rtol=1e-6)
    (((first, _),),) = answer("floats.json", "outputs")
    np.testing.assert_allclose(first, np.array([0.2, 0.3, 0.4]) * code[0], rtol=1e-6)


def test_the_python_client_with_style_codes(tmp_path: Path, photo: bytes) -> None:
    write_painting()
    with server(tmp_path) as address:
        program = block("python", "encode_style").replace("localhost:8501", address)
        seen: dict[str, Any] = {}
        exec(program, seen)
    painted = Path("painted.jpg").read_bytes()
    assert seen["once"].startswith(photo[::-1]) and painted.startswith(photo[::-1])
    # A file travels as PNG, whose size is not the file's.
    got = np.frombuffer(painted[len(photo) :], np.float32)
    np.testing.assert_allclose(got, 0.5 * seen["code"] + 0.3 * CODE, rtol=1e-5)
    got = np.frombuffer(seen["once"][len(photo) :], np.float32)
    np.testing.assert_allclose(got, 0.8 * seen["code"], rtol=1e-6)


def write_painting() -> bytes:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 30, 3), np.uint8)
    Image.fromarray(pixels).save("painting.jpg")
    return Path("painting.jpg").read_bytes()


def run_shell(text: str) -> str:
    """Run a block's commands; what they print."""
    assert all(line.startswith("$ ") for line in text.splitlines())
    script = text.replace("\n$ ", "\n").removeprefix("$ ")
    shell = ["bash", "-euo", "pipefail", "-c", script]
    told = subprocess.run(shell, capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stderr + told.stdout
    return told.stdout


def test_the_python_client(tmp_path: Path, photo: bytes) -> None:
    with server(tmp_path) as address:
        exec(block("python", "models/mine").replace("localhost:8501", address), {})
    assert Path("painted.jpg").read_bytes() == photo[::-1]


def test_grpc(photo: bytes) -> None:
    """Against a service of the same protocol, with messages beyond the usual limit."""
    pytest.importorskip("tensorflow_serving", reason="tensorflow-serving-api is not installed")
    import grpc
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

    class Service(prediction_service_pb2_grpc.PredictionServiceServicer):
        def Predict(self, request: Any, context: Any) -> Any:
            assert request.model_spec.name == "mine"
            assert request.model_spec.signature_name == "serve_bytes"
            (data,) = tf.make_ndarray(request.inputs["image_bytes"])
            answer = predict_pb2.PredictResponse()
            large = [data[::-1] + bytes(5 * 2**20)]
            answer.outputs["stylized_image_bytes"].CopyFrom(tf.make_tensor_proto(large))
            return answer

    with futures.ThreadPoolExecutor(1) as pool:
        service = grpc.server(pool)
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Service(), service)
        port = service.add_insecure_port("localhost:0")
        service.start()
        exec(block("python", "grpc").replace("localhost:8500", f"localhost:{port}"), {})
        service.stop(None).wait()
    assert Path("painted.jpg").read_bytes().startswith(photo[::-1])


def test_models_config_is_read_by_both_servers() -> None:
    path = ROOT / "deploy" / "models.config"
    (model,) = read_model_config(path)
    assert (model.name, model.base_path, model.latest) == ("painting", Path("/models/painting"), 2)
    assert model.labels == {"stable": 1, "canary": 2}
    pytest.importorskip("tensorflow_serving", reason="tensorflow-serving-api is not installed")
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    text_format.Parse(path.read_text(), model_server_config_pb2.ModelServerConfig())


# What tensorflow-serving-api leaves out: message -> fields by name, with their types.
# Sources: tensorflow_serving/servables/tensorflow/session_bundle_config.proto and
# tensorflow_serving/config/monitoring_config.proto.
_OTHERS: dict[str, dict[str, str]] = {
    "Number": {"value": "int64"},
    "BatchingParameters": {
        "max_batch_size": "Number",
        "batch_timeout_micros": "Number",
        "max_enqueued_batches": "Number",
        "num_batch_threads": "Number",
    },
    "Prometheus": {"enable": "bool", "path": "string"},
    "MonitoringConfig": {"prometheus_config": "Prometheus"},
}


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("batching_parameters.txt", "BatchingParameters", "max_batch_size {\n  value: 8\n}"),
        ("monitoring.config", "MonitoringConfig", 'path: "/monitoring/prometheus/metrics"'),
    ],
)
def test_the_other_protocol_buffers_parse(name: str, kind: str, expected: str) -> None:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

    file = descriptor_pb2.FileDescriptorProto(name="others.proto", package="o", syntax="proto3")
    types = {"int64": 3, "bool": 8, "string": 9}
    for message, fields in _OTHERS.items():
        added = file.message_type.add(name=message)
        for number, (field, kind_) in enumerate(fields.items(), start=1):
            entry = added.field.add(name=field, number=number, label=1, type=types.get(kind_, 11))
            if kind_ not in types:
                entry.type_name = f".o.{kind_}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    parsed = message_factory.GetMessageClass(pool.FindMessageTypeByName(f"o.{kind}"))()
    text_format.Parse((ROOT / "deploy" / name).read_text(), parsed)
    assert expected in str(parsed)


def test_compose_files() -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    folder = ROOT / "deploy"
    serving = yaml.safe_load((folder / "docker-compose.yml").read_text())["services"]["serving"]
    assert serving["image"] == "tensorflow/serving:2.20.0"
    # Every file that is mounted is there, where a flag looks for it.
    mounted = dict(volume.split(":")[:2] for volume in serving["volumes"])
    for local, inside in mounted.items():
        if inside != "/models":
            assert (folder / local).is_file()
    for flag in serving["command"]:
        value = flag.partition("=")[2]
        if value.startswith("/config/"):
            assert value in mounted.values()
    # Nobody from outside.
    assert all(port.startswith("127.0.0.1:") for port in serving["ports"])
    gpu = yaml.safe_load((folder / "docker-compose.gpu.yml").read_text())["services"]["serving"]
    assert gpu["image"] == serving["image"] + "-gpu"
    prometheus = yaml.safe_load((folder / "prometheus.yml").read_text())["scrape_configs"][0]
    assert prometheus["metrics_path"] == "/monitoring/prometheus/metrics"
    assert prometheus["static_configs"][0]["targets"] == ["serving:8501"]
