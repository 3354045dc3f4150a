"""The command `convert`: from a state dict to models that the other commands take."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_gan_tf import command_line, convert, exporting, stylize
from style_gan_tf.inference import load_model
from style_gan_tf.networks import load_network
from tests.conversion.official_networks import resnet, run, unet
from tests.conversion.torch_like import BatchNorm2d, InstanceNorm2d

Convert = Callable[..., int]


@pytest.fixture
def checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that stands for a checkpoint, read as a small CycleGAN generator without PyTorch."""
    network = resnet(2, 6, InstanceNorm2d)
    monkeypatch.setattr(convert, "read_state_dict", lambda path: network.state_dict())
    path = tmp_path / "latest_net_G.pth"
    path.write_bytes(b"")
    return path


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where SavedModels were to be written; writing them takes long."""
    folders: list[Path] = []

    def export(network: object, output: Path, facts: object) -> Path:
        folders.append(output)
        return output / "1"

    monkeypatch.setattr(exporting, "export_saved_model", export)
    return folders


def command(*argv: object) -> int:
    arguments = [str(argument) for argument in argv]
    return command_line.run("convert", "", convert.define_flags, convert.main, arguments)


def test_converted_models_paint_what_the_official_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    network = resnet(2, 6, InstanceNorm2d, antialias=True)
    monkeypatch.setattr(convert, "read_state_dict", lambda path: network.state_dict())
    (tmp_path / "net.pth").write_bytes(b"")
    folder = tmp_path / "models" / "horse"
    flags = [f"--checkpoint={tmp_path}/net.pth", "--network=resnet_6blocks", f"--output={folder}"]
    assert command(*flags, "--antialias") == 0
    assert str(folder / "export" / "1") in capsys.readouterr().out
    card = json.loads((folder / "export" / "1" / "assets.extra" / "model_card.json").read_text())
    assert card["name"] == "horse"
    assert card["converted_from"] == {"checkpoint": "net.pth", "network": "resnet_6blocks"}

    images = np.random.default_rng(0).uniform(-1, 1, (1, 24, 32, 3)).astype(np.float32)
    wanted = run(network, images)
    for model in (folder, folder / "export"):
        found = load_model(model, "float32").stylize(images)
        np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert load_network(folder / "generator.keras").recipe["options"]["upsampling"] == "blur"

    Image.new("RGB", (37, 21), (200, 120, 40)).save(tmp_path / "photo.png")
    arguments = [f"--model={folder}", f"--input={tmp_path}/photo.png", f"--output={tmp_path}/out"]
    assert command_line.run("", "", stylize.define_flags, stylize.main, arguments) == 0
    assert Image.open(tmp_path / "out" / "photo.png").size == (37, 21)


def test_statistics_and_overwriting(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    exported: list[Path],
) -> None:
    monkeypatch.setattr(
        convert, "read_state_dict", lambda path: unet(1, 7, BatchNorm2d).state_dict()
    )
    (tmp_path / "net.pth").write_bytes(b"")
    flags = [f"--checkpoint={tmp_path}/net.pth", "--network=unet_128", f"--output={tmp_path}/m"]
    assert command(*flags) == 0
    file = tmp_path / "m" / "generator.keras"
    before = file.read_bytes()
    assert load_network(file).recipe["options"]["normalization"] == "batch"
    capsys.readouterr()
    assert command(*flags, "--norm_statistics=batch") == 2
    assert "exists: name another --output, or add --overwrite" in capsys.readouterr().err
    assert file.read_bytes() == before
    assert command(*flags, "--norm_statistics=batch", "--overwrite") == 0
    assert load_network(file).recipe["options"]["normalization"] == "affine_instance"
    assert exported == 2 * [tmp_path / "m" / "export"]
    assert [path.name for path in (tmp_path / "m").iterdir()] == ["generator.keras"]


def test_what_is_refused(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {"checkpoint": checkpoint, "network": "resnet_6blocks", "output": tmp_path / "out"}
    for status, named, change in [
        (2, "--checkpoint is missing", {"checkpoint": ""}),
        (2, "--network is missing", {"network": None}),
        (2, "--output is missing", {"output": ""}),
        (2, "no.pth: no such file", {"checkpoint": tmp_path / "no.pth"}),
        (2, "resnet_9blocks|resnet_6blocks|unet_256|unet_128", {"network": "basic"}),
        (2, "is a file", {"output": checkpoint}),
        (2, "running|batch", {"norm_statistics": "mean"}),
        (1, "those of --network=resnet_6blocks", {"network": "unet_256"}),
        (1, "cannot be made (Not a directory)", {"output": checkpoint / "out"}),
    ]:
        flags = {**good, **change}
        assert command(*(f"--{k}={v}" for k, v in flags.items() if v is not None)) == status, change
        told = capsys.readouterr().err
        assert told.startswith("error: ") and told.count("\n") == 1 and named in told, told
    assert not (tmp_path / "out").exists()


def test_a_real_checkpoint(tmp_path: Path, exported: list[Path]) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    network = resnet(2, 6, InstanceNorm2d)
    state = {name: torch.from_numpy(np.array(v)) for name, v in network.state_dict().items()}
    torch.save(state, tmp_path / "net.pth")
    flags = [f"--checkpoint={tmp_path}/net.pth", "--network=resnet_6blocks", f"--output={tmp_path}"]
    assert command(*flags) == 0 and exported
    images = np.random.default_rng(0).uniform(-1, 1, (1, 16, 16, 3)).astype(np.float32)
    found = load_network(tmp_path / "generator.keras")(images)
    np.testing.assert_allclose(found, run(network, images), atol=1e-4)
