"""One UDP question and every answer that comes within a window, each with its IP time to live.

A forged answer and the real one differ in what a stub resolver throws away: order, arrival time
and hop count. So the socket stays open after the first answer.
"""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass
from errno import ENOBUFS
from socket import (
    AF_INET,
    AF_INET6,
    IPPROTO_IP,
    IPPROTO_IPV6,
    SOCK_DGRAM,
    socket,
)

# Linux numbers; Python 3.11's socket module does not name the first
_IP_RECVTTL, _IP_TTL = 12, 2
_IPV6_RECVHOPLIMIT, _IPV6_HOPLIMIT = 51, 52
_MOST_REPLIES = 16


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: how long to wait in all, how long after the first reply, when to send again."""

    deadline: float = 5.0
    window: float = 1.0
    resend_after: float = 2.0


@dataclass(frozen=True, slots=True)
class QuicTiming:
    """Seconds: how long to wait for an answer to a version nobody has, and for a handshake; how
    long after a close to hear what else comes; when follow-ups begin, how far apart they are, and
    how long after their beginning to wait for answers."""

    offer: float = 2.0
    deadline: float = 4.0
    settle: float = 1.0
    late: float = 1.0
    spacing: float = 0.15
    patience: float = 2.5


@dataclass(frozen=True, slots=True)
class Received:
    """One datagram: seconds after the first send, payload, IP time to live where known."""

    after: float
    data: bytes
    ip_ttl: int | None


class DatagramSocket:
    """A connected UDP socket: replies from any other address are dropped by the kernel."""

    def __init__(self, address: str, port: int) -> None:
        v6 = ":" in address
        self._sock = socket(AF_INET6 if v6 else AF_INET, SOCK_DGRAM)
        self._sock.setblocking(False)
        if v6:
            self._sock.setsockopt(IPPROTO_IPV6, _IPV6_RECVHOPLIMIT, 1)
        else:
            self._sock.setsockopt(IPPROTO_IP, _IP_RECVTTL, 1)
        self._peer = (address, port)
        self.sends = 0

    def __enter__(self) -> "DatagramSocket":
        return self

    def __exit__(self, *_: object) -> None:
        self._sock.close()

    @property
    def local(self) -> tuple[str, int]:
        """Our own address and port on this socket."""
        name = self._sock.getsockname()
        return name[0], name[1]

    def connect(self) -> None:
        """Fix the peer; sends nothing. Raises OSError when there is no route."""
        self._sock.connect(self._peer)

    def send(self, payload: bytes) -> None:
        """Send one datagram; raises OSError."""
        self._send(payload)

    async def receive(self, seconds: float, *, have_some: bool) -> bytes | None:
        """The next datagram, None for none within so many seconds.

        Raises OSError (an ICMP error counts only as long as we do not ``have_some``).
        """
        found = await self._receive(max(seconds, 0.001), have_some)
        return None if found is None else found[0]

    async def ask(
        self, payload: bytes, timing: Timing, accept: Callable[[bytes], bool]
    ) -> list[Received]:
        """Send, and collect until the deadline or a window after the first accepted reply.

        Raises OSError (an ICMP error counts only while nothing has arrived).
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        end, resend_at = began + timing.deadline, began + timing.resend_after
        found: list[Received] = []
        accepted = False
        self._send(payload)
        while len(found) < _MOST_REPLIES:
            now = clock()
            if now >= end:
                break
            if not accepted and now >= resend_at:
                self._send(payload)
                resend_at = end
            wake = end if accepted else min(end, resend_at)
            reply = await self._receive(wake - now, bool(found))
            if reply is None:
                continue
            found.append(Received(clock() - began, *reply))
            if not accepted and accept(reply[0]):
                accepted = True
                end = min(end, clock() + timing.window)
        return found

    def _send(self, payload: bytes) -> None:
        try:
            self._sock.send(payload)
        except BlockingIOError as error:  # nothing went out: that is a failure, not a wait
            raise OSError(ENOBUFS, "the send buffer is full") from error
        self.sends += 1

    async def _receive(self, seconds: float, have_some: bool) -> tuple[bytes, int | None] | None:
        if not await self._readable(seconds):
            return None
        try:
            data, ancillary, _, _ = self._sock.recvmsg(65535, 128)
        except BlockingIOError:
            return None
        except OSError:
            if have_some:
                return None
            raise
        return data, _time_to_live(ancillary)

    async def _readable(self, seconds: float) -> bool:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self._sock.fileno(), _set_once, ready)
        try:
            async with asyncio.timeout(seconds):
                await ready
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(self._sock.fileno())
        return True


def _set_once(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _time_to_live(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    for level, kind, data in ancillary:
        if (level, kind) in {(IPPROTO_IP, _IP_TTL), (IPPROTO_IPV6, _IPV6_HOPLIMIT)}:
            value: int = struct.unpack("i", data[:4])[0]
            return value
    return None
