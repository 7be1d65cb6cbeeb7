"""Packets that get so many hops far: over TCP connections made as usual, and in UDP datagrams.

No rights are needed for that: the time to live of a connected socket is anybody's to set. What
differs is who tells of a packet thrown away: for UDP the kernel names the router (its error queue),
for TCP it only says that it happened.
"""

import asyncio
import errno
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from socket import (
    AF_INET,
    AF_INET6,
    IPPROTO_IP,
    IPPROTO_IPV6,
    IPPROTO_TCP,
    SOCK_DGRAM,
    SOCK_STREAM,
    TCP_INFO,
    TCP_NODELAY,
    inet_ntop,
    socket,
)

from probes.net.stream import reset_when_closed

# Linux numbers, (level, option): the socket module does not name them all
_TTL = {4: (IPPROTO_IP, 2), 6: (IPPROTO_IPV6, 16)}
_RECVERR = {4: (IPPROTO_IP, 11), 6: (IPPROTO_IPV6, 25)}
_RECVTTL = {4: (IPPROTO_IP, 12), 6: (IPPROTO_IPV6, 51)}
_MSG_ERRQUEUE = 0x2000
_ERROR = struct.Struct("=IBBBBII")
_BY_ICMP, _BY_ICMP6 = 2, 3
_EXPIRED = {(_BY_ICMP, 11), (_BY_ICMP6, 3)}
_NO_PORT = {(_BY_ICMP, 3, 3), (_BY_ICMP6, 1, 4)}
_TOTAL_RETRANSMITS = 100
_INFO_BYTES = 104
_THROWN_AWAY = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH})
_USUAL_TTL = 64
_MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class SweepTiming:
    """Seconds: how long to wait for anything; how long, after a router said that the packet went no
    further, for what somebody else may send; how many times the round trip is added to both."""

    patience: float = 1.0
    settle: float = 0.3
    trips: float = 3.0
    longest: float = 4.0


@dataclass(slots=True)
class Heard:
    """What came of one packet."""

    ttl: int
    port: int | None = None
    """Our own, which tells trials apart."""
    ended: str = "silent"
    expired: bool = False
    after: float = 0.0
    data: list[bytes] = field(default_factory=list)
    ip_ttl: int | None = None
    router: str | None = None
    retransmits: int = 0
    sent_at: float = 0.0


class TcpTrial:
    """One connection, on which a name is said that gets so many hops far."""

    def __init__(self, peer: tuple[str, int], ttl: int) -> None:
        self._peer = peer
        self._version = ip_address(peer[0]).version
        self._sock = socket(AF_INET if self._version == 4 else AF_INET6, SOCK_STREAM)
        self._sock.setblocking(False)
        self._trip = 0.0
        self.heard = Heard(ttl)

    async def connect(self, seconds: float) -> str | None:
        """Connect as anybody does; our own address, None where it fails."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(seconds):
                await asyncio.get_running_loop().sock_connect(self._sock, self._peer)
        except OSError:  # a deadline is one, too
            self.heard.ended = "unconnected"
            return None
        self._trip = clock() - began
        self._sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self._sock.setsockopt(*_RECVERR[self._version], 1)
        name = self._sock.getsockname()
        self.heard.port = name[1]
        return str(name[0])

    async def say(self, payload: bytes, timing: SweepTiming) -> None:
        """Say it with the trial's time to live, and hear what comes."""
        if self.heard.ended == "unconnected":
            return
        clock = asyncio.get_running_loop().time
        self._sock.setsockopt(*_TTL[self._version], self.heard.ttl)
        began = self.heard.sent_at = clock()
        more = min(timing.trips * self._trip, timing.longest)
        end = began + timing.patience + more
        try:
            self._sock.send(payload)
            while (now := clock()) < end:
                if not await readable(self._sock, end - now):
                    break
                if self._take():
                    break
                if self.heard.expired:
                    end = min(end, clock() + timing.settle + more)
        except OSError as error:
            self._end(_word(error))
        finally:
            self._count()
        if self.heard.ended == "silent" and self.heard.expired:
            self.heard.ended = "expired"

    def _take(self) -> bool:
        """Whether that was the end."""
        try:
            data = self._sock.recv(_MOST_BYTES)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in _THROWN_AWAY:
                self._end(_word(error))
                return True
            if not self.heard.expired:
                self.heard.expired = True
                self._end("silent")
            return False
        if data:
            self.heard.data.append(data)
        self._end("answered" if data else "closed")
        return True

    def _end(self, word: str) -> None:
        self.heard.ended = word
        self.heard.after = asyncio.get_running_loop().time() - self.heard.sent_at

    def _count(self) -> None:
        try:
            info = self._sock.getsockopt(IPPROTO_TCP, TCP_INFO, _INFO_BYTES)
        except OSError:
            return
        if len(info) >= _INFO_BYTES:
            self.heard.retransmits = struct.unpack_from("=I", info, _TOTAL_RETRANSMITS)[0]

    def close(self) -> None:
        """Reset it, with a time to live that gets there: else the kernel would go on repeating the
        name, and the server would wait."""
        try:
            self._sock.setsockopt(*_TTL[self._version], _USUAL_TTL)
            reset_when_closed(self._sock)
        finally:
            self._sock.close()


