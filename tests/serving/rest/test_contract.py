"""TF Serving's REST contract, line by line: requests, answers, status codes, words."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from style_gan_tf.serving.model_config import ModelConfig
from style_gan_tf.serving.model_manager import ModelManager
from style_gan_tf.serving.rest import RestApi, RestError, parse_call
from tests.serving.stand_ins import FunctionModel, load_half_plus, make_version, manager_of, spec

STRINGS = {"type": spec("string")}
TWO = {"a": spec("float"), "b": spec("int32")}


def _two(a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    return {"sum": (a + b).astype(np.float32), "product": a * b}


def _outputs(x: np.ndarray) -> dict[str, np.ndarray]:
    return {"rows": x, "scalar": np.float32(7)}


MODEL = FunctionModel(
    serving_default=({"x": spec("float")}, lambda x: {"y": x / 2 + 2}),
    echo=({"x": spec("float")}, lambda x: {"y": x}),
    doubles=({"x": spec("double")}, lambda x: {"y": x}),
    halves=({"x": spec("half")}, lambda x: {"y": x}),
    ints=({"x": spec("int32")}, lambda x: {"y": x}),
    longs=({"x": spec("int64")}, lambda x: {"y": x}),
    octets=({"x": spec("uint8")}, lambda x: {"y": x}),
    bools=({"x": spec("bool")}, lambda x: {"y": x}),
    texts=({"x": spec("string")}, lambda x: {"y": x}),
    bytes=({"x_bytes": spec("string")}, lambda x_bytes: {"y_bytes": x_bytes}),
    complexes=({"x": spec("complex64")}, lambda x: {"y": x}),
    two=(TWO, _two),
    shaped=({"x": spec("float", None, 2)}, lambda x: {"y": x}),
    scalar=({"x": spec("float")}, lambda x: {"y": np.float32(3)}),
    batches=({"x": spec("float")}, lambda x: {"y": x, "z": x[:1]}),
    nothing=({}, lambda: {"y": np.zeros(1)}),
    failing=({"x": spec("float")}, lambda x: _fail("RESOURCE_EXHAUSTED")),
    internal=({"x": spec("float")}, lambda x: _fail("INTERNAL")),
    missing=({"x": spec("float")}, lambda x: _fail("UNIMPLEMENTED")),
)


def _fail(code: str) -> Any:
    raise RestError(code, "it failed")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> RestApi:
    """Version 1 of "m", whose label is "stable"."""
    folder = tmp_path_factory.mktemp("models")
    make_version(folder / "m", 1)
    labels = {"stable": 1, "gone": 9}
    manager = ModelManager(
        [ModelConfig("m", folder / "m", labels=labels)], lambda path: MODEL, lambda line: None
    )
    manager.look(at_once=True)
    return RestApi(manager)


def call(
    api: RestApi, body: Any, path: str = "/v1/models/m:predict", method: str = "POST"
) -> tuple[int, Any]:
    """Status and answer: what is inside the JSON, or the error's text."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        asked = parse_call(method, path)
        answer = api.predict(asked, data, 30.0) if method == "POST" else api.look(asked)
    except RestError as error:
        return error.http_status, str(error)
    return 200, json.loads(answer)


