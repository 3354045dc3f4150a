"""The client: what it sends, how it comes again, and what it says when it cannot go on."""

import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from style_gan_tf import command_line, stylize
from style_gan_tf.errors import UsageError
from style_gan_tf.images import decode, encode
from style_gan_tf.serving.client import Client, ServerError
from style_gan_tf.serving.http_messages import Limits
from style_gan_tf.serving.rest import RestError
from style_gan_tf.serving.server import ServerSettings
from tests.serving.stand_ins import FunctionModel, Running, manager_of, running, spec


def negative(image_bytes: np.ndarray, strength: Any = 1.0) -> dict[str, np.ndarray]:
    """The picture's negative, blended by strength, as PNG."""
    shares = np.broadcast_to(strength, len(image_bytes))
    return {
        "stylized_image_bytes": np.array(
            [_negative(data, share) for data, share in zip(image_bytes, shares, strict=True)],
            object,
        )
    }


def _negative(data: bytes, share: float) -> bytes:
    try:
        pixels = decode(data).rgb.astype(float)
    except Exception:
        raise RestError("INVALID_ARGUMENT", "assertion failed: [no picture] [7]") from None
    blended = pixels + share * (255.0 - 2.0 * pixels)
    return encode(np.rint(blended).astype(np.uint8), format="png")


def painter() -> FunctionModel:
    return FunctionModel(
        serving_default=({"x": spec("float")}, lambda x: {"y": x / 2 + 2}),
        serve_bytes=({"image_bytes": spec("string")}, negative),
        serve_bytes_strength=(
            {"image_bytes": spec("string"), "strength": spec("float")},
            negative,
        ),
        serve_bytes_style=(
            {"image_bytes": spec("string"), "style_weights": spec("float")},
            lambda image_bytes, style_weights: negative(image_bytes, style_weights[:, 1]),
        ),
    )


_MADE: list[Client] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _MADE:
        _MADE.pop().close()


def client(served: Running, path: str = "/v1/models/m", **options: Any) -> Client:
    """Closed when the test ends."""
    _MADE.append(Client(f"http://127.0.0.1:{served.port}{path}", **options))
    return _MADE[-1]


def png(seed: int = 0, width: int = 20, height: int = 10, mode: str = "RGB") -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, len(mode)), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_calls(tmp_path: Path) -> None:
    with running(manager_of(tmp_path, m=painter())) as served:
        model = client(served)
        assert model.status()[0]["state"] == "AVAILABLE"
        ways = {"serve_bytes", "serve_bytes_strength", "serve_bytes_style"}
        assert set(model.signatures()) == {"serving_default", *ways}
        assert model.predict(instances=[1.0, 2.0]) == [2.5, 3.0]
        assert model.predict(inputs={"x": [[1.0]]}) == [[2.5]]
        versioned = client(served, "/v1/models/m/versions/1/")
        assert versioned.predict(instances=[1.0]) == [2.5]
        picture = decode(png()).rgb
        np.testing.assert_array_equal(decode(model.stylize_bytes(png())).rgb, 255 - picture)
        half = decode(model.stylize_bytes(png(), strength=0.5)).rgb
        assert set(np.unique(half)) <= {127, 128}
        mixed = decode(model.stylize_bytes(png(), style_weights=np.array([0.5, 0.5]))).rgb
        np.testing.assert_array_equal(mixed, half)
        with pytest.raises(ValueError, match="strength or style_weights"):
            model.stylize_bytes(png(), 0.5, [0.0, 1.0])
        images = picture[np.newaxis] / 127.5 - 1.0
        np.testing.assert_allclose(model.stylize(images), -images, atol=1e-6)


def test_errors_are_the_servers_words(tmp_path: Path) -> None:
    with running(manager_of(tmp_path, m=painter())) as served:
        with pytest.raises(ServerError, match=r"^no picture$") as told:
            client(served).stylize_bytes(b"no")
        assert told.value.status == 400
        with pytest.raises(ServerError, match="Could not find any versions of model n") as told:
            client(served, "/v1/models/n").status()
        assert told.value.status == 404
        with pytest.raises(ServerError, match="is a model server there"):
            client(served, "/other/v1/models/n").status()


