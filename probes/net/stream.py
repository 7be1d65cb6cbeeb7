"""A TCP connection of our own, with TLS over memory buffers: every byte and errno is seen.

Library clients fold seven kinds of interference into one error (docs/design.md, section 6);
here a reset keeps its errno, a clean close is told apart from it, and the first bytes of a reply
are looked at before any TLS library interprets them.
"""

import asyncio
import errno
import os
import ssl
import struct
import sys
from socket import (
    AF_INET,
    AF_INET6,
    IPPROTO_TCP,
    SO_ERROR,
    SO_LINGER,
    SOCK_STREAM,
    SOL_SOCKET,
    TCP_INFO,
    TCP_MAXSEG,
    TCP_NODELAY,
    socket,
)

_CHUNK = 65536
_HANDSHAKE_BYTES = 262_144
_TLS_RECORD_TYPES = frozenset({20, 21, 22, 23, 24})
_ALERT = 21
_AT_HOME = frozenset(
    {errno.EACCES, errno.EHOSTUNREACH, errno.EINVAL, errno.ENETDOWN, errno.ENETUNREACH, errno.EPERM}
)
"""What Linux answers a connect with when a route or a rule of its own forbids it (ip-route(8))."""
_TCP_INFO_BYTES, _OUT_OF_ORDER, _REPEATS = 256, 224, 2
"""Size of the buffer for, and places of tcpi_rcv_ooopack (since 5.4) and tcpi_retransmits in,
Linux's struct tcp_info."""


class NotTls(Exception):
    """The reply to a ClientHello does not begin like a TLS record."""


def reset_when_closed(sock: socket) -> None:
    """Have a TCP socket end by a reset: nothing is repeated once it is closed."""
    sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))


