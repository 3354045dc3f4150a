"""A client of the REST API: TF Serving's, or that of `style_gan_tf.serve`.

from style_gan_tf.serving.client import Client

client = Client("http://localhost:8501/v1/models/painting")
painted = client.stylize_bytes(open("photo.jpg", "rb").read())
"""

import base64
import http.client
import json
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from style_gan_tf.errors import UsageError, UserError
from style_gan_tf.images import decode, encode

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


class Client:
    """Calls one model; from as many threads as one likes, each with a connection of its own.

    Args:
        url: `http://HOST:PORT/v1/models/NAME`, or with `/versions/N` or `/labels/L` behind it.
        timeout: Seconds for connecting, and for each wait on the server.
        retries: How often a call is repeated when the server is busy or out of reach.
        sleep: Waits so many seconds; for tests.

    Raises:
        UsageError: When the URL is none of a model.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 60.0,
        retries: int = 5,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        path = parts.path.rstrip("/")
        try:
            port = parts.port
        except ValueError:
            port = -1
        plain = not (parts.query or parts.fragment) and ":" not in path
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or port == -1
            or not plain
            or not re.fullmatch(r".*/v1/models/[^/]+(/(versions/\d+|labels/[^/]+))?", path)
        ):
            raise UsageError(
                f"--server={url}: expected http://HOST:PORT/v1/models/NAME "
                "(and /versions/N or /labels/L behind it)"
            )
        self.url = url
        self._path = path
        self._place = (parts.hostname, port)
        self._kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._timeout = timeout
        self._retries = retries
        self._sleep = sleep
        self._local = threading.local()
        self._open: set[http.client.HTTPConnection] = set()

    def close(self) -> None:
        """Close the connections of all threads; the next call opens one again."""
        while self._open:
            self._open.pop().close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def status(self) -> list[dict[str, Any]]:
        """The model's versions, newest first: `version`, `state` and `status` of each.

        Raises:
            ServerError: For an unknown model, or no answer.
        """
        return self._call("GET", self._path)["model_version_status"]

    def signatures(self) -> dict[str, Any]:
        """The model's signatures: name -> `inputs` and `outputs`.

        Raises:
            ServerError: For an unknown model, or no answer.
        """
        metadata = self._call("GET", f"{self._path}/metadata")["metadata"]
        return metadata["signature_def"]["signature_def"]

    def predict(self, signature: str = "serving_default", **request: Any) -> Any:
        """Run a signature.

        Args:
            signature: Its name.
            request: `instances=` (by row) or `inputs=` (by column), as TF Serving takes them.

        Returns:
            The predictions, or the outputs.

        Raises:
            ServerError: When the server refuses, or does not answer.
        """
        body = json.dumps({"signature_name": signature, **request}).encode()
        answer = self._call("POST", f"{self._path}:predict", body)
        return answer["predictions" if "instances" in request else "outputs"]

    def stylize_bytes(
        self,
        image_bytes: bytes,
        strength: float | None = None,
        style_weights: Sequence[float] | None = None,
    ) -> bytes:
        """Stylize an encoded picture.

        Args:
            image_bytes: JPEG or PNG.
            strength: From 0 to 1; needs a model with the signature `serve_bytes_strength`. None:
                fully stylized, by `serve_bytes`.
            style_weights: How much of each style, with a sum of at most 1, instead of `strength`;
                needs a model of several styles, with the signature `serve_bytes_style`.

        Returns:
            A picture of the same size and kind.

        Raises:
            ServerError: When the server refuses the picture, or does not answer.
            ValueError: For strength and style weights at once.
        """
        if strength is not None and style_weights is not None:
            raise ValueError("give strength or style_weights: weights of a smaller sum are weaker")
        sent = {"b64": base64.b64encode(image_bytes).decode("ascii")}
        if style_weights is not None:
            parts = [float(part) for part in style_weights]
            row: dict[str, Any] = {"image_bytes": sent, "style_weights": parts}
            (answer,) = self.predict("serve_bytes_style", instances=[row])
        elif strength is None:
            (answer,) = self.predict("serve_bytes", instances=[sent])
        else:
            row = {"image_bytes": sent, "strength": strength}
            (answer,) = self.predict("serve_bytes_strength", instances=[row])
        return base64.b64decode(answer["b64"])

    def stylize(self, images: Any) -> np.ndarray:
        """Stylize pixels, as a model in this process does; they travel as PNG.

        Args:
            images: `[batch, height, width, 3]`, RGB in [-1, 1].

        Returns:
            float32, the same shape and range, in steps of 1/255 of [0, 1].

        Raises:
            ServerError: When the server refuses a picture, or does not answer.
        """
        pixels = np.rint((np.clip(np.asarray(images), -1.0, 1.0) * 0.5 + 0.5) * 255.0)
        answers = [
            decode(self.stylize_bytes(encode(image, format="png"))).rgb
            for image in pixels.astype(np.uint8)
        ]
        return np.stack(answers).astype(np.float32) / 255.0 * 2.0 - 1.0

    def _call(self, method: str, path: str, body: bytes | None = None) -> Any:
        pause = 0.25
        for left in reversed(range(self._retries + 1)):
            try:
                status, headers, data = self._exchange(method, path, body)
            except (OSError, http.client.HTTPException) as error:
                if not left:
                    raise ServerError(f"{self.url}: no answer ({_reason(error)})") from None
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
                f"{self.url}: the answer is no JSON: is a model server there?"
            ) from None

    def _words(self, status: int, data: bytes) -> str:
        try:
            text = str(json.loads(data)["error"])
        except (ValueError, KeyError, TypeError):
            return f"{self.url}: HTTP status {status}: is a model server there?"
        match = _ASSERTION.match(text)
        return " ".join((match.group(1) if match else text).split())


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
