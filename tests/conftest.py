"""What all tests share: small data sets of pictures, and no network of this machine's making."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

# Before TensorFlow is imported by any test.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
# Tests compare runs to the last bit, which oneDNN does not promise on every CPU.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Every test, with the fixtures that it makes, draws from a fixed seed."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(0)


@pytest.fixture(scope="session")
def two_folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders of twelve small pictures each: smooth ones, and blocky ones in warm colours."""
    root = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for name, cells, tint in (("photos", 6, (1.0, 1.0, 1.0)), ("paintings", 3, (1.2, 0.8, 0.5))):
        folder = root / name
        folder.mkdir()
        for index in range(12):
            small = rng.uniform(40, 200, (cells, cells, 3)) * tint
            picture = Image.fromarray(np.clip(small, 0, 255).astype(np.uint8))
            method = Image.Resampling.BICUBIC if name == "photos" else Image.Resampling.NEAREST
            picture.resize((72, 64), method).save(folder / f"{name}_{index:02d}.png")
    return root / "photos", root / "paintings"


@pytest.fixture
def tiny_flags(two_folders: tuple[Path, Path], tmp_path: Path) -> Callable[..., list[str]]:
    """Flags of a run that takes a second; keyword arguments replace or add flags."""

    def flags(**changes: object) -> list[str]:
        chosen: dict[str, object] = {
            "content_data": two_folders[0],
            "style_data": two_folders[1],
            "run_dir": tmp_path / "run",
            "crop": 32,
            "batch_size": 2,
            "steps": 4,
            "samples": 1,
            "sample_every": 0,
            "eval_every": 0,
            "log_every": 1,
            "precision": "float32",
            **changes,
        }
        tiny = ["generator.filters=8", "generator.n_blocks=1", "discriminator.filters=8"]
        tiny += ["discriminator.n_layers=2", *chosen.pop("set", [])]  # type: ignore[misc]
        return [*(f"--{k}={v}" for k, v in chosen.items()), *(f"--set={item}" for item in tiny)]

    return flags


_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The Chromium of the system; a test without one is skipped."""
    api = pytest.importorskip(
        "playwright.sync_api", reason="playwright is missing: pip install 'style_gan_tf[browser]'"
    )
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with api.sync_playwright() as started:
        flags = ["--no-sandbox", "--use-fake-device-for-media-stream",
                 "--use-fake-ui-for-media-stream"]  # fmt: skip
        browser = started.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()
