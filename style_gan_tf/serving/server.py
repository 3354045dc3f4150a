"""The server: HTTP in front, the REST API behind a bounded queue, metrics and a page beside it."""

import asyncio
import signal
import socket
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from style_gan_tf.serving.http_messages import Limits, Request, Response
from style_gan_tf.serving.http_server import HttpServer
from style_gan_tf.serving.model_manager import ModelManager
from style_gan_tf.serving.monitoring import Monitor
from style_gan_tf.serving.page import PAGE_HEADERS, page
from style_gan_tf.serving.rest.api import RestApi
from style_gan_tf.serving.rest.errors import RestError, invalid
from style_gan_tf.serving.rest.paths import Call, is_rest, parse_call
from style_gan_tf.serving.work_queue import QueueFull, WorkQueue

METRICS_PATH = "/monitoring/prometheus/metrics"
_INFLATED = 100_000_000  # bytes that a compressed body may become, as in TF Serving
_GRACE = 0.5  # seconds that the runtime gets to break off a run before the server answers for it
_CORS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "POST, GET"),
    ("Access-Control-Allow-Headers", "Content-Type"),
)


@dataclass(frozen=True)
class ServerSettings:
    """How calls are answered.

    Attributes:
        timeout: Seconds from a call's arrival to its answer.
        workers: Models that run at once.
        waiting: Calls in line behind them; more get 503.
        cors: Whether pages of other origins may call.
        demo: Whether `/` is the page to try the models.
        limits: What clients may take.
    """

    timeout: float = 30.0
    workers: int = 2
    waiting: int = 32
    cors: bool = False
    demo: bool = False
    limits: Limits = field(default_factory=Limits)


class Server:
    """Serves models until it is told to stop.

    Args:
        models: What is served.
        settings: How.
    """

    def __init__(self, models: ModelManager, settings: ServerSettings) -> None:
        self._models = models
        self._settings = settings
        self._queue = WorkQueue(settings.workers, settings.waiting)
        self.monitor = Monitor(
            {
                "requests_in_line_or_running": lambda: self._queue.held,
                "open_connections": lambda: self._http.connections,
            }
        )
        self._api = RestApi(models, self.monitor.count_run)
        self._http = HttpServer(self._handle, settings.limits, self.monitor.count_rejected)

    def run(self, listener: socket.socket, ready: Callable[[], None] = lambda: None) -> bool:
        """Serve until SIGTERM or SIGINT, then answer what has come; a second signal ends at once.

        Args:
            listener: What `listen` gave.
            ready: Called when calls are answered.

        Returns:
            Whether all calls that had come were answered.
        """
        return asyncio.run(self._run(listener, ready))

    async def _run(self, listener: socket.socket, ready: Callable[[], None]) -> bool:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()

        def on_signal() -> None:
            stop.set()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, on_signal)
        ready()
        return await self.serve(listener, stop)

    async def serve(self, listener: socket.socket, stop: asyncio.Event) -> bool:
        """Serve until `stop` is set; see `run`."""
        grace = self._settings.timeout + 1.0
        try:
            return await self._http.serve(listener, stop, grace)
        finally:
            self._queue.close()

    async def _handle(self, request: Request) -> Response:
        try:
            return await self._route(request)
        except RestError as error:
            response = Response.error(error.http_status, str(error))
        except Exception as error:
            response = Response.error(500, f"{type(error).__name__}: {error}")
        return self._with_cors(request, response)

    async def _route(self, request: Request) -> Response:
        if is_rest(request.target):
            return self._with_cors(request, await self._rest(request))
        if request.target == METRICS_PATH and request.method in ("GET", "HEAD"):
            return Response(200, self.monitor.page(), "text/plain; version=0.0.4")
        if self._settings.demo and request.target == "/" and request.method in ("GET", "HEAD"):
            body = page({name: path for name, _, path in self._models.describe()})
            return Response(200, body, "text/html; charset=utf-8", PAGE_HEADERS)
        return Response(404, b"Not found\n", "text/plain")

    def _with_cors(self, request: Request, response: Response) -> Response:
        if not (self._settings.cors and is_rest(request.target)):
            return response
        headers = (*response.headers, *_CORS)
        return Response(response.status, response.body, response.content_type, headers)

    async def _rest(self, request: Request) -> Response:
        if self._settings.cors and request.method == "OPTIONS" and "origin" in request.headers:
            return Response(200)
        call = parse_call(request.method, request.target)
        if request.method == "GET":
            return Response(200, self._api.look(call))
        began = time.monotonic()
        # Names that nobody serves would fill the metrics with whatever strangers send.
        label = call.model if call.model in self._models.names() else ""
        outcome = await self._predict(call, request, began)
        code = outcome.code if isinstance(outcome, RestError) else "OK"
        self.monitor.count_request(label, code, time.monotonic() - began)
        if isinstance(outcome, RestError):
            headers = [("Retry-After", "1")] if code == "UNAVAILABLE" else []
            return Response.error(outcome.http_status, str(outcome), *headers)
        return Response(200, outcome)

    async def _predict(self, call: Call, request: Request, began: float) -> bytes | RestError:
        """The answer, or why there is none.

        Errors are returned, not raised: their tracebacks would keep the request's tensors in
        memory until Python looks for cycles, gigabytes of them under load.
        """
        limit = self._settings.timeout

        def job() -> bytes | RestError:
            try:
                left = limit - (time.monotonic() - began)
                if left <= 0:
                    return _too_late(limit)
                return self._api.predict(call, _inflate(request), left)
            except RestError as error:
                return RestError(error.code, str(error))
            except Exception as error:  # A fault of ours must not take the connection with it.
                return RestError("INTERNAL", f"{type(error).__name__}: {error}")

        try:
            work = asyncio.wrap_future(self._queue.submit(job))
        except QueueFull:
            self.monitor.count_rejected("queue")
            busy = f"The server is busy with {self._queue.capacity} requests: try again later"
            return RestError("UNAVAILABLE", busy)
        try:
            async with asyncio.timeout(limit + _GRACE):
                return await work
        except TimeoutError:
            return _too_late(limit)


def _too_late(limit: float) -> RestError:
    return RestError("DEADLINE_EXCEEDED", f"Not answered within {limit:g} s")


def _inflate(request: Request) -> bytes | bytearray:
    """The body without its compression.

    Raises:
        RestError: When it is no gzip, or becomes too large.
    """
    if "gzip" not in request.headers.get("content-encoding", "").lower():
        return request.body
    inflater = zlib.decompressobj(wbits=31)
    try:
        body = inflater.decompress(request.body, _INFLATED + 1)
    except zlib.error:
        raise invalid("The request's body is not valid gzip, as Content-Encoding says") from None
    if len(body) > _INFLATED:
        raise invalid(f"The request's body inflates to more than {_INFLATED} bytes")
    if not inflater.eof:
        raise invalid("The request's body is gzip that was cut off")
    return body


def describe(models: ModelManager, address: tuple[Any, ...], demo: bool) -> str:
    """What is served where, for the terminal."""
    host, port = address[:2]
    origin = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    lines = [
        f"serving {name} version {version}: {origin}/v1/models/{name}"
        for name, version, _ in models.describe()
    ]
    lines += [f"page: {origin}/"] if demo else []
    return "\n".join(lines or [f"serving at {origin}, no model is there yet"])
