"""Official state dicts become networks that compute the same, and others are refused."""

import functools

import numpy as np
import pytest

from style_gan_tf.conversion import NETWORKS, STATISTICS, build_planned, plan_network
from style_gan_tf.errors import UsageError, UserError
from tests.conversion.official_networks import (
    measured_batch_norm,
    no_norm,
    patch_gan,
    pixel_gan,
    resnet,
    run,
    unet,
)
from tests.conversion.torch_like import BatchNorm2d, InstanceNorm2d

NORMS = {"instance": InstanceNorm2d, "batch": BatchNorm2d, "none": no_norm}


def draw(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)


def state_of(norm: str = "instance", **options) -> dict[str, np.ndarray]:
    return resnet(2, 6, NORMS[norm], **options).state_dict()


def assert_same(official, images: np.ndarray, name: str, **options) -> None:
    network = build_planned(plan_network(official.state_dict(), name, **options))
    wanted = run(official, images)
    assert wanted.std() > 0.05  # Else a dead network would pass.
    np.testing.assert_allclose(network(images), wanted, atol=1e-4)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("antialias", [False, True])
def test_resnet_computes_the_same(norm, antialias):
    official = resnet(2, 6, NORMS[norm], antialias=antialias)
    assert_same(official, draw(2, 24, 32, 3), "resnet_6blocks", antialias=antialias)


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_resnet_that_was_trained_with_dropout(norm):
    official = resnet(2, 9, NORMS[norm], drop=True)
    assert "model.10.conv_block.6.weight" in official.state_dict()
    assert_same(official, draw(1, 16, 16, 3), "resnet_9blocks")


@pytest.mark.parametrize("norm", NORMS)
def test_unet_computes_the_same(norm):
    assert_same(unet(1, 7, NORMS[norm]), draw(2, 128, 128, 3), "unet_128")


def test_deeper_unet_computes_the_same():
    assert_same(unet(1, 8, BatchNorm2d), draw(1, 256, 256, 3), "unet_256")


@pytest.mark.parametrize("norm", NORMS)
def test_discriminators_compute_the_same(norm):
    images = draw(2, 40, 48, 6)
    assert_same(patch_gan(2, NORMS[norm], 6), images, "basic")
    assert_same(pixel_gan(4, NORMS[norm]), images[..., :3], "pixel")


@pytest.mark.parametrize("official", [resnet, unet])
def test_statistics_of_the_picture_itself(official):
    """Batch normalization of one picture by its own statistics, as in the official test."""
    size, name, side = (6, "resnet_6blocks", 32) if official is resnet else (7, "unet_128", 128)
    measured = official(2, size, measured_batch_norm)
    running = official(2, size, BatchNorm2d)
    running.load(measured.state_dict())
    pictures = draw(2, side, side, 3)
    for picture in (pictures[:1], pictures[1:]):
        assert_same(measured, picture, name, norm_statistics="batch")
    assert np.abs(run(measured, pictures[:1]) - run(running, pictures[:1])).max() > 0.1
    # Of each picture by itself: the others of a batch are of no account.
    network = build_planned(plan_network(measured.state_dict(), name, norm_statistics="batch"))
    np.testing.assert_allclose(network(pictures)[:1], network(pictures[:1]), atol=1e-4)


def test_statistics_of_a_network_without_batch_normalization_are_its_own():
    for statistics in STATISTICS:
        plan = plan_network(state_of(), "resnet_6blocks", norm_statistics=statistics)
        assert plan.options["normalization"] == "instance"


def test_what_old_versions_saved_beside_the_weights_is_left_out():
    state = state_of()
    wanted = plan_network(state, "resnet_6blocks")
    for name, channels in (("model.2", 2), ("model.10.conv_block.2", 8)):
        state[f"{name}.running_mean"] = draw(channels)
        state[f"{name}.running_var"] = draw(channels)
    found = plan_network(state, "resnet_6blocks")
    assert len(found.weights) == len(wanted.weights)
    batch = {k: v for k, v in state_of("batch").items() if not k.endswith("num_batches_tracked")}
    assert plan_network(batch, "resnet_6blocks").options["normalization"] == "batch"


def test_width_is_read_from_the_tensors():
    for width in (1, 3):
        options = plan_network(resnet(width, 6, no_norm).state_dict(), "resnet_6blocks").options
        assert options["filters"] == width


def changed(name: str, value: np.ndarray | None, norm: str = "instance", **options):
    """A state dict with one tensor replaced, added or taken away."""
    state = state_of(norm, **options)
    if value is None:
        del state[name]
        return state
    return {**state, name: value}


def under_module() -> dict[str, np.ndarray]:
    return {f"module.{name}": value for name, value in state_of().items()}


@pytest.mark.parametrize(
    ("state", "options", "message"),
    [
        (lambda: changed("model.26.bias", draw(3)), {}, "has unexpected 'model.26.bias'"),
        (lambda: changed("model.23.bias", None), {}, "lacks 'model.23.bias'"),
        (lambda: changed("model.23.bias", draw(4)), {}, "model.23.bias has shape [4] where [3]"),
        (lambda: changed("model.1.weight", draw(2, 1, 7, 7)), {}, "where [2, 3, 7, 7] belongs"),
        (lambda: changed("model.23.bias", np.ones(3, np.int64)), {}, "int64 where floats belong"),
        (
            lambda: changed("model.2.running_var", -np.ones(2, np.float32), "batch"),
            {},
            "model.2.running_var has negative values",
        ),
        (
            lambda: changed("model.7.filt", np.ones((4, 1, 3, 3), np.float32) / 9, antialias=True),
            {"antialias": True},
            "model.7.filt is not the [1, 2, 1] filter",
        ),
        (under_module, {}, "saved from nn.DataParallel"),
        (lambda: state_of(antialias=True), {}, "those of --network=resnet_6blocks --antialias"),
        (state_of, {"antialias": True}, "those of --network=resnet_6blocks --noantialias"),
        (state_of, {"network": "unet_128"}, "those of --network=resnet_6blocks"),
        (lambda: unet(1, 7, BatchNorm2d).state_dict(), {}, "those of --network=unet_128"),
        (lambda: patch_gan(2, BatchNorm2d).state_dict(), {}, "it is a discriminator (basic)"),
        (lambda: {"weight": draw(3, 3)}, {}, "not a resnet_6blocks of CycleGAN, pix2pix or CUT"),
        (lambda: {"evil\nname" * 50: draw(1)}, {}, "has unexpected 'evil\\nname"),
    ],
)
def test_what_is_not_the_network_is_refused_in_one_line(state, options, message):
    plan = functools.partial(plan_network, state(), source="latest_net_G.pth")
    with pytest.raises(UserError) as error:
        plan(**{"network": "resnet_6blocks", **options})
    told = str(error.value)
    assert told.startswith("latest_net_G.pth: ") and message in told and "\n" not in told
    assert len(told) < 400


def test_unknown_names_are_refused():
    with pytest.raises(UsageError, match="--network=resnet: choose one of resnet_9blocks, "):
        plan_network({}, "resnet")
    with pytest.raises(UsageError, match="--norm_statistics=mean: choose one of running, batch"):
        plan_network({}, "resnet_9blocks", norm_statistics="mean")


@pytest.mark.parametrize("network", NETWORKS)
def test_an_empty_state_dict_is_refused(network):
    with pytest.raises(UserError, match="lacks"):
        plan_network({}, network)
