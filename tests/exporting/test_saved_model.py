"""Writing a SavedModel: its precision and limits, and loading it without this package."""

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.networks import Network, build_generator


@pytest.fixture(scope="module")
def network() -> Network:
    return build_generator("fast", filters=8, n_blocks=1)


def test_a_full_disk_gives_one_line(network: Network, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(UserError, match=r"cannot be written \(File too large\)"):
            export_saved_model(network, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def test_float32_whatever_the_network_computes_in(tmp_path: Path) -> None:
    low = build_generator("fast", filters=8, n_blocks=1, dtype="mixed_bfloat16")
    loaded = tf.saved_model.load(str(export_saved_model(low, tmp_path)))
    function = loaded.signatures["serving_default"]
    assert {variable.dtype for variable in function.variables} == {tf.float32}
    types = {tensor.dtype for op in function.graph.get_operations() for tensor in op.outputs}
    assert tf.bfloat16 not in types


def test_float_signature(plain_export: Path) -> None:
    loaded = tf.saved_model.load(str(plain_export))
    function = loaded.signatures["serving_default"]
    assert function.structured_input_signature[1] == {
        "images": tf.TensorSpec([None, None, None, 3], tf.float32, name="images")
    }
    images = np.random.default_rng(0).uniform(0, 1, (2, 9, 14, 3)).astype(np.float32)
    (name,) = answer = function(images=tf.constant(images))
    assert name == "stylized_images" and answer[name].shape == images.shape
    assert answer[name].numpy().min() >= 0.0 and answer[name].numpy().max() <= 1.0
    with pytest.raises(tf.errors.InvalidArgumentError, match="height or width of 0"):
        function(images=tf.zeros([1, 0, 4, 3]))


def test_pixel_limit(network: Network, styled_export: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="max_pixels=4095: must be at least 4096"):
        export_saved_model(network, tmp_path, max_pixels=4095)
    loaded = tf.saved_model.load(str(styled_export))
    floats, strings = (loaded.signatures[name] for name in ("serving_default", "serve_bytes"))
    assert floats(images=tf.zeros([2, 8, 256, 3]))["stylized_images"].shape == (2, 8, 256, 3)
    # All pictures of a batch are in memory at once.
    with pytest.raises(tf.errors.InvalidArgumentError, match="more than 4096 pixels in all"):
        floats(images=tf.zeros([3, 8, 256, 3]))
    png = [tf.io.encode_png(tf.zeros([64, width, 3], tf.uint8)) for width in (64, 65)]
    assert strings(image_bytes=tf.stack(png[:1] * 3))["stylized_image_bytes"].shape == (3,)
    with pytest.raises(tf.errors.InvalidArgumentError, match="65 x 64 pixels, and the limit is 40"):
        strings(image_bytes=tf.stack(png))


def test_loads_without_this_package_and_keras(plain_export: Path, tmp_path: Path) -> None:
    program = """
import importlib.machinery
import sys

class Refuse:
    # TensorFlow looks whether Keras is there, without loading it: it is, but cannot be loaded.
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("style_gan_tf", "keras", "tf_keras"):
            return importlib.machinery.ModuleSpec(name, self, origin="nowhere")

    def create_module(self, spec):
        raise ImportError(spec.name)

    def exec_module(self, module):
        raise ImportError(module.__name__)

sys.meta_path.insert(0, Refuse())
import tensorflow as tf

model = tf.saved_model.load(sys.argv[1])
images = model.signatures["serving_default"](images=tf.zeros([1, 5, 7, 3]))["stylized_images"]
assert images.shape == (1, 5, 7, 3)
png = tf.io.encode_png(tf.zeros([5, 7, 3], tf.uint8))
(data,) = model.signatures["serve_bytes"](image_bytes=png[None])["stylized_image_bytes"].numpy()
assert tf.io.decode_png(data).shape == (5, 7, 3)
assert not {"style_gan_tf", "keras"} & set(sys.modules)
print("loaded")
"""
    # From a folder without the package, which the search path would find there.
    done = subprocess.run(
        [sys.executable, "-c", program, str(plain_export)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "loaded\n", done.stderr


def test_each_weight_is_written_once(tmp_path):
    network = build_generator("fast", filters=8, n_blocks=1)
    folder = export_saved_model(network, tmp_path)
    written = [
        shape
        for name, shape in tf.train.list_variables(str(folder / "variables" / "variables"))
        if name.endswith("VARIABLE_VALUE")
    ]
    assert len(written) == len(network.weights)
