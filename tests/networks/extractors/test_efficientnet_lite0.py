from pathlib import Path

import numpy as np
import pytest

from style_gan_tf.conversion.feature_networks import convert, fold_efficientnet
from style_gan_tf.errors import UserError
from style_gan_tf.networks.extractors import PACKAGED, efficientnet_lite0, load_extractor
from style_gan_tf.networks.extractors.efficientnet_lite0 import build_efficientnet_lite0

PUBLISHED = Path(__file__).parents[4] / "shared/data/weights"
published = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published weights are not in ../shared/data/weights"
)
STRIDES, CHANNELS = (2, 4, 8, 16, 32), (16, 24, 40, 112, 320)


def relative(found, wanted):
    return np.abs(found - wanted).max() / np.abs(wanted).max()


@published
@pytest.mark.parametrize(("stored", "tolerance"), [("float32", 1e-3), ("float16", 1e-2)])
def test_every_resolution_is_what_the_published_network_gives(tmp_path, stored, tolerance):
    if stored == "float32":
        path = tmp_path / "w.npz"
        weights = PUBLISHED / "efficientnet_lite0_imagenet_features.npz"
        np.savez(path, **fold_efficientnet(weights))
    else:
        path = PACKAGED / "efficientnet_lite0.npz"
    with np.load(PUBLISHED / "efficientnet_lite0_io.npz") as parity:
        image = parity["image"][np.newaxis].astype(np.float32) / 127.5 - 1
        maps = efficientnet_lite0(path).maps(image)
        for block, found in zip((0, 2, 4, 10, 15), maps, strict=True):
            assert relative(found.numpy(), parity[f"block{block}"]) < tolerance, block


@published
def test_the_package_holds_what_the_script_makes_of_the_published_files(tmp_path):
    for made in convert(PUBLISHED, tmp_path):
        with np.load(made) as new, np.load(PACKAGED / made.name, allow_pickle=False) as ours:
            assert new.files == ours.files
            for name in new.files:
                assert ours[name].dtype == np.float16
                np.testing.assert_array_equal(ours[name], new[name])


def test_the_maps_strides_and_channels_and_odd_sizes():
    extractor = load_extractor("efficientnet_lite0")
    maps = extractor.maps(np.zeros((2, 67, 40, 3), np.float32))
    for found, stride, channels in zip(maps, STRIDES, CHANNELS, strict=True):
        assert found.shape == (2, -(-67 // stride), -(-40 // stride), channels)
    assert extractor.embed(np.zeros((1, 64, 64, 3), np.float32)).shape == (1, 320)
    assert len(efficientnet_lite0(maps=3).network.outputs) == 3


def test_folding_is_the_batch_normalization_of_the_convolution(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {
        "conv_stem/weight": rng.normal(size=(3, 3, 3, 4)),
        "blocks/0/depthwise_conv/weight": rng.normal(size=(3, 3, 4, 1)),
        "blocks/0/project_conv/weight": rng.normal(size=(1, 1, 4, 2)),
    }
    for norm, count in (("bn0", 4), ("blocks/0/bn1", 4), ("blocks/0/bn2", 2)):
        for part in ("weight", "bias", "running_mean"):
            arrays[f"{norm}/{part}"] = rng.normal(size=count)
        arrays[f"{norm}/running_var"] = rng.uniform(0.5, 2, count)
    np.savez(tmp_path / "w.npz", **arrays)
    folded = fold_efficientnet(tmp_path / "w.npz")
    assert set(folded) == {
        f"{layer}/{part}"
        for layer in ("stem", "block0-depthwise", "block0-project")
        for part in ("kernel", "bias")
    }
    window = rng.normal(size=(3, 3, 4))  # what a depthwise kernel lies over

    def normalized(values, norm):
        centred = values - arrays[f"{norm}/running_mean"]
        scaled = centred / np.sqrt(arrays[f"{norm}/running_var"] + 1e-3)
        return scaled * arrays[f"{norm}/weight"] + arrays[f"{norm}/bias"]

    raw = np.sum(window * arrays["blocks/0/depthwise_conv/weight"][..., 0], (0, 1))
    kernel = folded["block0-depthwise/kernel"][..., 0]
    found = np.sum(window * kernel, (0, 1)) + folded["block0-depthwise/bias"]
    np.testing.assert_allclose(found, normalized(raw, "blocks/0/bn1"), rtol=1e-6)
    raw = window[0, 0] @ arrays["blocks/0/project_conv/weight"][0, 0]
    found = window[0, 0] @ folded["block0-project/kernel"][0, 0] + folded["block0-project/bias"]
    np.testing.assert_allclose(found, normalized(raw, "blocks/0/bn2"), rtol=1e-6)


def test_other_files_are_refused_in_one_line(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    (tmp_path / "cut.npz").write_bytes((PACKAGED / "squeezenet.npz").read_bytes()[:5000])
    for name in ("other.npz", "cut.npz"):
        for extractor in ("efficientnet_lite0", "squeezenet", "vgg19"):
            with pytest.raises(UserError, match=rf"{name}: not the weights of"):
                load_extractor(extractor, tmp_path / name)
    with pytest.raises(UserError, match=r"--extractor_weights=.*none.npz: no such file"):
        load_extractor("efficientnet_lite0", tmp_path / "none.npz")


def test_it_is_frozen_and_computes_in_bfloat16():
    network = build_efficientnet_lite0("mixed_bfloat16", maps=2)
    assert not network.trainable_variables
    assert all(layer.dtype_policy.name == "mixed_bfloat16" for layer in network.layers[2:])


@published
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("squeezenet", "squeezenet1.1_imagenet_notop.h5"),
        ("vgg19", "vgg19_normalised_relu3_1.npz"),
    ],
)
def test_float16_storage_changes_every_map_by_less_than_a_hundredth(name, file):
    with np.load(PUBLISHED / "efficientnet_lite0_io.npz") as parity:
        image = parity["image"][np.newaxis].astype(np.float32) / 127.5 - 1
    ours, theirs = load_extractor(name), load_extractor(name, PUBLISHED / file)
    for layer, found, wanted in zip(ours.layers, ours.maps(image), theirs.maps(image), strict=True):
        assert relative(found.numpy(), wanted.numpy()) < 1e-2, layer