GOOD: list[tuple[str, Any, Any]] = [
    ("serving_default", {"instances": [1.0, 2.0, 5.0]}, {"predictions": [2.5, 3.0, 4.5]}),
    ("serving_default", {"instances": [[1, 2], [3, 4]]}, {"predictions": [[2.5, 3.0], [3.5, 4.0]]}),
    ("serving_default", {"inputs": [1.0, 2.0]}, {"outputs": [2.5, 3.0]}),
    ("serving_default", {"inputs": {"x": [1.0, 2.0]}}, {"outputs": [2.5, 3.0]}),
    ("serving_default", {"inputs": 1.0}, {"outputs": 2.5}),
    ("serving_default", {"inputs": {"x": [1], "extra": "ignored"}}, {"outputs": [2.5]}),
    ("serving_default", {"instances": [{"x": 1}, {"x": 2}]}, {"predictions": [2.5, 3.0]}),
    ("serving_default", {"instances": [1], "unknown": {"key": 1}}, {"predictions": [2.5]}),
    (
        "two",
        {"instances": [{"a": 1.5, "b": 2}, {"b": 3, "a": 2}]},
        {"predictions": [{"product": 3.0, "sum": 3.5}, {"product": 6.0, "sum": 5.0}]},
    ),
    (
        "two",
        {"inputs": {"a": [1.5], "b": [2], "c": "extra"}},
        {"outputs": {"product": [3.0], "sum": [3.5]}},
    ),
    ("batches", {"inputs": [1.0, 2.0]}, {"outputs": {"y": [1.0, 2.0], "z": [1.0]}}),
    ("scalar", {"inputs": [1.0]}, {"outputs": 3.0}),
    ("ints", {"instances": [-(2**31), 2**31 - 1]}, {"predictions": [-(2**31), 2**31 - 1]}),
    ("longs", {"instances": [2**62]}, {"predictions": [2**62]}),
    ("octets", {"instances": [0, 255]}, {"predictions": [0, 255]}),
    ("bools", {"instances": [True, False]}, {"predictions": [True, False]}),
    ("doubles", {"instances": [0.1, 2**53 - 1]}, {"predictions": [0.1, 2.0**53 - 1]}),
    ("halves", {"instances": [0.5, 2047]}, {"predictions": [0.5, 2047.0]}),
    (
        "echo",
        {"instances": [0.1, 1e-7, 3.4e38, 16777215]},
        {"predictions": [0.1, 1e-7, 3.4e38, 16777215.0]},
    ),
    ("echo", {"instances": [[[1.0]], [[2.0]]]}, {"predictions": [[[1.0]], [[2.0]]]}),
    ("echo", {"instances": [[], []]}, {"predictions": [[], []]}),
    ("shaped", {"instances": [[1, 2]]}, {"predictions": [[1.0, 2.0]]}),
    ("texts", {"instances": ["a", "ü\u4e2d"]}, {"predictions": ["a", "ü\u4e2d"]}),
    ("texts", {"instances": [{"b64": "YQ=="}]}, {"predictions": ["a"]}),
    ("bytes", {"instances": [{"b64": "/wA="}]}, {"predictions": [{"b64": "/wA="}]}),
    ("bytes", {"inputs": {"b64": "/wA="}}, {"outputs": {"b64": "/wA="}}),
    ("bytes", {"inputs": {"x_bytes": [{"b64": "/w A"}]}}, {"outputs": [{"b64": "/wA="}]}),
    (
        "bytes",
        {"instances": [["a", {"b64": "Yg"}]]},
        {"predictions": [[{"b64": "YQ=="}, {"b64": "Yg=="}]]},
    ),
    ("bytes", {"instances": [{"x_bytes": {"b64": ""}}]}, {"predictions": [{"b64": ""}]}),
]


@pytest.mark.parametrize(("signature", "request_", "answer"), GOOD)
def test_answers(api: RestApi, signature: str, request_: Any, answer: Any) -> None:
    status, got = call(api, {"signature_name": signature, **request_})
    assert status == 200, got
    # As text: 1 and 1.0 are different answers.
    assert json.dumps(got) == json.dumps(answer)


