"""Servers for tests: models that are Python functions, and a server in a thread."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from style_gan_tf.serving.http_server import listen
from style_gan_tf.serving.model_config import ModelConfig
from style_gan_tf.serving.model_manager import ModelManager
from style_gan_tf.serving.rest import RestError, TensorSpec
from style_gan_tf.serving.server import Server, ServerSettings

TYPES = {
    "float": np.float32,
    "double": np.float64,
    "int32": np.int32,
    "int64": np.int64,
    "uint8": np.uint8,
    "bool": bool,
    "string": object,
    "half": np.float16,
    "complex64": np.complex64,
}


def spec(kind: str, *shape: int | None) -> TensorSpec:
    """Of any shape where none is given."""
    return TensorSpec(np.dtype(TYPES[kind]), kind, shape or None)


class FunctionModel:
    """A model whose signatures are functions: name -> (specs of its inputs, function)."""

    def __init__(self, **signatures: tuple[dict[str, TensorSpec], Callable[..., Any]]) -> None:
        self.inputs = {name: specs for name, (specs, _) in signatures.items()}
        self.metadata: dict[str, Any] = {name: {} for name in signatures}
        self.styles: list[str] = []
        self.functions = {name: function for name, (_, function) in signatures.items()}
        self.closed = False

    def run(
        self, signature: str, inputs: Mapping[str, np.ndarray], seconds: float
    ) -> dict[str, np.ndarray]:
        assert not self.closed
        return self.functions[signature](**inputs)

    def close(self) -> None:
        self.closed = True


def half_plus(number: float) -> FunctionModel:
    """x -> x / 2 + number, as TF Serving's own example does."""
    return FunctionModel(
        serving_default=({"x": spec("float")}, lambda x: {"y": x / 2 + np.float32(number)})
    )


def make_version(base_path: Path, number: int, content: str = "2") -> Path:
    """A folder that looks like a version."""
    folder = base_path / str(number)
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_text(content)
    return folder


def load_half_plus(path: Path) -> FunctionModel:
    """For `make_version`'s folders: the file holds the number, or what cannot be loaded."""
    text = (path / "saved_model.pb").read_text()
    try:
        return half_plus(float(text))
    except ValueError:
        raise RestError("INTERNAL", f"{path} is damaged: {text}") from None


def write_card(folder: Path, name: str, text: str) -> None:
    """The model card of a stand-in's version 1, in the folder that `manager_of` filled."""
    extra = folder / name / "1" / "assets.extra"
    extra.mkdir(exist_ok=True)
    (extra / "model_card.json").write_text(text)


def manager_of(tmp_path: Path, **models: FunctionModel) -> ModelManager:
    """Each model as version 1 of its name."""
    configs = []
    for name in models:
        make_version(tmp_path / name, 1)
        configs.append(ModelConfig(name, tmp_path / name))
    manager = ModelManager(configs, lambda path: models[path.parent.name], lambda line: None)
    manager.look(at_once=True)
    return manager


class Running:
    """A server at work.

    Attributes:
        server: It.
        port: Where.
        answered: Whether it had answered everything when it stopped; None before that.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.answered: bool | None = None
        self._listener = listen("127.0.0.1", 0)
        self.port = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self, wait: bool = True) -> None:
        """As SIGTERM does."""
        with contextlib.suppress(RuntimeError):  # it has stopped already
            self._loop.call_soon_threadsafe(self._stop.set)
        if wait:
            self._thread.join(timeout=60)
            assert not self._thread.is_alive()

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self.answered = self._loop.run_until_complete(self.server.serve(self._listener, self._stop))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()


@contextlib.contextmanager
def running(models: ModelManager, settings: ServerSettings | None = None) -> Iterator[Running]:
    """A server that stops with the context."""
    served = Running(Server(models, settings or ServerSettings()))
    try:
        yield served
    finally:
        served.stop()


def wait_until(condition: Callable[[], Any], seconds: float = 30.0) -> None:
    """Wait for something that happens in another thread."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
