"""The benchmarks of serving run, tiny, and the load test sees what is wrong."""

import base64
import json
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks import serving, serving_load
from benchmarks.load_clients import Client, Sample, Tally, encoded, is_right, request
from benchmarks.server_process import export_generator, photo
from style_gan_tf import command_line
from style_gan_tf.serving.server import ServerSettings
from tests.serving.stand_ins import FunctionModel, manager_of, running, spec


@pytest.fixture(scope="module")
def base_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    export_generator(folder, filters=4, n_blocks=1)
    return folder


def test_three_seconds_of_load(base_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--clients=8", "--seconds=3", f"--model_base_path={base_path}"]
    command = (serving_load.define_flags, serving_load.main)
    status = command_line.run("serving_load", "", *command, arguments)
    told = capsys.readouterr().out
    assert status == 0 and "all right" in told, told
    assert "p50" in told and "p99" in told and "memory: " in told


def test_the_ratio(base_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "figures.json"
    arguments = ["--width=48", "--height=32", "--rounds=2", f"--json={report}"]
    arguments.append(f"--model_base_path={base_path}")
    command = (serving.define_flags, serving.main)
    assert command_line.run("serving", "", *command, arguments) == 0
    assert "times as long as decode + model + encode directly" in capsys.readouterr().out
    figures = json.loads(report.read_text())
    assert set(figures["medians"]) == {"served", "direct"} and figures["width"] == 48


def test_a_wrong_answer_is_seen() -> None:
    pixels = photo(20, 10)
    sample = Sample(request(encoded(pixels, "PNG")), pixels.astype(np.int16))

    def answer(picture: np.ndarray) -> bytes:
        data = base64.b64encode(encoded(picture.astype(np.uint8), "PNG")).decode()
        return json.dumps({"predictions": [{"b64": data}]}).encode()

    known: set[bytes] = set()
    assert is_right(answer(pixels), sample, known) and is_right(answer(pixels), sample, known)
    assert not is_right(answer(255 - pixels), sample, known)
    assert not is_right(answer(pixels[:5]), sample, known)


def test_a_faulty_server_is_seen(tmp_path: Path) -> None:
    """One that takes everything for a good picture and answers with another one's."""
    other = encoded(photo(64, 48, seed=9), "PNG")

    def anything(image_bytes: np.ndarray) -> dict[str, np.ndarray]:
        return {"stylized_image_bytes": np.array([other] * len(image_bytes), object)}

    model = FunctionModel(serve_bytes=({"image_bytes": spec("string")}, anything))
    sample = Sample(request(encoded(photo(64, 48), "PNG")), photo(64, 48).astype(np.int16))
    with running(manager_of(tmp_path, m=model), ServerSettings()) as served:
        tally = Tally()
        until = time.monotonic() + 1.5
        client = Client(("127.0.0.1", served.port), [sample], tally, until, 0, 10_000_000)
        client.run()
    assert any(words.startswith("good: status 200") for words in tally.wrong)
    assert any(words.startswith("corrupt: status 200") for words in tally.wrong)
    assert not tally.seconds


def test_memory_that_grows_is_seen() -> None:
    mib = 2**20
    flat = [500 * mib, *[800 * mib] * 39]
    assert serving_load._judge_memory(flat, 60.0) == []
    growing = [(500 + 10 * second) * mib for second in range(40)]
    (told,) = serving_load._judge_memory(growing, 60.0)
    assert told.startswith("memory: ")
    assert serving_load._judge_memory(growing, 3.0) == []