BAD: list[tuple[str, Any, int, str]] = [
    (
        "serving_default",
        {"instances": [1], "inputs": [1]},
        400,
        "expecting only one of 'inputs' or 'instances'",
    ),
    ("serving_default", {}, 400, "Missing 'inputs' or 'instances' key"),
    ("serving_default", {"instances": 1}, 400, "Expecting 'instances' to be an list/array"),
    ("serving_default", {"instances": {"x": 1}}, 400, "Expecting 'instances' to be an list/array"),
    ("serving_default", {"instances": []}, 400, "No values in 'instances' array"),
    ("two", {"instances": [{"a": 1}]}, 400, "keys must be equal to: a,b"),
    ("two", {"instances": [{"a": 1, "b": 2, "c": 3}]}, 400, "does not have named input: c"),
    ("two", {"instances": [1, 2]}, 400, "instances is a plain list, but expecting list of objects"),
    ("two", {"instances": [{"a": 1, "b": 2}, 3]}, 400, "Expecting object but got list at item 1"),
    ("echo", {"instances": [1, {"x": 2}]}, 400, "Expecting value/list but got object at item 1"),
    ("two", {"inputs": {"a": [1]}}, 400, "Missing named input: b in 'inputs' object."),
    ("two", {"inputs": [1]}, 400, "inputs is a plain value/list"),
    ("bytes", {"instances": [{"b64": "a!"}]}, 400, "Unable to base64 decode"),
    ("bytes", {"instances": [{"b64": "é"}]}, 400, "Unable to base64 decode"),
    (
        "bytes",
        {"inputs": {"x_bytes": [{"b64": 7}]}},
        400,
        "not formatted correctly for base64 data",
    ),
    (
        "bytes",
        {"inputs": {"x_bytes": {"b64": "YQ==", "more": 1}}},
        400,
        "not formatted correctly for base64",
    ),
    ("echo", {"instances": ["1"]}, 400, "is not of expected type: float"),
    ("echo", {"instances": [None]}, 400, "is not of expected type: float"),
    ("echo", {"instances": [True]}, 400, "is not of expected type: float"),
    ("echo", {"inputs": [{"b64": "YQ=="}]}, 400, "is not of expected type: float"),
    ("ints", {"instances": [1.0]}, 400, "is not of expected type: int32"),
    ("ints", {"instances": [2**31]}, 400, "is not of expected type: int32"),
    ("ints", {"instances": [True]}, 400, "is not of expected type: int32"),
    ("octets", {"instances": [256]}, 400, "is not of expected type: uint8"),
    ("bools", {"instances": [1]}, 400, "is not of expected type: bool"),
    ("texts", {"instances": [1]}, 400, "is not of expected type: string"),
    ("complexes", {"instances": [1]}, 501, "to type: complex64"),
    ("echo", {"instances": [16777216]}, 400, "16777216 to float without loss of precision"),
    ("echo", {"instances": [10**400]}, 400, "to float without loss of precision"),
    ("echo", {"instances": [1e39]}, 400, "to float without loss of precision"),
    ("echo", {"instances": [[1, 2], [1, 2, 3]]}, 400, "Expecting tensor size: 2 but got: 3"),
    ("echo", {"instances": [[1, 2], [[1, 2]]]}, 400, "Expecting shape [2] but got: [1,2]"),
    ("echo", {"instances": [1, [2]]}, 400, "Expecting shape [] but got: [1]"),
    ("echo", {"inputs": [[1, 2], [1]]}, 400, "Encountered list at unexpected size: 1"),
    ("echo", {"inputs": [[1], 2]}, 400, "found at incorrect level"),
    ("echo", {"inputs": [1, [2]]}, 400, "Encountered list at unexpected level"),
    (
        "shaped",
        {"instances": [[1, 2, 3]]},
        400,
        "has shape [1, 3], and the signature takes [-1, 2]",
    ),
    ("scalar", {"instances": [1.0]}, 400, "has no shape information"),
    ("batches", {"instances": [1.0, 2.0]}, 400, "inconsistent batch size"),
    ("nothing", {"inputs": {}}, 400, "Failed to get input map for signature: nothing"),
    ("x", {"instances": [1]}, 400, 'Serving signature name: "x" not found in signature def'),
    ("failing", {"instances": [1]}, 429, "it failed"),
    ("internal", {"instances": [1]}, 500, "it failed"),
    ("missing", {"instances": [1]}, 501, "it failed"),
]


@pytest.mark.parametrize(("signature", "request_", "status", "words"), BAD)
def test_refusals(api: RestApi, signature: str, request_: Any, status: int, words: str) -> None:
    got = call(api, {"signature_name": signature, **request_})
    assert got[0] == status and words in got[1], got


