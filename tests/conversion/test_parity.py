"""Networks against outputs of the official code itself.

Needs PyTorch and the folder that STYLE_GAN_TF_PARITY names: state dicts `NAME.pth` of official
networks in `eval` mode, and beside each `NAME_io.npz` with an `input` and its `output`,
`[batch, height, width, channels]`. Without them the same networks, written in NumPy, stand in
(test_plan.py); here those are held to the official outputs too.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from style_gan_tf.conversion import build_planned, plan_network, read_state_dict
from tests.conversion.official_networks import patch_gan, resnet, run, unet
from tests.conversion.torch_like import BatchNorm2d, InstanceNorm2d

FOLDER = os.environ.get("STYLE_GAN_TF_PARITY", "")
CASES = {
    "cyclegan_resnet9_ngf8_net_G": (
        {"network": "resnet_9blocks"},
        lambda: resnet(8, 9, InstanceNorm2d),
    ),
    "cut_resnet9_ngf8_antialias_net_G": (
        {"network": "resnet_9blocks", "antialias": True},
        lambda: resnet(8, 9, InstanceNorm2d, antialias=True),
    ),
    "pix2pix_unet128_ngf8_net_G": ({"network": "unet_128"}, lambda: unet(8, 7, BatchNorm2d)),
    "cyclegan_patchgan_ndf8_net_D": ({"network": "basic"}, lambda: patch_gan(8, InstanceNorm2d)),
}


@pytest.mark.skipif(not FOLDER, reason="STYLE_GAN_TF_PARITY names no folder of official outputs")
@pytest.mark.parametrize("name", CASES)
def test_output_is_the_official_codes(name):
    pytest.importorskip("torch", reason="PyTorch is not installed")
    options, stand_in = CASES[name]
    state = read_state_dict(Path(FOLDER) / f"{name}.pth")
    with np.load(Path(FOLDER) / f"{name}_io.npz") as file:
        images, wanted = file["input"], file["output"]
    found = build_planned(plan_network(state, **options))(images).numpy()
    print(f"{name}: largest difference {np.abs(found - wanted).max():.1e}")
    np.testing.assert_allclose(found, wanted, atol=1e-4)

    official = stand_in()
    assert set(official.state_dict()) == set(state)
    official.load(state)
    np.testing.assert_allclose(run(official, images), wanted, atol=1e-4)
