"""The server over real sockets: good clients, slow ones, dead ones, and too many of them."""

import gc
import gzip
import http.client
import json
import socket
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from style_gan_tf.serving.http_messages import Limits
from style_gan_tf.serving.rest import RestError
from style_gan_tf.serving.server import METRICS_PATH, ServerSettings
from tests.serving.stand_ins import (
    FunctionModel,
    Running,
    half_plus,
    manager_of,
    running,
    spec,
    wait_until,
    write_card,
)

PREDICT = "/v1/models/m:predict"
BODY = b'{"instances": [1.0]}'


class Gate(FunctionModel):
    """A model whose runs wait until they are let through."""

    def __init__(self) -> None:
        self.runs = 0
        self.open = threading.Event()
        super().__init__(serving_default=({"x": spec("float")}, self._wait))

    def _wait(self, x: np.ndarray) -> dict[str, np.ndarray]:
        self.runs += 1
        assert self.open.wait(60)
        return {"y": x}


def ask(
    served: Running,
    body: Any = BODY,
    method: str = "POST",
    path: str = PREDICT,
    **headers: str,
) -> tuple[int, Any, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, names)
    response = connection.getresponse()
    data = response.read()
    connection.close()
    is_json = response.headers.get("Content-Type") == "application/json"
    return response.status, json.loads(data) if is_json and data else data, response.headers


def read_all(connection: socket.socket) -> bytes:
    data = b""
    while part := connection.recv(65536):
        data += part
    return data


def send(served: Running, data: bytes) -> bytes:
    """Send bytes as they are, then read until the server closes."""
    with served.connect() as connection:
        connection.sendall(data)
        return read_all(connection)


def head(length: int, *lines: str) -> bytes:
    given = [f"POST {PREDICT} HTTP/1.1", "Host: x", f"Content-Length: {length}", *lines, "", ""]
    return "\r\n".join(given).encode()


def test_rest_over_http(tmp_path: Path) -> None:
    with running(manager_of(tmp_path, m=half_plus(2))) as served:
        status, answer, headers = ask(served)
        assert (status, answer) == (200, {"predictions": [2.5]})
        assert headers["Content-Type"] == "application/json"
        assert "Access-Control-Allow-Origin" not in headers
        for kind in ("text/plain", "application/x-www-form-urlencoded", "nonsense"):
            assert ask(served, content_type=kind)[0] == 200
        assert ask(served, None, "GET", "/v1/models/m")[0] == 200
        assert ask(served, None, "GET", "/v1/models/m/metadata")[0] == 200
        assert ask(served, b"", path=PREDICT)[:2] == (
            400,
            {"error": "JSON Parse error: The document is empty"},
        )
        assert ask(served, path="/v1/models/foo:predict")[0] == 404
        for method, path in (("GET", PREDICT), ("PUT", PREDICT), ("GET", "/v1/x"),
                             ("OPTIONS", PREDICT), ("HEAD", "/v1/models/m")):  # fmt: skip
            status, answer, headers = ask(served, None, method, path)
            assert status == 400 and headers["Content-Type"] == "application/json"
            if method != "HEAD":
                assert answer == {"error": f"Malformed request: {method} {path}"}
        status, answer, headers = ask(served, None, "GET", "/")
        assert status == 404 and headers["Content-Type"] == "text/plain", "no page without demo"
        assert ask(served, None, "GET", "/favicon.ico")[0] == 404


def test_cors(tmp_path: Path) -> None:
    with running(manager_of(tmp_path, m=half_plus(2)), ServerSettings(cors=True)) as served:
        for answer in (
            ask(served, None, "OPTIONS", origin="http://elsewhere"),
            ask(served, origin="http://elsewhere"),
            ask(served, path="/v1/models/foo:predict", origin="http://elsewhere"),
            ask(served, b"", origin="http://elsewhere"),
        ):
            assert answer[2]["Access-Control-Allow-Origin"] == "*"
            assert answer[2]["Access-Control-Allow-Methods"] == "POST, GET"
            assert answer[2]["Access-Control-Allow-Headers"] == "Content-Type"
        status, data, _ = ask(served, None, "OPTIONS", origin="http://elsewhere")
        assert status == 200 and data == b""
        assert ask(served, None, "OPTIONS")[0] == 400


def test_gzip(tmp_path: Path) -> None:
    with running(manager_of(tmp_path, m=half_plus(2))) as served:

        def told(body: bytes) -> str:
            status, answer, _ = ask(served, body, content_encoding="gzip")
            assert status == 400
            return answer["error"]

        assert ask(served, gzip.compress(BODY), content_encoding="gzip")[1] == {
            "predictions": [2.5]
        }
        assert "not valid gzip" in told(BODY)
        assert "cut off" in told(gzip.compress(BODY)[:-4])
        assert "inflates to more than" in told(gzip.compress(b" " * 100_000_001, 1))