NO_JSON: list[tuple[bytes, str]] = [
    (b"", "JSON Parse error: The document is empty"),
    (b" \n", "JSON Parse error: The document is empty"),
    (b"instances = [1]", "JSON Parse error: Invalid value"),
    (b"[1, 2]", "Is not object"),
    (b'"text"', "Is not object"),
    (b'{"instances": [1', "JSON Parse error: Missing a comma"),
    (b'{"instances": [1,', "JSON Parse error: Invalid value"),
    (b'{"instances": ["a', "JSON Parse error: Missing a closing quotation mark"),
    (b'{"instances" [1]}', "JSON Parse error: Missing a colon"),
    (b"{1: 2}", "JSON Parse error: Missing a name"),
    (b"\xff\xfe", "JSON Parse error: Invalid value"),
    (b'{"signature_name": 100, "instances": [1]}', "'signature_name' key must be a string value."),
    (b'{"instances": ' + b"[" * 100_000, "JSON Parse error: Nested too deeply"),
    (b'{"instances": ' + b"[" * 400 + b"]" * 400 + b"}", "more than 32 dimensions"),
    (b'{"instances": [' + b"9" * 5000 + b"]}", "JSON Parse error: Number too big"),
    (b'{"signature_name": "texts", "instances": ["\\ud800"]}', "surrogate pair"),
]


@pytest.mark.parametrize(("body", "words"), NO_JSON)
def test_what_is_no_request(api: RestApi, body: bytes, words: str) -> None:
    got = call(api, body)
    assert got[0] == 400 and words in got[1], got


def test_what_is_ignored(api: RestApi) -> None:
    for body in (
        b'{"instances": [1.0]} and more',
        b'\xef\xbb\xbf{"instances": [1.0]}',
        b'{"instances": [1.0], "instances": [9.0]}',
        b'{"signature_name": "", "instances": [1.0]}',
    ):
        assert call(api, body) == (200, {"predictions": [2.5]})


def test_not_a_number_and_infinity(api: RestApi) -> None:
    body = b'{"signature_name": "echo", "instances": [NaN, Infinity, -Infinity]}'
    answer = api.predict(parse_call("POST", "/v1/models/m:predict"), body, 30.0)
    assert answer == b'{"predictions": [NaN, Infinity, -Infinity]}\n'


def test_bytes_that_are_no_text_come_back_as_they_were(api: RestApi) -> None:
    body = b'{"signature_name": "texts", "instances": ["\xff\xfe"]}'
    answer = api.predict(parse_call("POST", "/v1/models/m:predict"), body, 30.0)
    assert answer == b'{"predictions": ["\xff\xfe"]}\n'


def test_an_error_shows_the_beginning_of_a_large_value(api: RestApi) -> None:
    status, words = call(api, {"instances": 1, "large": "x" * 10**6})
    assert status == 400 and len(words) < 300
    status, words = call(api, {"inputs": "x" * 10**6})
    assert status == 400 and len(words) < 300


PATHS: list[tuple[str, str, int, Any]] = [
    ("POST", "/v1/models/m:predict", 200, None),
    ("POST", "/V1/Models/m/VERSIONS/1:predict", 200, None),
    ("POST", "/v1/models/%6d/versions/1:predict", 200, None),
    ("POST", "/v1/models/m/labels/stable:predict", 200, None),
    ("POST", "/v1/models/m/labels/st%61ble:predict", 200, None),
    ("POST", "/v1/models/foo:predict", 404, "Servable not found for request: Latest(foo)"),
    ("POST", "/v1/models/M:predict", 404, "Servable not found for request: Latest(M)"),
    ("POST", "/v1/models/foo/versions/50:predict", 404, "Specific(foo, 50)"),
    ("POST", "/v1/models/m/versions/50:predict", 404, "Specific(m, 50)"),
    ("POST", "/v1/models/m/labels/gone:predict", 404, "Specific(m, 9)"),
    ("POST", "/v1/models/m/labels/x:predict", 400, "Unrecognized servable version label: x"),
    (
        "POST",
        "/v1/models/m/versions/99999999999999999999:predict",
        400,
        "Failed to convert version",
    ),
    ("POST", "/v1/models/m:classify", 501, ":classify is not served here; use :predict"),
    ("GET", "/v1/models/m:predict", 400, "Malformed request: GET /v1/models/m:predict"),
    ("PUT", "/v1/models/m:predict", 400, "Malformed request: PUT"),
    ("POST", "/v1/models/m:PREDICT", 400, "Malformed request"),
    ("POST", "/v1/models/m", 400, "Malformed request: POST /v1/models/m"),
    ("POST", "/v1/models/m/metadata", 400, "Malformed request"),
    ("POST", "/v1/models/m/versions/one:predict", 400, "Malformed request"),
    ("POST", "/v1/models/m/versions/1/labels/stable:predict", 400, "Malformed request"),
    ("POST", "/v1/models/m:predict?x=1", 400, "Malformed request"),
    ("GET", "/v1/models/m?x=1", 400, "Malformed request"),
    ("GET", "/v1/foo", 400, "Malformed request: GET /v1/foo"),
    ("GET", "/v1/models", 400, "Missing model name in request."),
    ("GET", "/v1/models/foo", 404, "Could not find any versions of model foo"),
    ("GET", "/v1/models/m/versions/50", 404, "Could not find version 50 of model m"),
    ("GET", "/v1/models/m/labels/x", 400, "Unrecognized servable version label: x"),
    ("GET", "/v1/models/foo/metadata", 404, "Servable not found for request: Latest(foo)"),
]


