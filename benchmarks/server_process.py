"""A server to measure: a process of its own, with a model of its own where none is given."""

import contextlib
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from style_gan_tf.errors import UserError

_START_SECONDS = 300.0
_STOP_SECONDS = 120.0


def export_generator(folder: Path, **options: int) -> None:
    """Write a generator `fast` with random weights as version 1 in `folder`.

    Args:
        folder: Of versions.
        options: Of the generator.
    """
    from style_gan_tf.exporting import export_saved_model
    from style_gan_tf.networks import build_generator

    network = build_generator("fast", **options)
    random = np.random.default_rng(0)
    for weight in network.weights:  # Its head starts at zero and would leave pictures as they are.
        weight.assign_add(0.1 * random.standard_normal(weight.shape))
    export_saved_model(network, folder)


class ServerProcess:
    """`python -m style_gan_tf.serve` at work.

    Attributes:
        host: Where it listens.
        port: Where it listens.
        pid: Of the process.
        exit_status: Once `stop` has ended it.
    """

    def __init__(self, process: "subprocess.Popen[str]", host: str, port: int) -> None:
        self._process = process
        self.host = host
        self.port = port
        self.pid = process.pid
        self.exit_status: int | None = None

    def resident_bytes(self) -> int:
        """The memory that it holds (Linux)."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def stop(self) -> int:
        """Ask it to end, and wait: 0 when it had answered everything."""
        if self.exit_status is None:
            self._process.send_signal(signal.SIGTERM)
            self.exit_status = self._process.wait(_STOP_SECONDS)
        return self.exit_status


@contextlib.contextmanager
def serving(base_path: Path, *flags: str) -> Iterator[ServerProcess]:
    """Start a server of the model "m" in `base_path`; it ends with the context.

    Raises:
        UserError: When it does not start.
    """
    command = [sys.executable, "-m", "style_gan_tf.serve", "--rest_api_port=0", "--model_name=m"]
    process = subprocess.Popen(
        [*command, f"--model_base_path={base_path}", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: list[str] = []

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        deadline = time.monotonic() + _START_SECONDS
        while (found := re.search(r"http://([\d.]+):(\d+)/v1/", "".join(lines))) is None:
            if process.poll() is not None or time.monotonic() > deadline:
                raise UserError(f"the server did not start: {''.join(lines).strip()}")
            time.sleep(0.05)
        yield ServerProcess(process, found[1], int(found[2]))
    finally:
        process.kill()
        process.wait()
        reader.join(5.0)
        if process.stdout is not None:
            process.stdout.close()


def find_versions(given: str, folder: Path, **options: int) -> Path:
    """The folder of versions that a flag names, or one that is made for the occasion.

    Raises:
        UserError: When the one that is named has no version.
    """
    if not given:
        export_generator(folder, **options)
        return folder
    path = Path(given).expanduser()
    if not any(child.name.isdigit() for child in path.glob("*/")):
        raise UserError(f"--model_base_path={given}: no numbered versions there")
    return path


def photo(width: int, height: int, seed: int = 0) -> np.ndarray:
    """Something between noise and a smooth surface, as photographs are: uint8 `[h, w, 3]`."""
    random = np.random.default_rng([seed, width, height])
    picture = np.zeros((height, width, 3))
    for cells, weight in ((4, 90.0), (16, 40.0), (64, 15.0)):
        rows = np.linspace(0, cells - 1, height).astype(int)
        columns = np.linspace(0, cells - 1, width).astype(int)
        picture += weight * random.uniform(-1, 1, (cells, cells, 3))[rows][:, columns]
    picture += random.normal(0.0, 4.0, picture.shape)
    return np.clip(np.rint(picture + 128.0), 0, 255).astype(np.uint8)
