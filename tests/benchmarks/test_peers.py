"""The networks and losses that ours are timed against are the same networks and losses."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks import peers, train_step  # noqa: E402
from benchmarks.peers.cyclegan import CycleGan, History, parameters, resnet_generator  # noqa: E402
from benchmarks.peers.fast_neural_style import TransformerNet  # noqa: E402


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    # PyTorch's threads wait for each other at every operation: minutes on a busy machine.
    torch.set_num_threads(1)


def test_sizes_of_the_published_networks() -> None:
    assert parameters(TransformerNet()) == 1_679_235
    assert parameters(resnet_generator()) == 11_378_179


def test_settings() -> None:
    image = torch.zeros(1, 3, 8, 8)
    assert peers.Setting(channels_last=True).place(image).stride(1) == 1
    assert peers.REFERENCE.place(image).stride(3) == 1
    layer = torch.nn.Conv2d(3, 4, 3)
    for setting in peers.SETTINGS:
        with setting.autocast():
            assert (layer(image).dtype == torch.bfloat16) == setting.bfloat16
        assert ("bfloat16" in str(setting)) == setting.bfloat16


def test_history_fills_and_then_exchanges() -> None:
    history = History(2)
    images = [torch.full((1, 3, 1, 1), float(value)) for value in range(20)]
    shown = [history.exchange(image) for image in images]
    assert torch.equal(shown[0], images[0]) and torch.equal(shown[1], images[1])
    seen = [float(picture.mean()) for picture in shown]
    assert any(value != number for number, value in enumerate(seen))
    assert len(history.pictures) == 2


def test_two_steps_give_the_losses_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same weights and pictures: so forward passes, gradients and Adam agree as well."""
    monkeypatch.setattr("style_gan_tf.precision.fastest_precision", lambda: "float32")
    size = 32
    ours = train_step.our_step(SimpleNamespace(size=size, filters=4, blocks=1))
    theirs = CycleGan(filters=4, blocks=1, discriminator_filters=4)
    networks = ours.objective.networks
    for network, module in (
        (networks["generator"], theirs.there),
        (networks["backward_generator"], theirs.back),
        (networks["discriminator"], theirs.judge_style),
        (networks["content_discriminator"], theirs.judge_content),
    ):
        _copy(network, module)

    random = np.random.default_rng(0)
    pictures = random.uniform(-1, 1, (2, 1, size, size, 3)).astype(np.float32)
    content, style = (torch.from_numpy(p.transpose(0, 3, 1, 2).copy()) for p in pictures)
    batch = {"content": pictures[0], "style": pictures[1], "positions": np.arange(1)}
    judged = []
    for _ in range(2):
        losses = ours({name: _tensor(value) for name, value in batch.items()}).losses
        expected = theirs.step(content, style)
        # Our generators both report the cycle, which counts once.
        ours_total = sum(
            value
            for name, value in losses.items()
            if "discriminator" not in name and name != "backward_generator/cycle"
        )
        assert ours_total == pytest.approx(expected["generators"], rel=1e-3)
        judged += [
            losses["discriminator/adversarial"] / expected["judge_style"],
            losses["content_discriminator/adversarial"] / expected["judge_content"],
        ]
    # A constant factor on a discriminator's whole loss is one that Adam does not see.
    assert judged == pytest.approx([judged[0]] * 4, rel=1e-3) and judged[0] in (
        pytest.approx(0.5, rel=1e-3),
        pytest.approx(1.0, rel=1e-3),
    )


def _copy(network: Any, module: Any) -> None:
    """Our weights into PyTorch's network: kernels lie there with the input channels second."""
    with torch.no_grad():
        for weight, parameter in zip(network.get_weights(), module.parameters(), strict=True):
            value = weight.transpose(3, 2, 0, 1) if weight.ndim == 4 else weight
            parameter.copy_(torch.from_numpy(value.copy()))


def _tensor(value: np.ndarray) -> Any:
    import tensorflow as tf

    return tf.convert_to_tensor(value.astype(np.int32) if value.dtype.kind == "i" else value)
