"""Warm-up records: what TF Serving's own protocol buffers read in them, and that they run."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.exporting.warm_up import WARM_UP_FILE, prediction_log, warm_up_records


@pytest.mark.parametrize(
    ("name", "warmed"),
    [
        ("plain", {"serving_default", "serve_bytes", "serve_bytes_strength"}),
        (
            "styled",
            {
                *("serving_default", "serve_bytes", "serve_bytes_strength"),
                *("serve_bytes_style", "serve_style"),
            },
        ),
        ("noise", {"serving_default"}),
    ],
)
def test_every_way_to_ask_is_warmed_up(
    name: str, warmed: set[str], request: pytest.FixtureRequest
) -> None:
    pytest.importorskip("tensorflow_serving", reason="tensorflow-serving-api is not installed")
    from tensorflow_serving.apis import prediction_log_pb2

    version: Path = request.getfixturevalue(f"{name}_export")
    assert (version / "assets.extra" / "tf_serving_warmup_requests").is_file()
    loaded = tf.saved_model.load(str(version))
    records = list(tf.data.TFRecordDataset(str(version / WARM_UP_FILE)).as_numpy_iterator())
    seen = set()
    for record in records:
        log = prediction_log_pb2.PredictionLog.FromString(record)
        assert log.WhichOneof("log_type") == "predict_log"
        kept = log.predict_log.request
        inputs = {key: tf.constant(tf.make_ndarray(x)) for key, x in kept.inputs.items()}
        signature = loaded.signatures[kept.model_spec.signature_name]
        specs = signature.structured_input_signature[1]
        assert {key: value.dtype for key, value in inputs.items()} == {
            key: spec.dtype for key, spec in specs.items()
        }
        assert all(tf.size(value) > 0 for value in signature(**inputs).values())
        seen.add(kept.model_spec.signature_name)
    assert seen == warmed and len(records) == len(seen)


def test_a_record_is_as_tf_servings_package_writes_it() -> None:
    pytest.importorskip("tensorflow_serving", reason="tensorflow-serving-api is not installed")
    from tensorflow_serving.apis import predict_pb2, prediction_log_pb2

    inputs = {"image_bytes": np.array([b"\xff\xd8", b""], object), "strength": np.float32(0.5)}
    request = predict_pb2.PredictRequest()
    request.model_spec.signature_name = "serve_bytes_strength"
    for key, value in inputs.items():
        request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
    log = prediction_log_pb2.PredictLog(request=request)
    theirs = prediction_log_pb2.PredictionLog(predict_log=log)
    ours = prediction_log("serve_bytes_strength", inputs)
    assert prediction_log_pb2.PredictionLog.FromString(ours) == theirs


def test_a_request_that_fails_is_not_written(tmp_path: Path) -> None:
    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], name="images")])
    def picky(images):
        with tf.control_dependencies([tf.debugging.Assert(tf.size(images) > 10**9, ["too small"])]):
            return {"images": tf.identity(images)}

    module = tf.Module()
    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": picky})
    with pytest.raises(tf.errors.InvalidArgumentError, match="too small"):
        warm_up_records(tf.saved_model.load(str(tmp_path)))