def test_keep_alive_pipelining_and_chunks(tmp_path: Path) -> None:
    with running(manager_of(tmp_path, m=half_plus(2))) as served:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        for _ in range(3):
            connection.request("POST", PREDICT, BODY)
            assert json.loads(connection.getresponse().read()) == {"predictions": [2.5]}
        # Without a length: chunk by chunk.
        connection.request("POST", PREDICT, iter([BODY[:5], BODY[5:]]), encode_chunked=True,
                           headers={"Transfer-Encoding": "chunked"})  # fmt: skip
        assert connection.getresponse().status == 200
        connection.close()
        # Three requests at once, the last of which says goodbye.
        request = head(len(BODY)) + BODY
        last = head(len(BODY), "Connection: close") + BODY
        assert send(served, request + request + last).count(b'{"predictions": [2.5]}') == 3
        # curl asks before it sends a large body.
        with served.connect() as connection:
            connection.sendall(head(len(BODY), "Expect: 100-continue", "Connection: close"))
            assert connection.recv(100).startswith(b"HTTP/1.1 100")
            connection.sendall(BODY)
            assert read_all(connection).startswith(b"HTTP/1.1 200")


def test_what_is_no_http(tmp_path: Path) -> None:
    with running(manager_of(tmp_path, m=half_plus(2))) as served:
        for data, status in [
            (b"hello\r\n\r\n", 400),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
            (head(5, "Content-Length: 6") + BODY, 400),
            (f"GET / HTTP/1.1\r\nHost: x\r\nX: {'x' * 1_000_000}\r\n\r\n".encode(), 431),
        ]:
            answer = send(served, data)
            assert answer.startswith(f"HTTP/1.1 {status} ".encode()) and b'{"error": ' in answer
        assert ask(served)[0] == 200


