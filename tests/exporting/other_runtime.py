"""Do exports load and agree under another TensorFlow? A program for two environments.

    python tests/exporting/other_runtime.py record FOLDER # with style_gan_tf: exports, and answers
    python tests/exporting/other_runtime.py check FOLDER  # with TensorFlow alone: the same?

`make runtime` runs the first where the package is installed and the second under the TensorFlow of
the newest TensorFlow Serving that is released.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

# Of floats in [0, 1], and of larger ones by their size; instance normalization enlarges what two
# versions round differently.
_TOLERANCE = 1e-4
_LEVELS = 1  # of 8-bit pixels
_NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "fast": ("fast", {"filters": 16, "n_blocks": 2}),
    "styles": ("fast", {"filters": 8, "n_blocks": 1, "num_styles": 3}),
    "sized": ("fast", {"filters": 8, "n_blocks": 1}),
    "resnet": ("resnet", {"filters": 8, "n_blocks": 2}),
    "restorer": ("restorer", {"filters": 8}),
    "unet": ("unet", {"filters": 4, "depth": 4}),
    "codes": ("fast", {"filters": 4, "n_blocks": 1, "num_styles": 2, "style_encoder": True}),
    "noise": ("noise", {"latent": 8, "filters": 4, "size": 16}),
}
_PAINT_SIZES = {"sized": 24, "codes": 40}  # pixels, fewer than the pictures have


def record(folder: Path) -> None:
    """Export networks with weights of all kinds, and keep what their signatures answer."""
    from style_gan_tf.exporting import export_saved_model
    from style_gan_tf.networks import build_generator

    shutil.rmtree(folder, ignore_errors=True)
    for name, (architecture, options) in _NETWORKS.items():
        random = np.random.default_rng(0)
        network = build_generator(architecture, **options)
        for weight in network.trainable_variables:
            weight.assign_add(0.1 * random.standard_normal(weight.shape))
        version = export_saved_model(network, folder / name, paint_size=_PAINT_SIZES.get(name, 0))
        for number, (signature, inputs) in enumerate(_requests(name, random)):
            outputs = _answer(tf.saved_model.load(str(version)), signature, inputs)
            arrays = {f"in_{key}": value for key, value in inputs.items()}
            arrays |= {f"out_{key}": value for key, value in outputs.items()}
            np.savez(folder / name / f"request_{number}.npz", signature=signature, **arrays)
    print(f"{folder}: {len(_NETWORKS)} exports by TensorFlow {tf.__version__}")


def _requests(name: str, random: np.random.Generator) -> list[tuple[str, dict[str, np.ndarray]]]:
    if name == "noise":
        return [("serving_default", {"noise": random.standard_normal((3, 8)).astype(np.float32)})]
    images = random.uniform(0, 1, (2, 37, 50, 3)).astype(np.float32)
    smooth = tf.image.resize(images[0, :4, :5], [61, 43]).numpy()
    pixels = tf.cast(smooth * 255.0, tf.uint8)
    files = [tf.io.encode_png(pixels).numpy(), tf.io.encode_jpeg(pixels[:17]).numpy()]
    encoded = {"image_bytes": np.array([np.frombuffer(x, np.uint8) for x in files], object)}
    requests = [
        ("serving_default", {"images": images}),
        ("serve_bytes", encoded),
        ("serve_bytes_strength", {**encoded, "strength": np.float32([0.25, 1.0])}),
    ]
    if name == "sized":
        requests.append(("own_size", {"images": images}))
    if name == "styles":
        weights = np.float32([[0.2, 0.0, 0.5], [0.0, 1.0, 0.0]])
        requests.append(("serve_bytes_style", {**encoded, "style_weights": weights}))
    if name == "codes":
        references = {"reference_bytes": encoded["image_bytes"][::-1]}
        codes = {"style_code": random.uniform(0, 1, (2, 65)).astype(np.float32)}
        requests += [
            ("encode_style", references),
            ("named_styles", {"style_weights": np.float32([[0.3, 0.5]])}),
            ("serve_code", {"images": images, **codes}),
            ("serve_bytes_code", {**encoded, **codes}),
            ("serve_bytes_reference", {**encoded, **references, "strength": np.float32(0.7)}),
        ]
    return requests


def _answer(model: Any, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What a signature answers; encoded pictures are lists of octets, here and there."""
    given = {
        key: tf.constant([x.tobytes() for x in value] if value.dtype == object else value)
        for key, value in inputs.items()
    }
    answer = {key: value.numpy() for key, value in model.signatures[signature](**given).items()}
    return {
        key: np.array([np.frombuffer(x, np.uint8) for x in value], object)
        if value.dtype == object
        else value
        for key, value in answer.items()
    }


def check(folder: Path) -> None:
    """Ask the same again, run the warm-up records, and send what is broken."""
    from tensorflow_serving.apis import prediction_log_pb2

    checked = 0
    for place in sorted(folder.iterdir()):
        model = tf.saved_model.load(str(place / "1"))
        for file in sorted(place.glob("request_*.npz")):
            # Written by the program above, a moment ago.
            with np.load(file, allow_pickle=True) as kept:
                inputs = {key[3:]: kept[key] for key in kept.files if key.startswith("in_")}
                expected = {key[4:]: kept[key] for key in kept.files if key.startswith("out_")}
                signature = str(kept["signature"])
            got = _answer(model, signature, inputs)
            assert set(got) == set(expected), (place.name, signature, set(got))
            apart = max(_apart(got[key], expected[key]) for key in got)
            assert apart <= 1, f"{place.name} {signature}: {apart:.3g} times the tolerance"
            checked += 1
        for log in tf.data.TFRecordDataset(
            str(place / "1" / "assets.extra" / "tf_serving_warmup_requests")
        ).as_numpy_iterator():
            request = prediction_log_pb2.PredictionLog.FromString(log).predict_log.request
            inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
            given = {key: tf.constant(value) for key, value in inputs.items()}
            model.signatures[request.model_spec.signature_name](**given)
            checked += 1
        if "serve_bytes" in model.signatures:
            for data in (b"", b"GIF89a", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n" + bytes(40)):
                try:
                    model.signatures["serve_bytes"](image_bytes=tf.constant([data]))
                except tf.errors.InvalidArgumentError:
                    checked += 1
                else:
                    raise AssertionError(f"{place.name}: {data!r} was not refused")
    assert checked, f"{folder}: nothing was recorded"
    print(f"{folder}: {checked} requests agree under TensorFlow {tf.__version__}")


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference, in tolerances."""
    if one.dtype != object:
        size = max(1.0, float(np.abs(other).max()))
        return float(np.abs(one - other).max()) / size / _TOLERANCE
    pictures = [
        [tf.io.decode_image(x.tobytes()).numpy().astype(int) for x in files]
        for files in (one, other)
    ]
    return max(float(np.abs(a - b).max()) for a, b in zip(*pictures, strict=True)) / _LEVELS


if __name__ == "__main__":
    {"record": record, "check": check}[sys.argv[1]](Path(sys.argv[2]))
