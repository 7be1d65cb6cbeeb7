"""TLS over memory buffers: the peer is an OpenSSL server in this process, the wire a list."""

import socket
import ssl
import struct
from collections.abc import Callable
from socket import IPPROTO_TCP, SO_LINGER, SOL_SOCKET, TCP_INFO, TCP_MAXSEG

import pytest
import trustme

from heliograph.failure import Failure, classify
from probes.net.stream import NotTls, Stream
from probes.net.trust import contexts

NAME = "site.example"
CONTEXT = contexts()(("http/1.1",))
ALERT = bytes([21, 3, 3, 0, 2, 2, 112])


class FakeSocket:
    """Counts how often it is closed, and keeps what was set before."""

    def __init__(self) -> None:
        self.closed = 0
        self.segment = 1448
        self.repeats = 0
        self.tells = True
        self.set: list[tuple[int, int, bytes]] = []

    def getsockopt(self, level: int, option: int, size: int = 0) -> int | bytes:
        if (level, option) == (IPPROTO_TCP, TCP_INFO):
            if not self.tells:
                raise OSError
            return bytes([1, 0, self.repeats]).ljust(size, b"\0")
        assert (level, option) == (IPPROTO_TCP, TCP_MAXSEG)
        return self.segment

    def setsockopt(self, level: int, option: int, value: bytes) -> None:
        self.set.append((level, option, value))

    def close(self) -> None:
        self.closed += 1

    def getsockname(self) -> tuple[str, int]:
        return "192.0.2.77", 50000

    def getpeername(self) -> tuple[str, int]:
        return "203.0.113.10", 443


class Wire(Stream):
    """A stream whose peer is a function from what was sent to what comes back."""

    def __init__(self, peer: Callable[[bytes], bytes], piece: int = 65536) -> None:
        self.socket = FakeSocket()
        super().__init__(self.socket)  # type: ignore[arg-type]  # it is never read from
        self._peer = peer
        self._piece = piece
        self._coming = b""

    async def _send(self, data: bytes) -> None:
        self._coming += self._peer(data)
        self.sent += len(data)

    async def _receive(self, most: int = 65536) -> bytes:
        size = min(most, self._piece)
        data, self._coming = self._coming[:size], self._coming[size:]
        self.received += len(data)
        return data


class Server:
    """An honest TLS server that echoes in capitals."""

    def __init__(self, *, alpn: bool = True) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        CA.issue_cert(NAME).configure_cert(context)
        if alpn:
            context.set_alpn_protocols(["http/1.1"])
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._shaken = False
        self.hangs_up = False

    def __call__(self, data: bytes) -> bytes:
        self._incoming.write(data)
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
            while True:
                self._tls.write(self._tls.read().upper())
                if self.hangs_up:
                    self._tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        return self._outgoing.read()


CA = trustme.CA()


@pytest.mark.parametrize("piece", [1, 100, 65536])
async def test_a_session_is_made_however_the_bytes_arrive(piece: int) -> None:
    wire = Wire(Server(), piece)

    await wire.handshake(CONTEXT, NAME)
    await wire.write(b"hello")
    heard = await wire.read(100)

    assert heard == b"HELLO"
    assert wire.tls is not None
    assert wire.tls.version() == "TLSv1.3"
    assert wire.tls.selected_alpn_protocol() == "http/1.1"
    assert wire.alert is None
    assert wire.first_bytes[0] == 22
    assert 200 < wire.client_hello_bytes < wire.sent
    assert wire.client_hello_segments == 0
    assert wire.received > 1000