def test_a_body_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    settings = ServerSettings(limits=Limits(body=1000))
    with running(manager_of(tmp_path, m=half_plus(2)), settings) as served:
        status, answer, headers = ask(served, b"x" * 1_000_000)
        assert status == 413 and "larger than 1000 bytes" in answer["error"]
        assert headers["Connection"] == "close"
        # And one that does not say how large it is.
        chunk = b"%x\r\n%s\r\n" % (600, b"x" * 600)
        start = head(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        assert send(served, start + chunk * 5).startswith(b"HTTP/1.1 413 ")
        assert ask(served, BODY + b" " * (1000 - len(BODY)))[0] == 200
        assert b'rejected_count{reason="body"} 2' in served.server.monitor.page()


def test_a_full_queue_answers_at_once(tmp_path: Path) -> None:
    gate = Gate()
    settings = ServerSettings(workers=1, waiting=2)
    with running(manager_of(tmp_path, m=gate), settings) as served:
        answers: list[int] = []
        threads = [
            threading.Thread(target=lambda: answers.append(ask(served)[0])) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        wait_until(lambda: served.server._queue.held == 3)
        began = time.monotonic()
        status, answer, headers = ask(served)
        assert status == 503 and "busy with 3 requests" in answer["error"]
        assert headers["Retry-After"] == "1" and time.monotonic() - began < 5
        # Status calls need no place in line.
        assert ask(served, None, "GET", "/v1/models/m")[0] == 200
        gate.open.set()
        for thread in threads:
            thread.join()
        assert answers == [200, 200, 200]
        assert ask(served)[0] == 200


def test_the_time_limit(tmp_path: Path) -> None:
    gate = Gate()
    settings = ServerSettings(workers=1, timeout=0.2)
    with running(manager_of(tmp_path, m=gate), settings) as served:
        # One at work, which this model never breaks off, and one in line behind it.
        for _ in range(2):
            status, answer, _ = ask(served)
            assert (status, answer) == (504, {"error": "Not answered within 0.2 s"})
        assert gate.runs == 1
        gate.open.set()
        wait_until(lambda: served.server._queue.held == 0)
        assert ask(served)[0] == 200


def test_a_client_that_leaves_takes_its_work_with_it(tmp_path: Path) -> None:
    gate = Gate()
    with running(manager_of(tmp_path, m=gate), ServerSettings(workers=1)) as served:
        connections = [served.connect() for _ in range(3)]
        for index, connection in enumerate(connections):
            connection.sendall(head(len(BODY)) + BODY)
            wait_until(lambda count=index + 1: served.server._queue.held == count)
        for connection in connections:
            connection.close()
        wait_until(lambda: served.server._queue.held == 1)
        gate.open.set()
        assert ask(served)[0] == 200
        assert gate.runs == 2


def test_slow_and_silent_clients_are_sent_away(tmp_path: Path) -> None:
    quick = Limits(stall=0.3, idle=0.5, exchange=1.0)
    settings = ServerSettings(workers=1, waiting=0, limits=quick)
    with running(manager_of(tmp_path, m=half_plus(2)), settings) as served:
        silent, half_head, half_body, trickling = (served.connect() for _ in range(4))
        half_head.sendall(b"POST / HTTP/1.1\r\nHo")
        half_body.sendall(head(100) + b"{")
        trickling.sendall(head(100_000))

        def trickle() -> None:
            try:
                for _ in range(100):
                    trickling.sendall(b" ")
                    time.sleep(0.05)
            except OSError:
                pass

        thread = threading.Thread(target=trickle)
        thread.start()
        # None of them has a place in line, though there is only one.
        for _ in range(5):
            assert ask(served)[0] == 200
        assert read_all(half_head).startswith(b"HTTP/1.1 408 ")
        answer = read_all(half_body)
        assert answer.startswith(b"HTTP/1.1 408 ") and b"body did not come in time" in answer
        assert read_all(silent) == b""
        assert read_all(trickling).startswith(b"HTTP/1.1 408 ")
        thread.join()
        wait_until(lambda: served.server._http.connections == 0)


def test_a_client_that_does_not_read(tmp_path: Path) -> None:
    text = np.array([b"x" * 20_000_000], object)
    large = FunctionModel(serving_default=({"x": spec("float")}, lambda x: {"y": text}))
    limits = Limits(stall=0.5)
    settings = ServerSettings(workers=1, waiting=0, limits=limits)
    with running(manager_of(tmp_path, m=large), settings) as served:
        with served.connect() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(head(len(BODY)) + BODY)
            wait_until(lambda: served.server._http.connections == 1)
            # Its connection is cut; nobody waits for it meanwhile.
            wait_until(lambda: served.server._http.connections == 0)
        assert ask(served)[0] == 200


def test_cut_off_requests(tmp_path: Path) -> None:
    with running(manager_of(tmp_path, m=half_plus(2))) as served:
        for data in (b"", b"POST", head(100), head(100) + b"{", head(len(BODY)) + BODY):
            with served.connect() as connection:
                connection.sendall(data)
        wait_until(lambda: served.server._http.connections == 0)
        wait_until(lambda: served.server._queue.held == 0)
        assert served.server._http._traffic.received == 0
        assert ask(served)[0] == 200


def test_too_many_connections(tmp_path: Path) -> None:
    settings = ServerSettings(limits=Limits(connections=2))
    with running(manager_of(tmp_path, m=half_plus(2)), settings) as served:
        first, second = served.connect(), served.connect()
        wait_until(lambda: served.server._http.connections == 2)
        status, answer, _ = ask(served)
        assert status == 503 and "Too many connections" in answer["error"]
        first.close(), second.close()
        wait_until(lambda: served.server._http.connections == 0)
        assert ask(served)[0] == 200


def test_held_bodies_are_bounded(tmp_path: Path) -> None:
    settings = ServerSettings(limits=Limits(body=1000, received=1500))
    with running(manager_of(tmp_path, m=half_plus(2)), settings) as served:
        holding = [served.connect() for _ in range(2)]
        for connection in holding:
            connection.sendall(head(1000) + b" " * 800)
        wait_until(lambda: served.server._http._traffic.received > 800)
        # One of the two, or whoever comes now, is told to come again.
        status, answer, _ = ask(served)
        assert status in (200, 503)
        assert status == 200 or "as many requests as it can" in answer["error"]
        for connection in holding:
            connection.close()
        wait_until(lambda: served.server._http._traffic.received == 0)
        assert ask(served)[0] == 200


def test_metrics(tmp_path: Path) -> None:
    with running(manager_of(tmp_path, m=half_plus(2))) as served:
        ask(served), ask(served), ask(served, b"")
        ask(served, path="/v1/models/stranger:predict")
        status, page, headers = ask(served, None, "GET", METRICS_PATH)
        assert status == 200 and headers["Content-Type"].startswith("text/plain")
        lines = page.decode().splitlines()
    count = ':tensorflow:serving:request_count{model_name="m",status='
    assert count + '"OK"} 2' in lines and count + '"INVALID_ARGUMENT"} 1' in lines
    assert "stranger" not in page.decode()
    latency = (
        ':tensorflow:serving:request_latency_{}{{model_name="m",API="predict",entrypoint="REST"'
    )
    assert latency.format("count") + "} 3" in lines
    assert latency.format("bucket") + ',le="+Inf"} 3' in lines
    assert any(line.startswith(latency.format("sum") + "} ") for line in lines)
    runs = ':tensorflow:serving:runtime_latency_count{model_name="m",API="predict",runtime="TF1"} 2'
    assert runs in lines
    assert ":style_gan_tf:serving:open_connections 1" in lines
    for line in lines:
        name, _, value = line.rpartition(" ")
        assert line.startswith("# TYPE :") or (name.startswith(":") and float(value) >= 0), line


def test_stopping_answers_what_has_come(tmp_path: Path) -> None:
    gate = Gate()
    settings = ServerSettings(workers=1, waiting=8)
    with running(manager_of(tmp_path, m=gate), settings) as served:
        idle = served.connect()
        arriving = served.connect()
        arriving.sendall(head(len(BODY)) + BODY[:5])
        answers: list[tuple[int, str | None]] = []

        def client() -> None:
            status, _, headers = ask(served)
            answers.append((status, headers["Connection"]))

        threads = [threading.Thread(target=client) for _ in range(3)]
        for thread in threads:
            thread.start()
        wait_until(lambda: served.server._queue.held == 3)
        served.stop(wait=False)
        assert read_all(idle) == b""
        with pytest.raises(OSError):
            wait_until(lambda: not served.connect())
        assert answers == []
        arriving.sendall(BODY[5:])
        wait_until(lambda: served.server._queue.held == 4)
        gate.open.set()
        for thread in threads:
            thread.join()
        assert answers == [(200, "close")] * 3
        assert read_all(arriving).startswith(b"HTTP/1.1 200")
    assert served.answered is True


def test_a_fault_of_the_program_is_an_answer(tmp_path: Path) -> None:
    broken = FunctionModel(serving_default=({"x": spec("float")}, lambda x: 1 / 0))
    with running(manager_of(tmp_path, m=broken)) as served:
        assert ask(served)[:2] == (500, {"error": "ZeroDivisionError: division by zero"})
        assert ask(served, None, "GET", "/v1/models/m")[0] == 200


def test_a_failed_call_leaves_nothing_in_memory(tmp_path: Path) -> None:
    """Nor does it wait for Python to look for cycles: others would pile up meanwhile."""
    seen: list[weakref.ref[np.ndarray]] = []

    def fail(x: np.ndarray) -> Any:
        seen.append(weakref.ref(x))
        raise RestError("INVALID_ARGUMENT", "no")

    model = FunctionModel(serving_default=({"x": spec("float")}, fail))
    with running(manager_of(tmp_path, m=model)) as served:
        gc.disable()
        try:
            assert ask(served)[:2] == (400, {"error": "no"})
            wait_until(lambda: seen[0]() is None, 5.0)
        finally:
            gc.enable()


def test_many_clients_at_once(tmp_path: Path) -> None:
    """Every answer goes to the one who asked."""
    echo = FunctionModel(serving_default=({"x": spec("float")}, lambda x: {"y": x}))
    settings = ServerSettings(workers=3, waiting=100)
    with running(manager_of(tmp_path, m=echo), settings) as served:
        wrong: list[Any] = []

        def client(number: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
            for index in range(10):
                values = [float(number), float(index)]
                connection.request("POST", PREDICT, json.dumps({"instances": values}))
                answer = json.loads(connection.getresponse().read())
                if answer != {"predictions": values}:
                    wrong.append(answer)
            connection.close()

        threads = [threading.Thread(target=client, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


def test_the_page_is_served_with_demo_alone(tmp_path: Path) -> None:
    models = manager_of(tmp_path, m=half_plus(2))
    write_card(tmp_path, "m", '{"styles": ["</script>", "oil"]}')
    with running(models, ServerSettings(demo=True)) as served:
        status, page, headers = ask(served, None, "GET", "/")
        assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
        assert b'const MODELS = [{"name": "m", "styles": ["\\u003c/script>", "oil"]}];' in page
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        # Nothing from elsewhere.
        assert b"http://" not in page and b"https://" not in page and b"//cdn" not in page
        assert ask(served, None, "HEAD", "/")[:2] == (200, b"")
        write_card(tmp_path, "m", "no json")
        assert b'[{"name": "m", "styles": []}]' in ask(served, None, "GET", "/")[1]
