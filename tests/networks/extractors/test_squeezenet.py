from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from style_gan_tf.errors import UserError
from style_gan_tf.networks import load_extractor
from style_gan_tf.networks.extractors import PACKAGED
from tests.extractor_weights import write_squeezenet


def plainly(images, weights):
    """The network written out: deepest map of [-1, 1] pictures."""
    x = ((images + 1) * 127.5)[..., ::-1] - np.array([103.939, 116.779, 123.68], np.float32)

    def convolve(x, name, stride=1, padding="VALID"):
        kernel, bias = weights[name]
        return tf.nn.relu(tf.nn.conv2d(x, kernel, stride, padding) + bias)

    x = convolve(x, "conv1", 2)
    for number in range(2, 10):
        if number in (2, 4, 6):
            x = tf.nn.max_pool2d(x, 3, 2, "VALID")
        x = convolve(x, f"fire{number}/squeeze1x1")
        one = convolve(x, f"fire{number}/expand1x1")
        x = tf.concat([one, convolve(x, f"fire{number}/expand3x3", padding="SAME")], -1)
    return x.numpy()


@pytest.mark.parametrize("size", [(33, 47), (64, 40)])
def test_maps_and_embedding_are_those_written_out(tmp_path: Path, size):
    weights = write_squeezenet(tmp_path / "w.h5")
    extractor = load_extractor("squeezenet", tmp_path / "w.h5")
    images = np.random.default_rng(1).uniform(-1, 1, (2, *size, 3)).astype(np.float32)
    maps = extractor.maps(images)
    wanted = plainly(images, weights)
    assert [m.shape[-1] for m in maps] == [64, 128, 256, 384, 384, 512, 512]
    assert len(extractor.layers) == len(maps) and extractor.name == "squeezenet"
    np.testing.assert_allclose(maps[-1], wanted, rtol=1e-3, atol=1e-4 * wanted.max())
    np.testing.assert_allclose(
        extractor.embed(images), wanted.mean(axis=(1, 2)), rtol=1e-3, atol=1e-4 * wanted.max()
    )


def test_too_small_pictures_are_refused(tmp_path: Path):
    write_squeezenet(tmp_path / "w.h5")
    with pytest.raises(ValueError, match="from 32 pixels a side, got 20x40"):
        load_extractor("squeezenet", tmp_path / "w.h5").maps(np.zeros((1, 40, 20, 3), np.float32))


def test_without_a_file_it_is_the_packages_own(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    ours = load_extractor("squeezenet")
    kernel = ours.network.get_layer("fire2-squeeze1x1").get_weights()[0]
    with np.load(PACKAGED / "squeezenet.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(kernel, file["fire2-squeeze1x1/kernel"].astype("f4"))


def test_a_named_file_that_is_missing_or_something_else(tmp_path: Path):
    with pytest.raises(UserError, match=r"--extractor_weights=.*nowhere.h5: no such file"):
        load_extractor("squeezenet", tmp_path / "nowhere.h5")
    (tmp_path / "text.h5").write_text("no weights")
    with pytest.raises(UserError, match="not the weights of SqueezeNet"):
        load_extractor("squeezenet", tmp_path / "text.h5")


def test_an_unknown_extractor():
    with pytest.raises(UserError, match="--extractor=alexnet: choose one of squeezenet"):
        load_extractor("alexnet")
