from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UserError
from style_gan_tf.networks import load_extractor
from tests.extractor_weights import write_vgg19


def plainly(images, weights):
    """relu1_1, relu2_1 and relu3_1 written out, padded by reflection."""
    kernel, bias = weights["preprocess"]
    x = (images + 1) / 2 @ kernel[0, 0] + bias
    maps = []
    for name in ("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"):
        kernel, bias = weights[name]
        x = tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], "REFLECT")
        x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "VALID") + bias)
        if name.endswith("_1"):
            maps.append(x.numpy())
        else:
            x = tf.nn.max_pool2d(x, 2, 2, "SAME")
    return maps


@pytest.mark.parametrize("size", [(16, 16), (21, 30)])
def test_maps_are_those_written_out(tmp_path: Path, size):
    weights = write_vgg19(tmp_path / "w.npz")
    extractor = load_extractor("vgg19", tmp_path / "w.npz")
    images = np.random.default_rng(1).uniform(-1, 1, (2, *size, 3)).astype(np.float32)
    for found, wanted in zip(extractor.maps(images), plainly(images, weights), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4 * wanted.max())
    # Another set of weights than Keras's own VGG19: another name.
    assert extractor.name == "vgg19-normalised"
    assert extractor.layers == ("relu1_1", "relu2_1", "relu3_1")


def test_a_file_of_something_else(tmp_path: Path):
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(UserError, match="not the weights of VGG19"):
        load_extractor("vgg19", tmp_path / "other.npz")
    write_vgg19(tmp_path / "w.npz")
    with np.load(tmp_path / "w.npz") as file:
        arrays = dict(file)
    arrays["conv1_2/kernel"] = np.zeros((3, 3, 64, 32), np.float32)
    np.savez(tmp_path / "w.npz", **arrays)
    with pytest.raises(UserError, match=r"conv1_2 has weights .*\(3, 3, 64, 32\)"):
        load_extractor("vgg19", tmp_path / "w.npz")
