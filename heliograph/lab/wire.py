"""Accepted TCP connections under full control: plain or TLS, ended by FIN, RST or not at all."""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Protocol, TypeVar

Result = TypeVar("Result")
READ_SIZE = 65536
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, zero seconds: close() sends RST


class Stream(Protocol):
    """What a server does with a connection, whether or not TLS is on it."""

    @property
    def open(self) -> bool:
        """False once the server has ended its side."""

    async def read(self) -> bytes:
        """Some bytes of the client, empty at its end; OSError when it broke off."""

    async def write(self, data: bytes) -> None:
        """Sends everything, waiting while the client does not read; OSError when it is gone."""

    async def close(self) -> None:
        """Ends as an honest server does: close_notify where there is TLS, then FIN."""

    async def finish(self) -> None:
        """Ends by a bare FIN, which inside TLS is a cut."""

    async def hold(self) -> None:
        """Never sends again, and returns when the client closes."""

    def reset(self) -> None:
        """Ends by RST."""


class Wire:
    """A plain TCP connection; with a `pace` every byte leaves alone, that many seconds apart."""

    def __init__(self, connection: socket.socket, peer: tuple[str, int]) -> None:
        self._connection = connection
        self.peer = peer
        self.pace = 0.0
        self.open = True

    async def read(self) -> bytes:
        """Some bytes of the client, empty at its end; OSError when it broke off."""
        return await asyncio.get_running_loop().sock_recv(self._connection, READ_SIZE)

    async def write(self, data: bytes) -> None:
        """Sends everything, waiting while the client does not read; OSError when it is gone."""
        loop = asyncio.get_running_loop()
        for start in range(0, len(data), 1 if self.pace else max(1, len(data))):
            stop = start + 1 if self.pace else len(data)
            await loop.sock_sendall(self._connection, data[start:stop])
            # Even without a pace: sendall need not wait, and a flood would starve the loop.
            await asyncio.sleep(self.pace)

    async def close(self) -> None:
        """Ends by FIN."""
        await self.finish()

    async def finish(self) -> None:
        """Ends by FIN, then reads on until the client closes: unread bytes would make it RST."""
        self.open = False
        self._connection.shutdown(socket.SHUT_WR)
        await self.hold()

    async def hold(self) -> None:
        """Never sends again, and returns when the client closes."""
        self.open = False
        while await self.read():
            pass

    def reset(self) -> None:
        """Ends by RST."""
        self.open = False
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._connection.close()


class Secured:
    """TLS over a wire whose first bytes, the ClientHello, were already read by somebody else."""

    def __init__(self, wire: Wire, context: ssl.SSLContext, hello: bytes) -> None:
        self._wire = wire
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._incoming.write(hello)
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    @property
    def open(self) -> bool:
        """False once the server has ended its side."""
        return self._wire.open

    async def handshake(self) -> None:
        """Shakes hands; OSError (ssl.SSLError is one) when the client refuses or leaves."""
        await self._drive(self._tls.do_handshake)

    async def read(self) -> bytes:
        """Some bytes of the client, empty at its end; OSError when it broke off."""
        try:
            return await self._drive(lambda: self._tls.read(READ_SIZE))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    async def write(self, data: bytes) -> None:
        """Sends everything, waiting while the client does not read; OSError when it is gone."""
        for start in range(0, len(data), READ_SIZE):
            await self._drive(partial(self._tls.write, data[start : start + READ_SIZE]))

    async def close(self) -> None:
        """Ends by close_notify and FIN."""
        with contextlib.suppress(
            ssl.SSLError
        ):  # WantRead: the client's own close_notify is not awaited
            self._tls.unwrap()
        await self._flush()
        await self._wire.finish()

    async def finish(self) -> None:
        """Ends by a bare FIN, without close_notify."""
        await self._wire.finish()

    async def hold(self) -> None:
        """Never sends again, and returns when the client closes."""
        await self._wire.hold()

    def reset(self) -> None:
        """Ends by RST."""
        self._wire.reset()

    async def _drive(self, call: Callable[[], Result]) -> Result:
        while True:
            try:
                result = call()
            except ssl.SSLWantReadError:
                await self._flush()
            except ssl.SSLError:
                await self._flush()  # the alert that says why
                raise
            else:
                await self._flush()
                return result
            if data := await self._wire.read():
                self._incoming.write(data)
            else:
                self._incoming.write_eof()

    async def _flush(self) -> None:
        if data := self._outgoing.read():
            await self._wire.write(data)


@contextlib.asynccontextmanager
async def listening(
    listener: socket.socket,
    serve: Callable[[Wire], Awaitable[None]],
    arrived: Callable[[tuple[str, int]], None],
) -> AsyncIterator[None]:
    """Serves every connection to a bound socket until left, and leaves nothing open.

    A client that goes away (OSError) is normal; any other error of `serve` is a bug and is raised.
    """
    listener.setblocking(False)
    listener.listen(512)
    held: set[socket.socket] = set()
    try:
        async with asyncio.TaskGroup() as group:
            keeper = group.create_task(_accepting(listener, serve, arrived, held))
            yield
            keeper.cancel()
        _count_waiting(listener, arrived)
    finally:
        listener.close()
        for connection in held:
            connection.close()


async def _accepting(
    listener: socket.socket,
    serve: Callable[[Wire], Awaitable[None]],
    arrived: Callable[[tuple[str, int]], None],
    held: set[socket.socket],
) -> None:
    # In a reader callback, for a cancelled sock_accept() can lose the socket it just got.
    loop = asyncio.get_running_loop()

    def accept() -> None:
        try:
            connection, peer = listener.accept()
        except OSError:  # the client was gone before it was accepted
            return
        held.add(
            connection
        )  # closed by the listener if its task is cancelled before the first step
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        arrived(peer)
        connections.create_task(_served(connection, serve, peer, held))

    async with asyncio.TaskGroup() as connections:
        loop.add_reader(listener, accept)
        try:
            await loop.create_future()
        finally:
            loop.remove_reader(listener)


async def _served(
    connection: socket.socket,
    serve: Callable[[Wire], Awaitable[None]],
    peer: tuple[str, int],
    held: set[socket.socket],
) -> None:
    try:
        with contextlib.suppress(OSError):  # the client broke off: its right
            await serve(Wire(connection, peer))
    finally:
        connection.close()
        held.discard(connection)


def _count_waiting(listener: socket.socket, arrived: Callable[[tuple[str, int]], None]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, peer = listener.accept()
            connection.close()
            arrived(peer)
