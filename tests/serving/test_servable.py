"""SavedModels behind the REST API: any signature, the runtime's errors, time limits, warm-up."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.exporting.warm_up import WARM_UP_FILE
from style_gan_tf.serving.model_config import ModelConfig
from style_gan_tf.serving.model_manager import ModelManager
from style_gan_tf.serving.rest import RestApi, RestError, parse_call
from style_gan_tf.serving.servable import Servable


def _write(path: Path) -> Path:
    module = tf.Module()
    module.weight = tf.Variable(2.0)
    module.counter = tf.Variable(0)
    any_floats = tf.TensorSpec(None, tf.float32, name="x")

    def signature(**inputs: tf.TensorSpec) -> Any:
        return lambda function: tf.function(function, input_signature=list(inputs.values()))

    @signature(x=any_floats)
    def half_plus_two(x: Any) -> Any:
        return {"y": x / 2.0 + module.weight}

    @signature(a=tf.TensorSpec([None], tf.float32, "a"), b=tf.TensorSpec([], tf.int32, "b"))
    def two(a: Any, b: Any) -> Any:
        return {"sum": a + tf.cast(b, tf.float32), "b_again": b}

    @signature(x=tf.TensorSpec([None], tf.string, "x_bytes"))
    def doubled(x_bytes: Any) -> Any:
        return {"y_bytes": x_bytes + x_bytes, "length": tf.strings.length(x_bytes)}

    @signature(x=any_floats)
    def picky(x: Any) -> Any:
        told = tf.debugging.Assert(tf.reduce_all(x > 0.0), ["x must be above 0: send such", x])
        with tf.control_dependencies([told]):
            return {"y": tf.identity(x)}

    @signature(x=tf.TensorSpec([], tf.int32, "x"))
    def slow(x: Any) -> Any:
        return {"y": tf.while_loop(lambda i: i < x, lambda i: [i + 1], [tf.constant(0)])[0]}

    @signature(x=tf.TensorSpec([None], tf.bfloat16, "x"))
    def short(x: Any) -> Any:
        return {"y": x}

    @signature(x=tf.TensorSpec([], tf.int32, "x"))
    def count(x: Any) -> Any:
        return {"y": module.counter.assign_add(x)}

    functions = (half_plus_two, two, doubled, picky, slow, short, count)
    names = ("serving_default", "two", "doubled", "picky", "slow", "short", "count")
    tf.saved_model.save(module, str(path), dict(zip(names, functions, strict=True)))
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(tmp_path_factory.mktemp("models") / "m" / "1")


@pytest.fixture(scope="module")
def api(path: Path) -> RestApi:
    manager = ModelManager([ModelConfig("m", path.parent)], Servable, lambda line: None)
    manager.look(at_once=True)
    return RestApi(manager)


def call(api: RestApi, seconds: float = 60.0, **request: Any) -> tuple[int, Any]:
    try:
        body = json.dumps(request).encode()
        answer = api.predict(parse_call("POST", "/v1/models/m:predict"), body, seconds)
    except RestError as error:
        return error.http_status, str(error)
    return 200, json.loads(answer)


def test_signatures(api: RestApi) -> None:
    for request, answer in [
        ({"instances": [1.0, 2.0, 5.0]}, {"predictions": [2.5, 3.0, 4.5]}),
        ({"inputs": [[1.0], [2.0]]}, {"outputs": [[2.5], [3.0]]}),
        (
            {"signature_name": "two", "inputs": {"a": [1.5, 2], "b": 3}},
            {"outputs": {"b_again": 3, "sum": [4.5, 5.0]}},
        ),
        (
            {"signature_name": "doubled", "instances": [{"b64": "/wA="}, "a"]},
            {
                "predictions": [
                    {"length": 2, "y_bytes": {"b64": "/wD/AA=="}},
                    {"length": 1, "y_bytes": {"b64": "YWE="}},
                ]
            },
        ),
        ({"signature_name": "short", "instances": [0.5, 1]}, {"predictions": [0.5, 1.0]}),
    ]:
        assert call(api, **request) == (200, answer)


def test_errors_are_the_runtimes(api: RestApi) -> None:
    status, words = call(api, signature_name="picky", instances=[1.0, -1.0])
    assert status == 400
    assert words == "assertion failed: [x must be above 0: send such] [1 -1]"
    status, words = call(api, signature_name="two", instances=[{"a": 1.0, "b": 2}])
    assert status == 400 and "Input b has shape [1]" in words


def test_the_time_limit_breaks_a_run_off(api: RestApi) -> None:
    assert call(api, signature_name="slow", inputs=10) == (200, {"outputs": 10})
    status, _ = call(api, seconds=0.2, signature_name="slow", inputs=2_000_000_000)
    assert status == 504
    assert call(api, signature_name="slow", inputs=10) == (200, {"outputs": 10})


def test_metadata(api: RestApi) -> None:
    answer = json.loads(api.look(parse_call("GET", "/v1/models/m/metadata")))
    assert answer["model_spec"] == {"name": "m", "signature_name": "", "version": "1"}
    signatures = answer["metadata"]["signature_def"]["signature_def"]
    two = signatures["two"]
    assert two["method_name"] == "tensorflow/serving/predict"
    assert set(two["inputs"]) == {"a", "b"} and set(two["outputs"]) == {"sum", "b_again"}
    assert two["inputs"]["a"]["dtype"] == "DT_FLOAT"
    shape = {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False}
    assert two["inputs"]["a"]["tensor_shape"] == shape
    assert signatures["serving_default"]["inputs"]["x"]["tensor_shape"]["unknown_rank"] is True


@pytest.mark.parametrize("damage", ["no graph", "half a graph", "no weights", "half the weights"])
def test_damaged_models_are_told(path: Path, tmp_path: Path, damage: str) -> None:
    import shutil

    copy = tmp_path / "1"
    shutil.copytree(path, copy)
    graph, weights = copy / "saved_model.pb", copy / "variables" / "variables.data-00000-of-00001"
    if damage == "no graph":
        graph.unlink()
    elif damage == "half a graph":
        graph.write_bytes(graph.read_bytes()[:-1000])
    elif damage == "no weights":
        weights.unlink()
    else:
        weights.write_bytes(weights.read_bytes()[:3])
    with pytest.raises(RestError) as told:
        Servable(copy)
    assert str(copy) in str(told.value) and "\n" not in str(told.value)


def test_recorded_requests_are_run_before_the_model_answers(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow_serving", reason="tensorflow-serving-api is not installed")
    from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

    path = _write(tmp_path / "1")

    def record(name: str, **inputs: Any) -> bytes:
        request = predict_pb2.PredictRequest()
        request.model_spec.name = "m"
        request.model_spec.signature_name = name
        for key, value in inputs.items():
            request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
        log = prediction_log_pb2.PredictLog(request=request)
        return prediction_log_pb2.PredictionLog(predict_log=log).SerializeToString()

    def write(*records: bytes) -> None:
        (path / WARM_UP_FILE).parent.mkdir(exist_ok=True)
        with tf.io.TFRecordWriter(str(path / WARM_UP_FILE)) as file:
            for item in records:
                file.write(item)

    other = prediction_log_pb2.PredictionLog()
    other.classify_log.request.model_spec.name = "m"
    write(record("count", x=np.int32(5)), other.SerializeToString(), record("count", x=np.int32(2)))
    model = Servable(path)
    assert model.run("count", {"x": np.int32(1)}, 60.0)["y"] == 8
    model.close()
    # A record that fails fails the model, as it does in TF Serving.
    write(record("picky", x=np.float32([-1.0])))
    with pytest.raises(RestError, match="above 0"):
        Servable(path)
