"""CUT and EnCo: their networks are the official ones, their losses the formulas of the papers."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks.peers import REFERENCE, SETTINGS  # noqa: E402
from benchmarks.peers.antialiased import Discriminator, Generator  # noqa: E402
from benchmarks.peers.cut import LAYERS, Cut, patch_nce, patches_of  # noqa: E402
from benchmarks.peers.cyclegan import (  # noqa: E402
    CycleGan,
    parameters,
    patch_discriminator,
    resnet_generator,
)
from benchmarks.peers.enco import STAGES, EnCo, Head, attended_places, unit_distance  # noqa: E402
from benchmarks.peers.rival import least_squares  # noqa: E402
from tests.conversion.official_networks import patch_gan, resnet, run  # noqa: E402
from tests.conversion.torch_like import InstanceNorm2d  # noqa: E402

# Outputs of the official code itself; where the folder is missing, the NumPy networks, which
# tests/conversion holds to the same outputs, stand in.
PARITY = Path(__file__).resolve().parents[3] / "shared" / "data" / "parity"
NETWORKS = {
    "cut_resnet9_ngf8_antialias_net_G": lambda: Generator(8),
    "cyclegan_resnet9_ngf8_net_G": lambda: resnet_generator(8),
    "cyclegan_patchgan_ndf8_net_D": lambda: patch_discriminator(8),
}
NUMPY = {
    "antialiased": (
        lambda: Generator(2, 1),
        lambda: resnet(2, 1, InstanceNorm2d, antialias=True),
        12,
    ),
    "cyclegan": (lambda: resnet_generator(2, 1), lambda: resnet(2, 1, InstanceNorm2d), 12),
    "patch": (lambda: patch_discriminator(2), lambda: patch_gan(2, InstanceNorm2d), 32),
}


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    # PyTorch's threads wait for each other at every operation: minutes on a busy machine.
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def pictures(count: int = 2, size: int = 32) -> "torch.Tensor":
    return torch.rand(count, 1, 3, size, size) * 2 - 1


def tiny(recipe, setting=REFERENCE):
    return {
        Cut: lambda: Cut(setting, 2, 5, 2),
        EnCo: lambda: EnCo(setting, 2, 6, 2, stages=((3, 25), (7, 21), (13, 15))),
        CycleGan: lambda: CycleGan(setting, 2, 1, 2),
    }[recipe]()


def paint(network, images: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        found = network(torch.from_numpy(images.transpose(0, 3, 1, 2).copy()))
    return found.numpy().transpose(0, 2, 3, 1)


def load(network, state) -> None:
    """Weights by their official names; ours of CycleGAN have no `model.` before them."""
    strip = "" if hasattr(network, "model") else "model."
    tensors = {name.removeprefix(strip): torch.as_tensor(value) for name, value in state.items()}
    network.load_state_dict(tensors)


@pytest.mark.skipif(not PARITY.is_dir(), reason="no folder of official outputs; NumPy stands in")
@pytest.mark.parametrize("name", NETWORKS)
def test_output_is_the_official_codes(name):
    network = NETWORKS[name]()
    load(network, torch.load(PARITY / f"{name}.pth", weights_only=True))
    with np.load(PARITY / f"{name}_io.npz") as file:
        np.testing.assert_allclose(paint(network, file["input"]), file["output"], atol=1e-5)


@pytest.mark.parametrize("name", NUMPY)
def test_output_is_the_numpy_networks(name):
    build, official, size = NUMPY[name]
    network, wanted = build(), official()
    load(network, wanted.state_dict())
    images = np.random.default_rng(0).uniform(-1, 1, (1, size, size, 3)).astype(np.float32)
    np.testing.assert_allclose(paint(network, images), run(wanted, images), atol=1e-4)


def test_sizes_of_the_published_networks():
    assert parameters(Generator()) == 11_378_179
    assert parameters(Discriminator()) == 2_764_737


def test_layers_are_the_papers_maps():
    generator, image = Generator(4), pictures(1)[0]
    shapes = [tuple(maps.shape[1:]) for maps in generator.features(image, LAYERS)]
    # The padded picture; the halving convolutions before their blurs; residual blocks.
    assert shapes == [(3, 38, 38), (8, 32, 32), (16, 16, 16), (16, 8, 8), (16, 8, 8)]
    for before, after in STAGES:
        output, (early, late) = generator.with_features(image, (before, after))
        assert early.shape == late.shape
        torch.testing.assert_close(output, generator(image))


def test_discriminator_judges_patches_of_70_pixels():
    """By strides and kernels: one logit more for eight pixels more, the corner by its own patch."""
    judge = Discriminator(2)
    assert judge(torch.zeros(1, 3, 64, 64)).shape == (1, 1, 6, 6)
    assert judge(torch.zeros(1, 3, 128, 128)).shape == (1, 1, 14, 14)


def test_patch_nce_is_its_formula():
    rng = np.random.default_rng(0)
    queries, keys = (
        vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
        for vectors in rng.normal(size=(2, 3, 7, 5))
    )
    wanted = []
    for query, key in zip(queries, keys, strict=True):
        for place in range(7):
            cosines = np.exp(query[place] @ key.T / 0.07)
            wanted.append(-np.log(cosines[place] / cosines.sum()))
    found = patch_nce(torch.from_numpy(queries), torch.from_numpy(keys))
    assert float(found) == pytest.approx(np.mean(wanted), rel=1e-6)
    # Keys that are all the same say nothing: each of the places is as likely.
    same = torch.nn.functional.normalize(torch.ones(1, 7, 5), dim=-1)
    assert float(patch_nce(torch.from_numpy(queries[:1]).float(), same)) == pytest.approx(np.log(7))


def test_patches_are_those_of_the_places():
    maps = torch.arange(24.0).reshape(1, 2, 3, 4)
    found = patches_of(maps, torch.tensor([0, 7]))
    assert found.tolist() == [[[0.0, 12.0], [7.0, 19.0]]]


def test_enco_distance_of_unit_vectors():
    axis, other = torch.tensor([[3.0, 0.0]]), torch.tensor([[0.0, 2.0]])
    for left, right, wanted in ((axis, 2 * axis, 0), (axis, other, 2), (axis, -axis, 4)):
        assert float(unit_distance(left, right)) == pytest.approx(wanted, abs=1e-6)
    left, right = np.random.default_rng(0).normal(size=(2, 6, 4))
    units = [v / np.linalg.norm(v, axis=1, keepdims=True) for v in (left, right)]
    found = float(unit_distance(torch.from_numpy(left), torch.from_numpy(right)))
    assert found == pytest.approx(np.square(units[0] - units[1]).sum(axis=1).mean(), rel=1e-6)


def test_attention_takes_half_from_what_looks_least_real():
    logits = torch.arange(64.0)
    # Four times 16 candidates are all places, so the eight lowest must be there.
    places = attended_places(logits, 16)
    assert len(places) == 16 and sorted(places[:8].tolist()) == list(range(8))
    assert int(places[8:].max()) > 16  # Drawn from all.
    assert len(attended_places(logits, 100)) == 64


def test_no_gradient_reaches_what_is_compared_with():
    head, had, told = Head(3), *(torch.randn(8, 3, requires_grad=True) for _ in range(2))
    unit_distance(head.predict(told), head.project(had)).backward()
    assert had.grad is None and told.grad is not None

    cut, (source, painted) = tiny(Cut), (part.requires_grad_() for part in pictures())
    cut.nce(source, painted).backward()
    assert source.grad is None and painted.grad is not None


@pytest.mark.parametrize("recipe", [Cut, EnCo, CycleGan])
def test_a_step_changes_every_network(recipe):
    rival, (content, style) = tiny(recipe), pictures()
    before = {name: [w.clone() for w in part.parameters()] for name, part in rival.networks.items()}
    losses = rival.step(content, style)
    assert all(np.isfinite(value) for value in losses.values())
    for name, part in rival.networks.items():
        moved = [
            not torch.equal(a, b) for a, b in zip(before[name], part.parameters(), strict=True)
        ]
        assert any(moved), name


@pytest.mark.parametrize("recipe", [Cut, EnCo])
def test_adversarial_losses_are_least_squares(recipe):
    rival, (content, style) = tiny(recipe), pictures()
    with torch.no_grad():
        stylized = rival.generator(content)
        real, fake = (rival.judge(images).numpy() for images in (style, stylized))
    wanted = 0.5 * (np.square(real - 1).mean() + np.square(fake).mean())
    assert rival.step(content, style)["judge"] == pytest.approx(wanted, rel=1e-4)
    assert float(least_squares(torch.tensor([3.0, 1.0]), 1.0)) == 2.0


def test_cut_minimises_the_sum_of_its_terms():
    """The generator's gradient is that of GAN + (NCE + identity NCE) / 2."""
    cut, (content, style) = tiny(Cut), pictures()
    places = torch.get_rng_state()
    cut.step(content, style)
    found = [weight.grad.clone() for weight in cut.generator.parameters()]

    again = tiny(Cut)
    torch.manual_seed(0)
    again = tiny(Cut)
    pictures()  # The same draws as above.
    torch.set_rng_state(places)
    judge_before = [w.detach().clone() for w in cut.judge.parameters()]
    with torch.no_grad():  # After the discriminator's update.
        for weight, value in zip(again.judge.parameters(), judge_before, strict=True):
            weight.copy_(value)
    stylized, identity = again.generator(torch.cat([content, style])).split(1)
    loss = torch.square(again.judge(stylized) - 1).mean()
    loss = loss + 0.5 * again.nce(content, stylized) + 0.5 * again.nce(style, identity)
    loss.backward()
    for weight, wanted in zip(again.generator.parameters(), found, strict=True):
        torch.testing.assert_close(weight.grad, wanted, rtol=1e-3, atol=1e-6)


