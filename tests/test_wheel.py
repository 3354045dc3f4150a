"""The wheel and the source archive: all that is shipped is inside, and works outside the clone."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from style_gan_tf import __version__

ROOT = Path(__file__).resolve().parents[1]
# By name: a working tree holds much that is in neither archive.
PARTS = ["README.md", "CHANGELOG.md", "LICENSE", "Makefile", "MANIFEST.in", "setup.cfg", "setup.py"]
PARTS += ["pyproject.toml", "style_gan_tf", "configs", "saved_models", "docs", "tests"]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources: building leaves files in them."""
    pytest.importorskip("setuptools", reason="setuptools is not installed")
    if not any(map(importlib.util.find_spec, ("wheel", "setuptools.command.bdist_wheel"))):
        pytest.skip("setuptools is older than 70.1, and wheel is not installed")
    folder = tmp_path_factory.mktemp("sources")
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".*")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        else:
            shutil.copy(ROOT / part, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(tree: Path) -> Path:
    command = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps"]
    command += ["--no-index", "--disable-pip-version-check", "--quiet", "--wheel-dir", "dist", "."]
    made = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=240)
    assert made.returncode == 0, made.stderr
    (file,) = (tree / "dist").glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files where an installer would put them."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def relative(folder: str) -> set[str]:
    """All files below a folder of the clone."""
    files = (p.relative_to(ROOT) for p in (ROOT / folder).rglob("*") if p.is_file())
    return {
        path.as_posix()
        for path in files
        if not any(part.startswith(".") or part == "__pycache__" for part in path.parts)
    }


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_contents(wheel: Path, installed: Path) -> None:
    assert wheel.name == f"style_gan_tf-{__version__}-py3-none-any.whl"
    inside = {p.relative_to(installed).as_posix() for p in installed.rglob("*") if p.is_file()}
    expected = relative("style_gan_tf")
    expected |= {f"style_gan_tf/{name}" for name in relative("configs") | relative("saved_models")}
    about = f"style_gan_tf-{__version__}.dist-info/"
    assert {name for name in inside if not name.startswith(about)} == expected
    assert {"style_gan_tf/py.typed", "style_gan_tf/serving/page.html"} <= inside
    for name in ("configs/quickstart.flags", "saved_models/painting/1/saved_model.pb"):
        assert f"style_gan_tf/{name}" in inside
    pictures = "style_gan_tf/data/demo_pictures/"
    assert {f"{pictures}ATTRIBUTION.{kind}" for kind in ("md", "tsv")} <= inside
    for name in ("photos/cat_15.jpg", "van_gogh/irises.jpg"):
        assert pictures + name in inside
    scripts = (installed / about / "entry_points.txt").read_text()
    assert "style-gan-train" in scripts and "style-gan-stylize" in scripts


def test_a_shipped_model_stylizes_outside_the_clone(installed: Path, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 48, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    flags = ["--model=painting", "--input=photo.png", "--output=painted.png"]
    told = run(installed, tmp_path, "-m", "style_gan_tf.stylize", *flags)
    assert told.returncode == 0, told.stderr
    with Image.open(tmp_path / "painted.png") as painted:
        assert painted.size == (48, 40) and not np.array_equal(np.asarray(painted), pixels)


def test_names_are_found_in_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    script = (
        "import style_gan_tf.flagfiles as f, style_gan_tf.inference as i\n"
        "print(f.find_flagfile('quickstart')); print(i.find_model('restore').path)"
    )
    told = run(installed, tmp_path, "-c", script)
    assert told.returncode == 0, told.stderr
    package = installed / "style_gan_tf"
    flagfile, model = map(Path, told.stdout.split("\n")[:2])
    assert flagfile == package / "configs" / "quickstart.flags"
    assert model.parent == package / "saved_models" / "restore"


def test_wrong_names_are_told_with_the_right_ones(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "photo.png").touch()
    flags = ["--model=paintin", "--input=photo.png", "--output=out"]
    told = run(installed, tmp_path, "-m", "style_gan_tf.stylize", *flags)
    assert told.returncode == 2 and "shipped models: " in told.stderr
    assert "great_wave" in told.stderr and told.stderr.count("\n") == 1
    told = run(installed, tmp_path, "-m", "style_gan_tf.train", "--flagfile=quickstrat")
    assert told.returncode == 2 and "quickstart" in told.stderr
    assert told.stderr.count("\n") == 1


def test_the_source_archive_has_all_that_builds_and_tests(tree: Path) -> None:
    script = "from setuptools import build_meta; build_meta.build_sdist('dist')"
    made = subprocess.run(
        [sys.executable, "-c", script], cwd=tree, capture_output=True, text=True, timeout=240
    )
    assert made.returncode == 0, made.stderr
    with tarfile.open(tree / "dist" / f"style_gan_tf-{__version__}.tar.gz") as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for part in PARTS:
        assert (relative(part) if (ROOT / part).is_dir() else {part}) <= names, part