class UdpTrial:
    """One datagram that gets so many hops far."""

    def __init__(self, peer: tuple[str, int], ttl: int) -> None:
        self._version = ip_address(peer[0]).version
        self._sock = socket(AF_INET if self._version == 4 else AF_INET6, SOCK_DGRAM)
        self._sock.setblocking(False)
        self._sock.setsockopt(*_RECVERR[self._version], 1)
        self._sock.setsockopt(*_RECVTTL[self._version], 1)
        self._sock.setsockopt(*_TTL[self._version], ttl)
        self._peer = peer
        self.heard = Heard(ttl)

    async def say(self, payload: bytes, timing: SweepTiming, window: bool) -> str | None:
        """Send it, and hear what comes; with a ``window``, what comes after the first as well.

        Our own address, None where there is no way to the peer.
        """
        clock = asyncio.get_running_loop().time
        try:
            self._sock.connect(self._peer)
            self.heard.sent_at = clock()
            self._sock.send(payload)
        except OSError:
            self.heard.ended = "unconnected"
            return None
        own = self._sock.getsockname()
        self.heard.port = own[1]
        end = self.heard.sent_at + timing.patience
        while (now := clock()) < end:
            if not await readable(self._sock, end - now):
                break
            if self._take() and not window:
                break
            if self.heard.data or self.heard.ended != "silent":
                end = min(end, clock() + timing.settle)
        return str(own[0])

    def _take(self) -> bool:
        """Whether there was anything."""
        told = [*self._errors(), *self._answers()]
        return bool(told)

    def _errors(self) -> Iterator[str]:
        """What routers said, as the kernel keeps it (struct sock_extended_err)."""
        for data in self._received(_MSG_ERRQUEUE):
            _, origin, kind, code, _, _, _ = _ERROR.unpack_from(data[1])
            word = "expired" if (origin, kind) in _EXPIRED else "unreachable"
            if (origin, kind, code) in _NO_PORT:
                word = "refused"
            self.heard.expired = self.heard.expired or word == "expired"
            self.heard.router = self.heard.router or self._offender(data[1])
            self._end(word)
            yield word

    def _answers(self) -> Iterator[str]:
        for data, ancillary in self._received(0):
            self.heard.data.append(data)
            if self.heard.ip_ttl is None and len(ancillary) >= 4:
                self.heard.ip_ttl = struct.unpack_from("=i", ancillary)[0]
            self._end("answered")
            yield "answered"

    @property
    def _level(self) -> int:
        return _RECVERR[self._version][0]

    @property
    def _ttl_kind(self) -> int:
        return 2 if self._version == 4 else 52

    def _received(self, flags: int) -> Iterator[tuple[bytes, bytes]]:
        """All that waits, each with the control message that matters."""
        wanted = _RECVERR[self._version][1] if flags else self._ttl_kind
        while True:
            try:
                data, ancillary, _, _ = self._sock.recvmsg(_MOST_BYTES, 512, flags)
            except BlockingIOError:
                return
            except OSError:  # the queue's error once more: it has been read, or will be
                if flags:
                    return
                continue
            for level, kind, content in ancillary:
                if (level, kind) == (self._level, wanted):
                    yield data, content
                    break
            else:
                if not flags:
                    yield data, b""

    def _offender(self, content: bytes) -> str | None:
        """The router's address: a sockaddr after the error."""
        rest = content[_ERROR.size :]
        if self._version == 4 and len(rest) >= 8:
            return inet_ntop(AF_INET, rest[4:8])
        if self._version == 6 and len(rest) >= 24:
            return inet_ntop(AF_INET6, rest[8:24])
        return None

    def _end(self, word: str) -> None:
        """An answer says more than that the packet went no further."""
        if not (self.heard.data and word != "answered"):
            if self.heard.after == 0.0 or word == "answered":
                self.heard.after = asyncio.get_running_loop().time() - self.heard.sent_at
            self.heard.ended = word

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()


def _word(error: OSError) -> str:
    if error.errno in {errno.ECONNRESET, errno.EPIPE}:
        return "reset"
    return "expired" if error.errno in _THROWN_AWAY else f"failed: {os.strerror(error.errno or 0)}"


async def readable(sock: socket, seconds: float) -> bool:
    """Whether something, be it an error, can be read within so many seconds."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(sock.fileno(), _set_once, ready)
    try:
        async with asyncio.timeout(seconds):
            await ready
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(sock.fileno())
    return True


def _set_once(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
