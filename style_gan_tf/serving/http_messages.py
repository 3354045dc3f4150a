"""What comes in and what goes out over HTTP, and how much of it may come."""

from collections.abc import Sequence
from dataclasses import dataclass

from style_gan_tf.serving.rest.api import error_body


@dataclass(frozen=True)
class Request:
    """A whole request.

    Attributes:
        method: "GET", "POST", ...
        target: Path and query, as they came.
        headers: By lower-case name.
        body: What came, chunks joined, content encoding still on.
    """

    method: str
    target: str
    headers: dict[str, str]
    body: bytearray


@dataclass(frozen=True)
class Response:
    """An answer; its length is told by the connection."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Sequence[tuple[str, str]] = ()

    @classmethod
    def error(cls, status: int, message: str, *headers: tuple[str, str]) -> "Response":
        """An error in the REST API's form."""
        return cls(status, error_body(message), headers=headers)


@dataclass(frozen=True)
class Limits:
    """What a client may take.

    Attributes:
        body: Bytes of one request's body.
        received: Bytes of the bodies of all requests that are not yet answered.
        connections: Open at once.
        idle: Seconds between two requests on a connection.
        stall: Seconds in which a client sends or takes nothing: a request's head, the next part
            of its body, the next part of its answer.
        exchange: Seconds for the whole body, and again for the whole answer.
    """

    body: int = 64 * 2**20
    received: int = 512 * 2**20
    connections: int = 512
    idle: float = 75.0
    stall: float = 10.0
    exchange: float = 120.0
