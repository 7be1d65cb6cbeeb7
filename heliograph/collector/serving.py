"""HTTP on a socket already bound: time limits for slow callers, no log, an orderly end."""

import asyncio
import contextlib
import logging
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

import h11
import uvicorn
from litestar import Litestar
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from heliograph.collector.problem import MEDIA_TYPE, document

_MOST_HEAD_BYTES = 16_384
_SECONDS_TO_END = 2


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds a caller has for each part, and how many callers there may be."""

    tls: float = 10.0
    head: float = 10.0
    """From the connection, or from the answer before, to the end of a request's head."""
    unread: float = 40.0
    """For reading an answer; then the connection is cut."""
    connections: int = 256


@dataclass(frozen=True, slots=True)
class Place:
    """Where to serve, and whom to tell when it has begun."""

    sock: socket.socket
    tls: ssl.SSLContext | None
    ready: Callable[[], None]
    patience: Patience = field(default_factory=Patience)


def serve(app: Litestar, place: Place) -> None:
    """Serve until SIGTERM or SIGINT; requests under way then have a few seconds to end."""
    for name in ("uvicorn.error", "uvicorn.access", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # their lines may name a caller
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=_MOST_HEAD_BYTES,
        timeout_graceful_shutdown=_SECONDS_TO_END,
    )
    asyncio.run(_Server(config, place).serve())


class _Server(uvicorn.Server):
    """uvicorn with a limit for TLS handshakes, and signals that end it with status 0."""

    def __init__(self, config: uvicorn.Config, place: Place) -> None:
        super().__init__(config)
        self._place = place
        self._kind = _protocol(place.patience)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])
        secured = self._place.tls is not None
        patience = self._place.patience
        server = await asyncio.get_running_loop().create_server(
            self._protocol,
            sock=self._place.sock,
            ssl=self._place.tls,
            ssl_handshake_timeout=patience.tls if secured else None,
            ssl_shutdown_timeout=patience.tls if secured else None,
        )
        self.servers.append(server)
        self._place.ready()

    def _protocol(self) -> asyncio.Protocol:
        return self._kind(config=self.config, server_state=self.server_state, app_state={})

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        ends = (signal.SIGTERM, signal.SIGINT)
        for number in ends:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in ends:
                loop.remove_signal_handler(number)


def _protocol(patience: Patience) -> type["_Patient"]:
    """The protocol with these limits."""
    return type("Patient", (_Patient,), {"patience": patience})


class _Patient(H11Protocol):
    """HTTP/1.1 that waits for no caller for ever."""

    patience = Patience()
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.patience.connections:
            transport.abort()
            return
        self._allow(self.patience.head)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        cycle: RequestResponseCycle | None = self.cycle  # None until the first head is there
        if cycle is not None and not cycle.response_complete:
            self._allow(None)  # from here on, the application's own limits hold

    def on_response_complete(self) -> None:
        self._allow(self.patience.unread)
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._allow(None)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            body = document(HTTPStatus.BAD_REQUEST, msg)
            head = h11.Response(
                status_code=HTTPStatus.BAD_REQUEST,
                headers=[
                    ("Content-Type", MEDIA_TYPE),
                    ("Content-Length", str(len(body))),
                    ("Connection", "close"),
                ],
                reason=b"Bad Request",
            )
            for event in (head, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self._allow(self.patience.unread)
        self.transport.close()

    def _allow(self, seconds: float | None) -> None:
        """Cut the connection after so long; None: not by us."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if seconds is not None:
            self._timer = self.loop.call_later(seconds, self.transport.abort)
