"""What of QUIC anybody on the path can read and write: version negotiation, and Initials.

Their keys are derived from a number in the client's first packet (RFC 9001, section 5.2), so a
close that came in one proves nothing about who wrote it. aioquic takes every close for the peer's.
"""

from dataclasses import dataclass

from aioquic._buffer import Buffer
from aioquic._crypto import CryptoError
from aioquic.quic.crypto import CryptoPair
from aioquic.quic.packet import (
    QuicFrameType,
    QuicHeader,
    QuicPacketType,
    QuicProtocolVersion,
    pull_quic_header,
)

from heliograph.text import clean

NOBODYS_VERSION = 0x1A2A3A4A
"""Reserved so that every server must refuse it (RFC 9000, section 15)."""

_SMALLEST = 1200
_REASON_CHARACTERS = 120
_LONG_HEADER, _FIXED_BIT = 0x80, 0x40
_ACK_WITH_COUNTS = 3


@dataclass(frozen=True, slots=True)
class Close:
    """The end of a connection as somebody announced it; ``whose`` as in QuicDetail.close_in."""

    code: int
    reason: str
    whose: str


def offer(destination: bytes, source: bytes) -> bytes:
    """A first packet of a version nobody has, as large as a server demands before it answers."""
    head = bytes([_LONG_HEADER | _FIXED_BIT]) + NOBODYS_VERSION.to_bytes(4)
    ids = b"".join(bytes([len(each)]) + each for each in (destination, source))
    return (head + ids).ljust(_SMALLEST, b"\0")


def negotiation(datagram: bytes) -> tuple[bytes, tuple[int, ...]] | None:
    """To whom a version negotiation is, and the versions it lists; None for anything else."""
    header = _header(Buffer(data=datagram))
    if header is None or header.packet_type is not QuicPacketType.VERSION_NEGOTIATION:
        return None
    return header.destination_cid, tuple(header.supported_versions)


class InitialReader:
    """Opens the Initials that a server sends; ``connection`` is what the client called it first.

    After a Retry the keys are others, and nothing is opened any more.
    """

    def __init__(self, connection: bytes) -> None:
        self._keys = CryptoPair()
        self._keys.setup_initial(
            cid=connection, is_client=True, version=QuicProtocolVersion.VERSION_1
        )
        self.opened = False
        """Whether one was opened: it was written by somebody who read what the client sent."""

    def close_in(self, datagram: bytes) -> Close | None:
        """The close in an Initial of this datagram; never raises for what it holds."""
        buffer = Buffer(data=datagram)
        while not buffer.eof():
            start = buffer.tell()
            header = _header(buffer)
            if header is None or header.packet_type is not QuicPacketType.INITIAL:
                return None
            sealed = datagram[start : start + header.packet_length]
            found = self._close_of(sealed, buffer.tell() - start)
            if found is not None:
                return found
            buffer.seek(start + header.packet_length)
        return None

    def _close_of(self, packet: bytes, offset: int) -> Close | None:
        try:
            _, plain, _ = self._keys.decrypt_packet(packet, offset, 0)
        except CryptoError:
            return None
        self.opened = True
        try:
            return _close_among(Buffer(data=plain))
        except ValueError:
            return None


def _header(buffer: Buffer) -> QuicHeader | None:
    try:
        return pull_quic_header(buffer, host_cid_length=8)
    except ValueError:
        return None


def _close_among(frames: Buffer) -> Close | None:
    """The close among the frames an Initial may hold; raises ValueError where they are cut."""
    while not frames.eof():
        kind = frames.pull_uint_var()
        if kind == QuicFrameType.TRANSPORT_CLOSE:
            code = frames.pull_uint_var()
            frames.pull_uint_var()  # the kind of frame that is to blame
            reason = frames.pull_bytes(frames.pull_uint_var())
            return Close(code, written(reason), "initial")
        if kind == QuicFrameType.CRYPTO:
            frames.pull_uint_var()
            frames.pull_bytes(frames.pull_uint_var())
        elif kind in {QuicFrameType.ACK, QuicFrameType.ACK_ECN}:
            _pass_ack(frames, with_counts=kind == _ACK_WITH_COUNTS)
        elif kind not in {QuicFrameType.PADDING, QuicFrameType.PING}:
            return None
    return None


def _pass_ack(frames: Buffer, *, with_counts: bool) -> None:
    frames.pull_uint_var()  # the largest number
    frames.pull_uint_var()  # delay
    ranges = frames.pull_uint_var()
    for _ in range(1 + 2 * ranges + 3 * with_counts):
        frames.pull_uint_var()


def written(reason: bytes | str) -> str:
    """A stranger's reason, as text that is safe to keep."""
    text = reason if isinstance(reason, str) else reason.decode(errors="replace")
    return clean(text)[:_REASON_CHARACTERS]
