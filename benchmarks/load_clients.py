"""Clients of every kind for the load test: good ones, and what a server meets on the open net."""

import base64
import collections
import functools
import gzip
import hashlib
import http.client
import io
import json
import random
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from benchmarks.server_process import photo

PREDICT = "/v1/models/m:predict"
_SIZES = ((64, 48), (97, 131), (160, 120), (256, 192))
_SLOW_SECONDS = 1.5
_WAIT = 60.0  # seconds that a client waits for an answer


@dataclass(frozen=True)
class Sample:
    """A good request, and the pixels of its right answer."""

    body: bytes
    pixels: np.ndarray


@dataclass
class Tally:
    """What came of the requests, over all clients.

    Attributes:
        counts: By kind and outcome.
        seconds: Of each good request that was answered.
        wrong: What should not have happened.
    """

    counts: "collections.Counter[tuple[str, str]]" = field(default_factory=collections.Counter)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, kind: str, outcome: str) -> None:
        with self.lock:
            self.counts[kind, outcome] += 1

    def fault(self, words: str) -> None:
        with self.lock:
            self.wrong.append(words)


def encoded(pixels: np.ndarray, kind: str) -> bytes:
    """A picture as PNG or JPEG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def request(data: bytes, signature: str = "serve_bytes") -> bytes:
    """A predict request with one picture."""
    text = base64.b64encode(data).decode()
    return json.dumps({"signature_name": signature, "instances": [{"b64": text}]}).encode()


def samples(stylize: Callable[[bytes], bytes]) -> list[Sample]:
    """Good requests; `stylize` gives the right answers, from another process's runtime."""
    made = []
    for index, (width, height) in enumerate(_SIZES):
        for kind in ("PNG", "JPEG"):
            data = encoded(photo(width, height, index), kind)
            made.append(Sample(request(data), _pixels(stylize(data))))
    return made


def _pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB")).astype(np.int16)


def is_right(answer: bytes, sample: Sample, known: set[bytes]) -> bool:
    """Whether an answer holds the right picture, to what rounding may change.

    Args:
        answer: The body.
        sample: What was asked.
        known: Digests of right answers, grown here: most answers repeat.
    """
    digest = hashlib.sha256(answer + sample.body[:200]).digest()
    if digest in known:
        return True
    pixels = _pixels(base64.b64decode(json.loads(answer)["predictions"][0]["b64"]))
    if pixels.shape != sample.pixels.shape:
        return False
    # JPEG spreads a difference of one over its block.
    if np.abs(pixels - sample.pixels).mean() > 0.25:
        return False
    known.add(digest)
    return True