async def test_a_hello_that_one_segment_does_not_hold_is_counted_in_segments() -> None:
    wire = Wire(Server(), 65536)
    wire.socket.segment = 200

    await wire.handshake(CONTEXT, NAME)

    assert wire.client_hello_segments == -(-wire.client_hello_bytes // 200) > 1


async def test_the_end_of_a_session_is_an_empty_read() -> None:
    server = Server()
    wire = Wire(server)
    await wire.handshake(CONTEXT, NAME)
    server.hangs_up = True

    await wire.write(b"bye")

    assert await wire.read(100) == b"BYE"
    assert await wire.read(100) == b""


async def test_a_session_cut_off_ends_in_an_empty_read() -> None:
    wire = Wire(Server())
    await wire.handshake(CONTEXT, NAME)

    assert await wire.read(100) == b""


async def test_bytes_in_the_clear_pass_unchanged() -> None:
    wire = Wire(bytes.swapcase)

    await wire.write(b"Hello")

    assert await wire.read(3) == b"hEL"
    assert await wire.read(3) == b"LO"
    assert (wire.sent, wire.received, wire.tls) == (5, 5, None)


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (b"", Failure.EOF_ERROR),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", Failure.X_TLS_PLAINTEXT_INJECTED),
        (b"\x16\x47", Failure.X_TLS_PLAINTEXT_INJECTED),
        (ALERT, Failure.SSL_INVALID_HOSTNAME),
        (ALERT[:-1] + b"\x28", Failure.SSL_FAILED_HANDSHAKE),
        (b"\x16\x03\x03\x00\x05nonsense", Failure.SSL_FAILED_HANDSHAKE),
    ],
)
@pytest.mark.parametrize("piece", [1, 65536])
async def test_each_wrong_reply_to_a_client_hello_has_its_word(
    reply: bytes, word: Failure, piece: int
) -> None:
    wire = Wire(lambda _: reply, piece)

    with pytest.raises((EOFError, ssl.SSLError, NotTls)) as raised:
        await wire.handshake(CONTEXT, NAME)

    assert classify(raised.value) is word
    assert reply.startswith(wire.first_bytes)
    assert wire.tls is None


async def test_an_alert_in_the_clear_keeps_its_number() -> None:
    wire = Wire(lambda _: ALERT)

    with pytest.raises(ssl.SSLError):
        await wire.handshake(CONTEXT, NAME)

    assert wire.alert == 112


async def test_a_handshake_without_end_is_ended() -> None:
    record = b"\x16\x03\x03\x40\x00" + b"\x0b\x00\xff\xff" + bytes(0x3FFC)
    wire = Wire(lambda _: record * 40)

    with pytest.raises(ssl.SSLError):
        await wire.handshake(CONTEXT, NAME)

    assert wire.received < 600_000


async def test_an_alert_of_ours_that_nobody_hears_hides_nothing() -> None:
    wire = Wire(lambda _: b"\x16\x03\x03\x00\x05nonsense")
    sends = 0

    async def send_once(data: bytes) -> None:
        nonlocal sends
        sends += 1
        if sends > 1:
            raise ConnectionResetError(104, "reset")
        await Wire._send(wire, data)

    wire._send = send_once  # type: ignore[method-assign]  # the wire breaks after one send
    with pytest.raises(ssl.SSLError):
        await wire.handshake(CONTEXT, NAME)


def test_closing_twice_is_harmless() -> None:
    wire = Wire(bytes)
    wire.close()
    wire.close()

    assert wire.closed
    assert wire.socket.closed == 1
    assert wire.socket.set == []


def test_what_the_kernel_still_repeats_is_not_repeated_after_closing() -> None:
    wire = Wire(Server())
    wire.socket.repeats = 1

    wire.close()

    assert wire.socket.set == [(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))]
    assert wire.socket.closed == 1


def test_a_system_that_does_not_tell_of_repeats_closes_as_usual() -> None:
    wire = Wire(Server())
    wire.socket.tells = False

    wire.close()

    assert wire.socket.set == []
    assert wire.socket.closed == 1


def test_both_ends_are_told() -> None:
    wire = Wire(bytes)

    assert (wire.local, wire.remote) == (("192.0.2.77", 50000), "203.0.113.10")


async def test_what_this_host_itself_refuses_is_told_from_what_others_refuse() -> None:
    nowhere = Stream.unconnected("255.255.255.255")  # no system connects to everybody
    with pytest.raises(OSError, match=r"(?i)unreachable|permission|access"):
        await nowhere.connect("255.255.255.255", 443, 1.0)
    assert nowhere.unsent
    nowhere.close()

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        refused = Stream.unconnected("127.0.0.1")
        with pytest.raises(ConnectionRefusedError):
            await refused.connect("127.0.0.1", taken.getsockname()[1], 1.0)
    assert not refused.unsent
    refused.close()