@pytest.mark.parametrize(("method", "path", "status", "words"), PATHS)
def test_paths(api: RestApi, method: str, path: str, status: int, words: str | None) -> None:
    got = call(api, {"instances": [1.0]}, path, method)
    assert got[0] == status, got
    assert got[1] == {"predictions": [2.5]} if words is None else words in got[1], got


def test_status_and_metadata(tmp_path: Path) -> None:
    for number, content in ((123, "2"), (124, "3"), (125, "broken")):
        make_version(tmp_path, number, content)
    config = ModelConfig("m", tmp_path, latest=0, labels={"stable": 123})
    manager = ModelManager([config], load_half_plus, lambda line: None)
    manager.look(at_once=True)
    api = RestApi(manager)
    fine = {"error_code": "OK", "error_message": ""}
    broken = {"error_code": "INTERNAL", "error_message": f"{tmp_path}/125 is damaged: broken"}
    v125 = {"version": "125", "state": "END", "status": broken}
    v124 = {"version": "124", "state": "AVAILABLE", "status": fine}
    v123 = {"version": "123", "state": "AVAILABLE", "status": fine}
    for path, expected in [
        ("/v1/models/m", [v125, v124, v123]),
        ("/v1/models/m/versions/123", [v123]),
        ("/v1/models/m/labels/stable", [v123]),
    ]:
        assert call(api, b"", path, "GET") == (200, {"model_version_status": expected})
    assert call(api, b"", "/v1/models/m/metadata", "GET") == (
        200,
        {
            "model_spec": {"name": "m", "signature_name": "", "version": "124"},
            "metadata": {"signature_def": {"signature_def": {"serving_default": {}}}},
        },
    )
    # The latest is the newest that can answer.
    assert call(api, {"instances": [1]}) == (200, {"predictions": [3.5]})
    assert call(api, {"instances": [1]}, "/v1/models/m/labels/stable:predict")[1] == {
        "predictions": [2.5]
    }


def test_runs_are_told(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    api = RestApi(manager_of(tmp_path, m=MODEL), lambda name, seconds: told.append((name, seconds)))
    call(api, {"instances": [1]})
    ((name, seconds),) = told
    assert name == "m" and 0.0 <= seconds < 5.0


def test_a_picture_as_floats_is_read_and_written_quickly(api: RestApi) -> None:
    picture = np.random.default_rng(0).uniform(0, 1, (1, 64, 64, 3)).astype(np.float32)
    body = {"signature_name": "echo", "instances": picture.tolist()}
    status, answer = call(api, body)
    assert status == 200
    np.testing.assert_array_equal(np.float32(answer["predictions"]), picture)
    # float32 written as float32: no digits that mean nothing.
    text = json.dumps(answer["predictions"])
    assert len(text) < picture.size * 13
