"""One HTTP/1.1 connection: requests read under limits of size and time, answers written likewise.

Every wait has an end, and a client that is slow, silent or gone holds nothing but its socket:
work is handed out when a request is whole, and called off when its client has left.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import h11

from style_gan_tf.serving.http_messages import Limits, Request, Response

_CHUNK = 2**18


@dataclass
class Traffic:
    """What all connections share.

    Attributes:
        draining: The server stops: each connection ends with the request that it is at.
        received: Bytes of bodies that are held.
        open: The connections, and whether each is between two requests.
    """

    draining: bool = False
    received: int = 0
    open: "dict[Connection, bool]" = field(default_factory=dict)


class _Gone(Exception):
    """The client has left, or has been too slow: nobody is there to be told."""


class Connection:
    """One connection.

    Args:
        reader: Of asyncio.
        writer: Of asyncio.
        handle: Answers a request; cancelled when its client leaves.
        limits: What the client may take.
        traffic: What connections share.
        on_refused: Told, in a word, why a request was turned away.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handle: Callable[[Request], Awaitable[Response]],
        limits: Limits,
        traffic: Traffic,
        on_refused: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._handle = handle
        self._limits = limits
        self._traffic = traffic
        self._on_refused = on_refused
        self._http = h11.Connection(h11.SERVER)
        self._held = 0

    async def run(self) -> None:
        """Answer requests until the client leaves or errs, or the server stops."""
        self._traffic.open[self] = True
        try:
            while await self._exchange():
                self._release()
                self._http.start_next_cycle()
            await self._close()
        except (_Gone, ConnectionError, TimeoutError, asyncio.CancelledError):
            self._writer.transport.abort()
        finally:
            self._release()
            del self._traffic.open[self]

    def end_if_idle(self) -> None:
        """Close the connection if it is between two requests."""
        if self._traffic.open.get(self):
            self._writer.transport.abort()

    async def _exchange(self) -> bool:
        """One request and its answer; whether another may follow."""
        try:
            head = await self._head()
            if head is None:
                return False
            refusal = self._refuse(head)
            body = None if refusal else await self._body(head)
        except h11.RemoteProtocolError as error:
            self._on_refused("malformed")
            await self._refused(
                Response.error(error.error_status_hint, f"Malformed HTTP request: {error}")
            )
            return False
        if body is None:
            await self._refused(refusal or self._too_large())
            return False
        method = head.method.decode("ascii")
        headers = {k.decode("ascii"): v.decode("latin-1") for k, v in head.headers}
        request = Request(method, head.target.decode("ascii"), headers, body)
        response = await self._answer(request)
        await self._write(response, with_body=method != "HEAD")
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _head(self) -> Any:
        """The next request's head; None when none comes."""
        self._traffic.open[self] = True
        if self._traffic.draining:
            return None
        if self._http.trailing_data[0] == b"":
            try:
                async with asyncio.timeout(self._limits.idle):
                    data = await self._reader.read(_CHUNK)
            except TimeoutError:
                return None
            self._http.receive_data(data)
        self._traffic.open[self] = False
        try:
            async with asyncio.timeout(self._limits.stall):
                event = await self._event()
        except TimeoutError:
            self._on_refused("slow")
            await self._refused(Response.error(408, "The request's head did not come in time"))
            raise _Gone from None
        return event if isinstance(event, h11.Request) else None

    async def _body(self, head: Any) -> bytearray | None:
        """The request's body; None when it is larger than allowed.

        Raises:
            _Gone: When it did not come whole; the client was told if it still listens.
        """
        if self._http.they_are_waiting_for_100_continue:
            await self._send(
                self._http.send(h11.InformationalResponse(status_code=100, headers=[]))
            )
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.exchange):
                while True:
                    async with asyncio.timeout(self._limits.stall):
                        event = await self._event()
                    if isinstance(event, h11.EndOfMessage):
                        return body
                    if not isinstance(event, h11.Data):
                        raise _Gone
                    body += event.data
                    self._hold(len(event.data))
                    if len(body) > self._limits.body or self._is_crowded():
                        return None
        except TimeoutError:
            self._on_refused("slow")
            await self._refused(Response.error(408, "The request's body did not come in time"))
            raise _Gone from None

    def _refuse(self, head: Any) -> Response | None:
        """What to say to a request whose head says already that it is too large."""
        length = next((int(v) for k, v in head.headers if k == b"content-length"), 0)
        return self._too_large() if length > self._limits.body or self._is_crowded() else None

    def _is_crowded(self) -> bool:
        return self._traffic.received > self._limits.received

    def _too_large(self) -> Response:
        if self._is_crowded():
            self._on_refused("memory")
            return Response.error(
                503, "The server holds as many requests as it can: try again later",
                ("Retry-After", "1"),
            )  # fmt: skip
        self._on_refused("body")
        return Response.error(
            413, f"The request's body is larger than {self._limits.body} bytes: send less at once"
        )

    async def _answer(self, request: Request) -> Response:
        """What the handler says, unless the client leaves meanwhile."""
        work = asyncio.ensure_future(self._handle(request))
        watch = asyncio.ensure_future(self._reader.read(_CHUNK))
        try:
            await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
            if watch.done():
                data = watch.result()
                if not data:
                    raise _Gone
                self._http.receive_data(data)  # The next request, before it was its turn.
            return await work
        finally:
            watch.cancel()
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await watch

    async def _refused(self, response: Response) -> None:
        """Answer a request that was not read to its end."""
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        await self._write(response, close=True)
        # Closing with unread data resets the connection, and the client never sees the answer.
        self._writer.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.stall):
                while await self._reader.read(_CHUNK):
                    pass

    async def _write(self, response: Response, close: bool = False, with_body: bool = True) -> None:
        close = close or self._traffic.draining
        headers = [
            ("Content-Type", response.content_type),
            ("Content-Length", str(len(response.body))),
            *response.headers,
            *([("Connection", "close")] if close else []),
        ]
        head = h11.Response(
            status_code=response.status,
            headers=headers,
            reason=_reason(response.status),
        )
        async with asyncio.timeout(self._limits.exchange):
            await self._send(self._http.send(head))
            if with_body:
                for start in range(0, len(response.body), _CHUNK):
                    data = h11.Data(data=response.body[start : start + _CHUNK])
                    await self._send(self._http.send(data))
            await self._send(self._http.send(h11.EndOfMessage()))

    async def _send(self, data: bytes | None) -> None:
        if data:
            self._writer.write(data)
            async with asyncio.timeout(self._limits.stall):
                await self._writer.drain()

    async def _event(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(_CHUNK))
        return event

    async def _close(self) -> None:
        self._writer.close()
        async with asyncio.timeout(self._limits.stall):
            await self._writer.wait_closed()

    def _hold(self, size: int) -> None:
        self._held += size
        self._traffic.received += size

    def _release(self) -> None:
        self._traffic.received -= self._held
        self._held = 0


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # 499 is nobody's standard
        return ""
