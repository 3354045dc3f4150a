from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UserError
from style_gan_tf.networks.extractors import torchvision_squeezenet, torchvision_vgg16
from tests.extractor_weights import write_torchvision_squeezenet, write_torchvision_vgg16

SHIFT, SCALE = np.array([-0.030, -0.088, -0.188]), np.array([0.458, 0.448, 0.450])
IMAGES = np.random.default_rng(1).uniform(-1, 1, (2, 40, 51, 3)).astype(np.float32)


def scaled():
    return ((IMAGES - SHIFT) / SCALE).astype(np.float32)


def convolve(x, file, name, stride=1, padding="VALID"):
    kernel = file[f"{name}.weight"].transpose(2, 3, 1, 0)
    return tf.nn.relu(tf.nn.conv2d(x, kernel, stride, padding) + file[f"{name}.bias"])


def pool_up(x):
    """3x3, stride two, sizes rounded up (ceil_mode): by -inf at the end."""
    pads = [[0, 0], *([0, 1 - size % 2] for size in x.shape[1:3]), [0, 0]]
    return tf.nn.max_pool2d(tf.pad(x, pads, constant_values=-np.inf), 3, 2, "VALID")


def test_squeezenet_is_the_one_written_out(tmp_path: Path):
    write_torchvision_squeezenet(tmp_path / "w.npz")
    x, maps = scaled(), []
    with np.load(tmp_path / "w.npz") as file:
        x = convolve(x, file, "features.0", 2)
        maps.append(x)
        for number in range(2, 13):
            if number in (2, 5, 8):
                x = pool_up(x)
                continue
            x = convolve(x, file, f"features.{number}.squeeze")
            one = convolve(x, file, f"features.{number}.expand1x1")
            three = convolve(x, file, f"features.{number}.expand3x3", padding="SAME")
            x = tf.concat([one, three], -1)
            if number in (4, 7, 9, 10, 11, 12):
                maps.append(x)
    found = torchvision_squeezenet(tmp_path / "w.npz").maps(IMAGES)
    assert len(found) == len(maps) == 7
    for ours, wanted in zip(found, maps, strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-3, atol=1e-4)


def test_vgg16_is_the_one_written_out(tmp_path: Path):
    write_torchvision_vgg16(tmp_path / "w.npz")
    x, maps = scaled(), []
    with np.load(tmp_path / "w.npz") as file:
        for number in (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28):
            if number in (5, 10, 17, 24):
                x = tf.nn.max_pool2d(x, 2, 2, "VALID")
            x = convolve(x, file, f"features.{number}", padding="SAME")
            if number in (2, 7, 14, 21, 28):
                maps.append(x)
    found = torchvision_vgg16(tmp_path / "w.npz").maps(IMAGES)
    for ours, wanted in zip(found, maps, strict=True):
        np.testing.assert_allclose(ours, wanted, rtol=1e-3, atol=1e-4)


def test_weights_of_something_else(tmp_path: Path):
    write_torchvision_vgg16(tmp_path / "w.npz")
    with pytest.raises(UserError, match="not torchvision's weights of squeezenet"):
        torchvision_squeezenet(tmp_path / "w.npz")
    with pytest.raises(UserError, match="not torchvision's weights of vgg16"):
        torchvision_vgg16(tmp_path / "missing.npz")