class Client(threading.Thread):
    """One client; sends requests of all kinds until it is time to end.

    Args:
        address: Of the server.
        good: What it may send.
        tally: Where outcomes are counted.
        until: When it ends, by the monotonic clock.
        seed: Of its choices.
        body_limit: Of the server, in bytes.
    """

    def __init__(
        self,
        address: tuple[str, int],
        good: Sequence[Sample],
        tally: Tally,
        until: float,
        seed: int,
        body_limit: int,
    ) -> None:
        super().__init__(daemon=True)
        self._address = address
        self._good = good
        self._tally = tally
        self._until = until
        self._random = random.Random(seed)
        self._body_limit = body_limit
        self._known: set[bytes] = set()
        self._connection = http.client.HTTPConnection(*address, timeout=_WAIT)

    def run(self) -> None:
        kinds = [self._send_good, self._send_corrupt, self._send_huge, self._cut_off]
        while time.monotonic() < self._until:
            (send,) = self._random.choices(kinds, weights=[60, 20, 8, 12])
            try:
                send()
            except Exception as error:
                self._tally.fault(f"{send.__name__}: {type(error).__name__}: {error}")
                self._connection.close()
        self._connection.close()

    def _ask(self, body: bytes, path: str = PREDICT, **headers: str) -> tuple[int, bytes]:
        self._connection.request("POST", path, body, headers)
        response = self._connection.getresponse()
        return response.status, response.read()

    def _send_good(self) -> None:
        sample = self._random.choice(self._good)
        began = time.monotonic()
        status, answer = self._ask(sample.body)
        took = time.monotonic() - began
        if status == 503:
            self._told("good", status, answer, {503})
            time.sleep(self._random.uniform(0.05, 0.3))
        elif status != 200 or not is_right(answer, sample, self._known):
            self._tally.fault(f"good: status {status}: {answer[:200]!r}")
        else:
            self._tally.count("good", "200")
            with self._tally.lock:
                self._tally.seconds.append(took)

    def _send_corrupt(self) -> None:
        data = _small_picture()
        place = self._random.randrange(20, len(data))
        bodies = [
            (request(data[: place // 2]), PREDICT, {400}),
            (request(self._random.randbytes(500)), PREDICT, {400}),
            (request(b"\x89PNG\r\n\x1a\n" + self._random.randbytes(500)), PREDICT, {400}),
            (request(b""), PREDICT, {400}),
            (request(data, "no_such_signature"), PREDICT, {400}),
            (request(data).replace(b'"b64": "', b'"b64": "!'), PREDICT, {400}),
            (request(data)[: len(data) // 2], PREDICT, {400}),
            (b'{"instances": [["text"]]}', PREDICT, {400}),
            (b'{"instances": ' + b"[" * 50_000, PREDICT, {400}),
            (b"", PREDICT, {400}),
            (request(data), "/v1/models/nobody:predict", {404}),
            (request(data), "/v1/models/m/labels/none:predict", {400}),
            (request(data), "/v1/models/m", {400}),
        ]
        body, path, expected = self._random.choice(bodies)
        self._told("corrupt", *self._ask(body, path), expected)

    def _send_huge(self) -> None:
        choice = self._random.randrange(3)
        if choice == 0:
            with self._connect() as connection:
                connection.sendall(_head(10 * self._body_limit))
                answer = _until_closed(connection)
            head, _, body = answer.partition(b"\r\n\r\n")
            self._told("huge", int(head.split()[1]), body, {413})
        elif choice == 1:
            self._told("huge", *self._ask(request(_png_of_claimed_size())), {400})
        else:
            headers = {"Content-Encoding": "gzip"}
            self._told("huge", *self._ask(_gzip_bomb(), PREDICT, **headers), {400})

    def _cut_off(self) -> None:
        body = self._random.choice(self._good).body
        with self._connect() as connection:
            choice = self._random.randrange(4)
            if choice == 0:
                connection.sendall(_head(len(body))[: self._random.randrange(1, 60)])
            elif choice == 1:
                connection.sendall(_head(len(body)) + body[: self._random.randrange(len(body))])
            elif choice == 2:
                connection.sendall(_head(len(body)) + body)  # and never reads the answer
            else:
                connection.sendall(_head(len(body)))
                end = time.monotonic() + _SLOW_SECONDS
                while time.monotonic() < end:
                    connection.sendall(b" ")
                    time.sleep(0.1)
        self._tally.count("cut off", "left")

    def _connect(self) -> socket.socket:
        return socket.create_connection(self._address, timeout=_WAIT)

    def _told(self, kind: str, status: int, answer: bytes, expected: set[int]) -> None:
        """A refusal must be one that was expected, or that there is no room; and say why."""
        try:
            words = json.loads(answer)["error"]
        except (ValueError, KeyError, TypeError):
            words = ""
        if status not in expected | {503} or not words:
            self._tally.fault(f"{kind}: status {status}: {answer[:200]!r}")
        self._tally.count(kind, str(status))


def _head(length: int) -> bytes:
    lines = [f"POST {PREDICT} HTTP/1.1", "Host: x", f"Content-Length: {length}", "", ""]
    return "\r\n".join(lines).encode()


def _until_closed(connection: socket.socket) -> bytes:
    data = b""
    while part := connection.recv(65536):
        data += part
    return data


@functools.cache
def _small_picture() -> bytes:
    return encoded(photo(64, 48), "JPEG")


@functools.cache
def _gzip_bomb() -> bytes:
    return gzip.compress(bytes(101_000_000), 1)


def _png_of_claimed_size() -> bytes:
    """A header that would have the decoder allocate gigabytes."""
    header = struct.pack(">IIBBBBB", 60000, 50000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(header)) + b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", zlib.crc32(b"IHDR" + header))