def test_enco_has_an_identity_in_the_first_half_alone(monkeypatch):
    rival, (content, style) = tiny(EnCo), pictures()
    seen = []
    original = rival.generator.with_features
    monkeypatch.setattr(
        rival.generator,
        "with_features",
        lambda images, layers: (seen.append(len(images)), original(images, layers))[1],
    )
    for progress in (0.0, 0.5, 0.51):
        rival.advance(progress)
        rival.step(content, style)
    assert seen == [2, 2, 1]


def test_learning_rates_are_the_published_ones():
    rates = {
        recipe: {name: adam.param_groups[0]["lr"] for name, adam in tiny(recipe).optimizers.items()}
        for recipe in (Cut, EnCo, CycleGan)
    }
    assert set(rates[Cut].values()) == set(rates[CycleGan].values()) == {2e-4}
    assert rates[EnCo] == {"generator_adam": 5e-5, "heads_adam": 5e-5, "judge_adam": 2e-4}
    rival = tiny(Cut)
    for progress, share in ((0.0, 1.0), (0.5, 1.0), (0.75, 0.5), (1.0, 0.0)):
        rival.advance(progress)
        assert rival.optimizers["judge_adam"].param_groups[0]["lr"] == pytest.approx(2e-4 * share)
    rival.advance(1.0, linear=False)
    assert rival.optimizers["judge_adam"].param_groups[0]["lr"] == 2e-4


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_settings_paint_the_same(setting):
    image = pictures(1)[0]
    painted = []
    for each in (REFERENCE, setting):
        torch.manual_seed(1)
        painted.append(tiny(Cut, each).paint(image))
    assert painted[1].dtype == torch.float32
    torch.testing.assert_close(painted[0], painted[1], atol=0.02, rtol=0)


@pytest.mark.parametrize("recipe", [Cut, EnCo, CycleGan])
@pytest.mark.parametrize("shape", [(35, 30), (32, 33)])
def test_paintings_are_as_large_as_their_photos(recipe, shape):
    image = torch.rand(1, 3, *shape) * 2 - 1
    rival = tiny(recipe)
    painted = rival.paint(image)
    assert painted.shape == image.shape
    height, width = (-(-side // 4) * 4 for side in shape)
    whole = torch.nn.functional.pad(
        image, (0, width - shape[1], 0, height - shape[0]), mode="reflect"
    )
    torch.testing.assert_close(painted, rival.paint(whole)[..., : shape[0], : shape[1]])
