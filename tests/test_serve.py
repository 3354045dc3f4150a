"""The command `serve`: a process with a real model, its versions, its signals; what it refuses."""

import contextlib
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from absl import flags
from PIL import Image

from style_gan_tf import command_line, serve
from style_gan_tf.exporting import export_saved_model
from style_gan_tf.images import decode
from style_gan_tf.inference.naming import ModelFile
from style_gan_tf.networks import build_generator
from style_gan_tf.serving.client import Client, ServerError
from tests.serving.stand_ins import make_version, wait_until


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions whose answers differ."""
    folder = tmp_path_factory.mktemp("exported")
    network = build_generator("fast", filters=8, n_blocks=1)
    random = np.random.default_rng(0)
    for _ in range(2):
        for weight in network.weights:
            weight.assign_add(0.1 * random.standard_normal(weight.shape))
        export_saved_model(network, folder)
    return folder


@contextlib.contextmanager
def serving(*given: str) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """The process, its address and its lines, once it serves."""
    command = [sys.executable, "-m", "style_gan_tf.serve", "--rest_api_port=0", *given]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ)
    )
    lines: list[str] = []

    def collect() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)

    reader = threading.Thread(target=collect)
    reader.start()
    try:
        wait_until(lambda: process.poll() is not None or _address(lines), 240)
        assert process.poll() is None, "".join(lines)
        yield process, _address(lines), lines
    finally:
        process.kill()
        process.wait()
        reader.join()
        assert process.stdout is not None
        process.stdout.close()


def _address(lines: list[str]) -> str:
    found = re.findall(r"http://127\.0\.0\.1:\d+", "".join(lines))
    return found[0] if found else ""


def photo() -> bytes:
    pixels = np.random.default_rng(1).integers(0, 256, (24, 33, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_versions_come_while_it_serves_and_sigterm_ends_it(exported: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(exported / "1", base / "1")
    given = [f"--model_base_path={base}", "--model_name=m", "--file_system_poll_wait_seconds=0.2"]
    with serving(*given, "--demo") as started, contextlib.ExitStack() as stack:
        process, address, lines = started
        client = stack.enter_context(Client(f"{address}/v1/models/m"))
        first = client.stylize_bytes(photo())
        assert Image.open(io.BytesIO(first)).size == (33, 24) and first != photo()
        unchanged = client.stylize_bytes(photo(), strength=0.0)
        np.testing.assert_array_equal(decode(unchanged).rgb, decode(photo()).rgb)
        with pytest.raises(ServerError, match="neither a JPEG nor a PNG"):
            client.stylize_bytes(b"no picture")
        with urllib.request.urlopen(f"{address}/") as page:
            assert b"Stylize a photo" in page.read()
        with urllib.request.urlopen(f"{address}/monitoring/prometheus/metrics") as page:
            assert b':request_count{model_name="m",status="OK"} 2' in page.read()
        # A new version, while calls go on: none of them fails.
        shutil.copytree(exported / "2", base / "2")
        answers = set()
        wait_until(lambda: answers.add(client.stylize_bytes(photo())) or len(answers) > 1, 120)
        assert first in answers
        assert [status["version"] for status in client.status()] == ["2", "1"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        wait_until(lambda: "stopped\n" in lines)
        assert any(line.startswith("m version 2 loaded") for line in lines)
        assert not any("Traceback" in line or "WARNING" in line for line in lines), lines


def run(*argv: str) -> int:
    return command_line.run("serve", "", serve.define_flags, serve.main, argv)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_what_is_refused(taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_version(tmp_path / "run" / "export", 1)
    make_version(tmp_path / "m", 1)
    (tmp_path / "bad.config").write_text("model_config_list { config { nam: 'x' } }")
    missing = "model_config_list { config { name: 'x' base_path: 'nowhere' } }"
    (tmp_path / "missing.config").write_text(missing)
    base = f"--model_base_path={tmp_path}"
    for status, words, *argv in [
        (2, "--model_base_path=FOLDER or --model_config_file", ""),
        (2, "--model_base_path=FOLDER or", f"{base}/m", f"--model_config_file={tmp_path}/x"),
        (2, "no such folder, and no shipped model of that name (", f"{base}/nowhere"),
        (2, f"name the folder above it, {tmp_path}/m", f"{base}/m/1"),
        (2, "run/export has: name that", f"{base}/run"),
        (2, "--model_name=a/b", f"{base}/m", "--model_name=a/b"),
        (2, "cannot be read", f"--model_config_file={tmp_path}/none"),
        (2, "no field nam in ModelConfig", f"--model_config_file={tmp_path}/bad.config"),
        (2, "--model_name belongs", f"--model_config_file={tmp_path}/x", "--model_name=m"),
        (2, "x: base_path", f"--model_config_file={tmp_path}/missing.config"),
        (2, "rest_api_port", f"{base}/m", "--rest_api_port=70000"),
        (2, "max_queue", f"{base}/m", "--max_queue=-1"),
        (1, "there (Cannot assign", f"{base}/m", "--host=192.0.2.1"),
        (1, "listen there (another program does", f"{base}/m", f"--rest_api_port={taken}"),
        (1, "default version 1: ", f"{base}/m", "--rest_api_port=0"),
    ]:
        assert run(*filter(None, argv)) == status, argv
        told = capsys.readouterr().err.splitlines()[-1]
        assert told.startswith("error: ") and words in told, told


def test_a_shipped_model_is_served_by_its_name(
    exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = ModelFile(exported / "2", "saved_model")
    monkeypatch.setattr(serve, "shipped_models", lambda: {"masters": shipped})
    monkeypatch.chdir(tmp_path)

    def configured() -> Path:
        values = flags.FlagValues()
        serve.define_flags(values)
        values(["serve", "--model_base_path=masters"])
        (config,) = serve._configs(values)
        return config.base_path

    assert configured() == exported, "the folder of its versions"
    # A folder of that name wins.
    make_version(tmp_path / "masters", 1)
    assert configured() == Path("masters")


def test_the_configuration_is_read_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "models.config"
    text = "model_config_list {{ config {{ name: '{}' base_path: 'm' }} }}"
    file.write_text(text.format("first"))
    values = flags.FlagValues()
    serve.define_flags(values)
    seconds = "--model_config_file_poll_wait_seconds=0.001"
    values(["serve", f"--model_config_file={file}", seconds])
    reread = serve._rereader(values)

    def after_a_moment() -> list[str] | None:
        time.sleep(0.002)
        models = reread()
        return None if models is None else [model.name for model in models]

    assert after_a_moment() is None
    file.write_text(text.format("second"))
    assert after_a_moment() == ["second"]
    assert after_a_moment() is None
    file.write_text("model_config_list {")
    assert after_a_moment() is None
    file.unlink()
    assert after_a_moment() is None
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2 and all("the models stay as they are" in line for line in told)
