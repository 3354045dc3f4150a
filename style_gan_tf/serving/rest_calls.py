"""Calls of a server over HTTP: JSON there and back, again when it is busy or out of reach."""

import http.client
import json
import random
import re
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from style_gan_tf.errors import UserError

# The server had no room, or went away: another try may pass. All calls can be repeated safely.
_TRY_AGAIN = (429, 502, 503, 504)
_ASSERTION = re.compile(r"^assertion failed: \[(.*?)\]", re.DOTALL)
_LONGEST_PAUSE = 10.0


class ServerError(UserError):
    """The server refused a request, or cannot be reached; says why in the server's words.

    Attributes:
        status: Of HTTP; None when there was no answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class RestCalls:
    """Calls from as many threads as one likes, each with a connection of its own.

    Args:
        url: What errors name.
        place: Host and port.
        secure: Whether it is https.
        timeout: Seconds for connecting, and for each wait on the server.
        retries: How often a call is repeated when the server is busy or out of reach.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        url: str,
        place: tuple[str, int | None],
        *,
        secure: bool = False,
        timeout: float = 60.0,
        retries: int = 5,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = url
        self._place = place
        self._kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._timeout = timeout
        self._retries = retries
        self._sleep = sleep
        self._local = threading.local()
        self._open: set[http.client.HTTPConnection] = set()

    def close(self) -> None:
        """Close the connections of all threads; the next call opens one again."""
        while self._open:
            self._open.pop().close()

    def call(self, method: str, path: str, body: bytes | None = None) -> Any:
        """Send a request and read the answer's JSON.

        Raises:
            ServerError: When the server refuses, or does not answer.
        """
        pause = 0.25
        for left in reversed(range(self._retries + 1)):
            try:
                status, headers, data = self._exchange(method, path, body)
            except (OSError, http.client.HTTPException) as error:
                if not left:
                    raise ServerError(f"{self._url}: no answer ({_reason(error)})") from None
                asked = None
            else:
                if status == 200:
                    return self._read(data)
                if status not in _TRY_AGAIN or not left:
                    raise ServerError(self._words(status, data), status)
                asked = headers.get("Retry-After")
            # Clients that were turned away together must not come back together.
            wait = pause * random.uniform(0.5, 1.5)
            if asked and asked.isdigit():
                wait = max(wait, min(float(asked), _LONGEST_PAUSE))
            self._sleep(wait)
            pause = min(pause * 2.0, _LONGEST_PAUSE)
        raise AssertionError("the last try ends the loop")

    def _exchange(
        self, method: str, path: str, body: bytes | None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            host, port = self._place
            connection = self._kind(host, port, timeout=self._timeout)
            self._local.connection = connection
        try:
            if connection.sock is None:
                connection.connect()
                self._open.add(connection)
                # Head and body are sent apart: the body must not wait for the head's receipt.
                connection.sock.setsockopt(  # type: ignore[attr-defined]
                    socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
                )
            headers = {} if body is None else {"Content-Type": "application/json"}
            try:
                connection.request(method, path, body, headers)
            except ConnectionError:
                # A refusal may have come while the body was still being sent.
                if body is None:
                    raise
            response = connection.getresponse()
            data = response.read()
        except BaseException:
            connection.close()
            self._open.discard(connection)
            raise
        return response.status, response.headers, data

    def _read(self, data: bytes) -> Any:
        try:
            return json.loads(data)
        except ValueError:
            raise ServerError(
                f"{self._url}: the answer is no JSON: is a model server there?"
            ) from None

    def _words(self, status: int, data: bytes) -> str:
        try:
            text = str(json.loads(data)["error"])
        except (ValueError, KeyError, TypeError):
            return f"{self._url}: HTTP status {status}: is a model server there?"
        match = _ASSERTION.match(text)
        return " ".join((match.group(1) if match else text).split())


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
