"""docs/serving.md and deploy/: the examples run, the configurations are what the servers read."""

import contextlib
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


@contextlib.contextmanager
def server(tmp_path: Path) -> Iterator[str]:
    model = FunctionModel(serve_bytes=({"image_bytes": spec("string")}, backwards))
    with running(manager_of(tmp_path / "models", mine=model)) as served:
        yield f"localhost:{served.port}"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl(tmp_path: Path, photo: bytes) -> None:
    text = block("console", "curl")
    assert all(line.startswith("$ ") for line in text.splitlines())
    with server(tmp_path) as address:
        script = text.replace("\n$ ", "\n").removeprefix("$ ").replace("localhost:8501", address)
        shell = ["bash", "-euo", "pipefail", "-c", script]
        told = subprocess.run(shell, capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stderr
    assert '"AVAILABLE"' in told.stdout and '"signature_def"' in told.stdout
    assert Path("painted.jpg").read_bytes() == photo[::-1]
    assert '"predictions"' in Path("answer.json").read_text()


def test_the_python_client(tmp_path: Path, photo: bytes) -> None:
    with server(tmp_path) as address:
        exec(block("python", "Client").replace("localhost:8501", address), {})
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