class Stream:
    """One connected socket; ``sent`` and ``received`` count bytes on the wire (TLS included)."""

    def __init__(self, sock: socket) -> None:
        self._sock = sock
        self._tls: ssl.SSLObject | None = None
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.sent = 0
        self.received = 0
        self.closed = False
        self.first_bytes = b""
        """The first bytes received since TLS was started: evidence when they are not TLS."""
        self.client_hello_bytes = 0
        self.client_hello_segments = 0
        """How many it took, when one did not hold it."""
        self.unsent = False
        """The host itself refused to connect: nothing was sent."""

    @classmethod
    def unconnected(cls, address: str) -> "Stream":
        """A stream whose socket is made but not connected yet; raises OSError."""
        sock = socket(AF_INET6 if ":" in address else AF_INET, SOCK_STREAM)
        sock.setblocking(False)
        return cls(sock)

    async def connect(self, address: str, port: int, seconds: float) -> None:
        """Connect to a literal address; raises OSError, TimeoutError after ``seconds``.

        What can't be reached by the host's own routes and rules, the system says at once; of what a
        router or the peer says it hears later.
        """
        said = self._sock.connect_ex((address, port))
        self.unsent = said in _AT_HOME
        if said == errno.EINPROGRESS:
            async with asyncio.timeout(seconds):
                await self._writable()
            said = self._sock.getsockopt(SOL_SOCKET, SO_ERROR)
        if said != 0:
            raise OSError(said, os.strerror(said))
        self._sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)

    async def _writable(self) -> None:
        """Until the system has something to say of the connection that was begun."""
        loop = asyncio.get_running_loop()
        ready = loop.create_future()

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        loop.add_writer(self._sock, wake)
        try:
            await ready
        finally:
            loop.remove_writer(self._sock)

    @property
    def local(self) -> tuple[str, int]:
        """Our own address and port on this connection."""
        name = self._sock.getsockname()
        return name[0], name[1]

    @property
    def remote(self) -> str:
        """The address really connected to. Raises OSError: the peer may have reset already."""
        try:
            peer: tuple[str, int] = self._sock.getpeername()
        except OSError:
            pending = self._sock.getsockopt(SOL_SOCKET, SO_ERROR)
            if pending:  # says more than "not connected"
                raise OSError(pending, os.strerror(pending)) from None
            raise
        return peer[0]

    @property
    def out_of_order(self) -> int:
        """Segments that came before others sent earlier; 0 where the system does not tell."""
        told = self._told()
        if len(told) < _OUT_OF_ORDER + 4:
            return 0
        return int.from_bytes(told[_OUT_OF_ORDER : _OUT_OF_ORDER + 4], sys.byteorder)

    def _told(self) -> bytes:
        """What the system knows of the connection; nothing where it does not tell."""
        try:
            return self._sock.getsockopt(IPPROTO_TCP, TCP_INFO, _TCP_INFO_BYTES)
        except OSError:
            return b""

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The TLS session once started."""
        return self._tls

    @property
    def alert(self) -> int | None:
        """The alert the peer sent in the clear instead of a handshake, by number."""
        if len(self.first_bytes) >= 7 and self.first_bytes[0] == _ALERT:
            return self.first_bytes[6]
        return None

    async def handshake(self, context: ssl.SSLContext, server_name: str | None) -> None:
        """Shake hands without judging the certificate.

        Raises OSError, EOFError on a clean close, ssl.SSLError on an alert or nonsense, NotTls
        when the very first bytes are not TLS. The caller sets the deadline.
        """
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        before = self.received
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                await self._flush()
            except ssl.SSLError:
                await self._flush_quietly()
                raise
            if not self.client_hello_bytes:
                self._measure_hello()
            await self._fill_for_handshake(before)
        self._tls = tls
        await self._flush()

    def _measure_hello(self) -> None:
        """How much was said first, and in how many segments the kernel sent it."""
        self.client_hello_bytes = self.sent
        largest = self._sock.getsockopt(IPPROTO_TCP, TCP_MAXSEG)
        if 0 < largest < self.sent:
            self.client_hello_segments = -(-self.sent // largest)

    async def _fill_for_handshake(self, before: int) -> None:
        data = await self._receive()
        if not data:
            raise EOFError("closed during the handshake")
        if self.received - before > _HANDSHAKE_BYTES:
            raise ssl.SSLError(f"handshake of more than {_HANDSHAKE_BYTES} bytes")
        if len(self.first_bytes) < 512:
            self.first_bytes += data[: 512 - len(self.first_bytes)]
        if self.first_bytes[0] not in _TLS_RECORD_TYPES or self.first_bytes[1:2] not in (
            b"",
            b"\x03",
        ):
            raise NotTls(f"{len(data)} bytes that are not TLS")
        self._incoming.write(data)

    async def read(self, most: int) -> bytes:
        """Up to ``most`` bytes; empty at the end. Raises OSError, EOFError, ssl.SSLError."""
        if self._tls is None:
            return await self._receive(most)
        while True:
            try:
                return self._tls.read(most)
            except ssl.SSLWantReadError:
                await self._flush()
            except ssl.SSLZeroReturnError:
                return b""
            data = await self._receive()
            if not data:
                return b""  # without close_notify; the length of the body tells if any is missing
            self._incoming.write(data)

    async def write(self, data: bytes) -> None:
        """Send all of it. Raises OSError."""
        if self._tls is None:
            await self._send(data)
            return
        self._tls.write(data)
        await self._flush()

    def close(self) -> None:
        """Close the socket, by a reset if what we said is still unanswered; harmless twice.

        Else the kernel repeats it for minutes after, name and all, and a filter that hears it
        again goes on for as long.
        """
        if not self.closed:
            self.closed = True
            if any(self._told()[_REPEATS : _REPEATS + 1]):
                reset_when_closed(self._sock)
            self._sock.close()

    async def _receive(self, most: int = _CHUNK) -> bytes:
        await asyncio.sleep(0)  # a peer that always has data ready must not hold up our deadlines
        data = await asyncio.get_running_loop().sock_recv(self._sock, most)
        self.received += len(data)
        return data

    async def _send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._sock, data)
        self.sent += len(data)

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._send(self._outgoing.read())

    async def _flush_quietly(self) -> None:
        """Send our own alert if the peer still listens: it must not hide the first error."""
        try:
            await self._flush()
        except OSError:
            return