def test_it_comes_again_when_the_server_is_busy(tmp_path: Path) -> None:
    gate = threading.Event()

    def wait(x: np.ndarray) -> dict[str, np.ndarray]:
        assert gate.wait(60)
        return {"y": x}

    model = FunctionModel(serving_default=({"x": spec("float")}, wait))
    settings = ServerSettings(workers=1, waiting=0)
    with running(manager_of(tmp_path, m=model), settings) as served:
        answers: list[Any] = []
        first = threading.Thread(
            target=lambda: answers.append(client(served).predict(instances=[1.0]))
        )
        first.start()
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 3:
                gate.set()
                first.join()

        while served.server._queue.held == 0:
            pass
        assert client(served, sleep=sleep).predict(instances=[2.0]) == [2.0]
        assert answers == [[1.0]]
        # The server said: not before a second.
        assert len(waits) == 3 and min(waits) >= 1.0
        gate.clear()
        second = threading.Thread(
            target=lambda: answers.append(client(served).predict(instances=[1.0]))
        )
        second.start()
        while served.server._queue.held == 0:
            pass
        with pytest.raises(ServerError, match="busy with 1 requests") as told:
            client(served, retries=2, sleep=lambda seconds: None).predict(instances=[2.0])
        assert told.value.status == 503
        gate.set()
        second.join()


def test_it_comes_again_when_the_connection_breaks(tmp_path: Path) -> None:
    limits = Limits(idle=0.05)
    with running(manager_of(tmp_path, m=painter()), ServerSettings(limits=limits)) as served:
        model = client(served)
        for _ in range(3):
            assert model.predict(instances=[1.0]) == [2.5]
            while served.server._http.connections:
                pass


def test_nobody_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1/models/m"
        waits: list[float] = []
        with pytest.raises(ServerError, match=r"no answer \(Connection refused\)"):
            Client(url, retries=3, sleep=waits.append).status()
    assert len(waits) == 3 and waits[0] < 0.5 and max(waits) < 2.0


def test_a_refusal_that_comes_while_the_body_is_sent(tmp_path: Path) -> None:
    settings = ServerSettings(limits=Limits(body=1000))
    with running(manager_of(tmp_path, m=painter()), settings) as served:
        for _ in range(3):
            with pytest.raises(ServerError, match="larger than 1000 bytes") as told:
                client(served).stylize_bytes(b"x" * 20_000_000)
            assert told.value.status == 413


@pytest.mark.parametrize(
    "url",
    [
        "", "localhost:8501", "ftp://h/v1/models/m", "http:///v1/models/m", "http://h/v1/models/",
        "http://h:99999/v1/models/m", "http://h/v1/models/m:predict", "http://h/v1/models/m?x=1",
        "http://h/v1/models/m/versions/one", "http://h/models/m",
    ],
)  # fmt: skip
def test_urls_of_no_model(url: str) -> None:
    with pytest.raises(UsageError, match="--server="):
        Client(url)


def run(*argv: str) -> int:
    return command_line.run("stylize", "", stylize.define_flags, stylize.main, argv)


def test_the_command_with_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("photos")
    (folder / "sub").mkdir(parents=True)
    for index in range(9):
        (folder / f"{index}.png").write_bytes(png(index, 10 + index))
    (folder / "sub" / "alpha.png").write_bytes(png(9, mode="RGBA"))
    Image.open(io.BytesIO(png(10))).save(folder / "sub" / "photo.webp", lossless=True)
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    with running(manager_of(tmp_path / "models", m=painter())) as served:
        server = f"--server=http://127.0.0.1:{served.port}/v1/models/m"
        assert run(server, "--input=photos", "--output=out", "--server_requests=3") == 1
        told = capsys.readouterr()
        assert "11 pictures stylized in " in told.out and "1 failed" in told.out
        assert told.err.startswith("error: photos/broken.png: ") and told.err.count("\n") == 1
        # In order, whoever was answered first.
        assert [f"out/{index}.png" in told.out for index in range(9)] == [True] * 9
        assert told.out.index("out/3.png") < told.out.index("out/4.png")
        for index in range(9):
            with Image.open(f"out/{index}.png") as image:
                expected = 255 - decode(png(index, 10 + index)).rgb
                np.testing.assert_allclose(np.asarray(image).astype(int), expected, atol=1)
        with Image.open("out/sub/alpha.png") as image:
            alpha = decode(png(9, mode="RGBA")).alpha
            np.testing.assert_array_equal(np.asarray(image)[..., 3], alpha)
        with Image.open("out/sub/photo.webp") as image:
            assert image.format == "WEBP" and image.size == (20, 10)
        assert run(server, "--input=photos/0.png", "--output=half.png", "--strength=0.5") == 0
        with Image.open("half.png") as image:
            assert set(np.unique(np.asarray(image))) <= {127, 128}
        capsys.readouterr()
        for status, words, *argv in [
            (2, "--model and --server", server, "--model=x", "--input=photos", "--output=o"),
            (2, "--input is missing", server, "--output=o"),
            (2, "--server=http://h", "--server=http://h", "--input=photos", "--output=o"),
            (
                1,
                f"{server[:-1]}n: Servable not found",
                f"{server[:-1]}n",
                "--input=photos",
                "--output=o",
            ),
        ]:
            assert run(*argv) == status
            told = capsys.readouterr()
            assert words in told.err and told.err.count("\n") == 1
    assert not Path("o").exists()
