"""The client's side of one QUIC connection: datagrams and moments in, datagrams out; no socket.

aioquic's own; around it what it does not tell: whose a close was, and what came after it.
"""

import logging
import ssl
from collections.abc import Sequence

from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection, QuicConnectionState
from aioquic.quic.events import (
    ConnectionTerminated,
    HandshakeCompleted,
    PingAcknowledged,
    QuicEvent,
)
from aioquic.quic.packet import QuicProtocolVersion
from cryptography.hazmat.primitives.serialization import Encoding

from probes.net.quic_packets import Close, InitialReader, negotiation, written

_IDLE_SECONDS = 60.0
_HTTP3 = "h3"
_MOST_CERTIFICATES = 16
logging.getLogger("quic").addHandler(logging.NullHandler())  # what is odd goes on record instead


class QuicClient:
    """Shakes hands in the name ``sni``; any certificate is taken, to be judged afterwards.

    A close in an Initial is held back: if the peer goes on to complete the handshake, it was not
    the peer's.
    """

    def __init__(self, sni: str, alpn: Sequence[str], peer: tuple[str, int], now: float) -> None:
        configuration = QuicConfiguration(
            is_client=True,
            alpn_protocols=list(alpn),
            server_name=sni,
            verify_mode=ssl.CERT_NONE,
            supported_versions=[QuicProtocolVersion.VERSION_1],
            idle_timeout=_IDLE_SECONDS,
        )
        self._quic = QuicConnection(configuration=configuration)
        self._peer = peer
        self._quic.connect(peer, now=now)
        self._reader = InitialReader(self._quic.original_destination_connection_id)
        self._http: H3Connection | None = None
        self.alpn: str | None = None
        self.completed = False
        self.close: Close | None = None
        self.versions: tuple[int, ...] = ()
        """What the peer speaks instead of our version, if it said so."""
        self.acknowledged: set[int] = set()
        """The numbers of pings that were."""
        self.asked = False
        self.status: int | None = None

    @property
    def peer_spoke(self) -> bool:
        """A packet came that only whoever read ours could have written."""
        return self._reader.opened or self.completed or bool(self.versions)

    @property
    def ended(self) -> bool:
        """The handshake is over, well or not."""
        return self.completed or self.close is not None or bool(self.versions)

    @property
    def contradicted(self) -> bool:
        """Somebody closed it in an Initial, and the peer completed it."""
        return self.completed and self.close is not None and self.close.whose == "initial"

    @property
    def timer(self) -> float | None:
        """When ``fire`` is to be called."""
        return self._quic.get_timer()

    @property
    def chain(self) -> list[bytes]:
        """The certificates presented, DER, leaf first."""
        tls = self._quic.tls
        leaf = getattr(tls, "_peer_certificate")  # noqa: B009 - not in the public interface
        others = getattr(tls, "_peer_certificate_chain")  # noqa: B009
        found = [] if leaf is None else [leaf, *others]
        return [each.public_bytes(Encoding.DER) for each in found[:_MOST_CERTIFICATES]]

    def outgoing(self, now: float) -> list[bytes]:
        """The datagrams to be sent now."""
        return [data for data, _ in self._quic.datagrams_to_send(now)]

    def fire(self, now: float) -> None:
        """The timer is over: send again what was not answered, or give up."""
        self._quic.handle_timer(now)
        self._take_events()

    def take(self, datagram: bytes, now: float) -> None:
        """A datagram from the peer's address, whoever wrote it."""
        told = negotiation(datagram)
        if told is not None:
            if QuicProtocolVersion.VERSION_1 not in told[1] and not self.peer_spoke:
                self.versions = told[1]
            return
        close = None if self.completed else self._reader.close_in(datagram)
        if close is not None:
            self.close = self.close or close
            return
        try:
            self._quic.receive_datagram(datagram, self._peer, now)
            self._take_events()
        except Exception as error:  # noqa: BLE001 - whatever a stranger's bytes do to the libraries
            self.close = self.close or Close(0, written(f"{type(error).__name__}: {error}"), "ours")
        self._note_end()

    def ping(self, number: int) -> None:
        """Ask for a sign of life."""
        if self.completed:
            self._quic.send_ping(number)

    def ask(self, headers: Sequence[tuple[str, str]]) -> None:
        """Send a request without a body, if HTTP/3 was agreed."""
        if self._http is None or self._is_over:
            return
        pairs = [(name.encode(), value.encode()) for name, value in headers]
        self._http.send_headers(self._quic.get_next_available_stream_id(), pairs, end_stream=True)
        self.asked = True

    def hang_up(self) -> None:
        """Say goodbye, so that the peer forgets us."""
        if not self._is_over:
            self._quic.close()

    @property
    def _is_over(self) -> bool:
        return _end_of(self._quic) is not None

    def _note_end(self) -> None:
        """aioquic tells of a close only once nothing can come after it."""
        event = _end_of(self._quic)
        if event is not None and self.close is None:
            draining = getattr(self._quic, "_state") is QuicConnectionState.DRAINING  # noqa: B009
            reason = written(event.reason_phrase)
            self.close = Close(event.error_code, reason, "peer" if draining else "ours")

    def _take_events(self) -> None:
        while (event := self._quic.next_event()) is not None:
            self._take(event)

    def _take(self, event: QuicEvent) -> None:
        if isinstance(event, HandshakeCompleted):
            self.completed, self.alpn = True, event.alpn_protocol
            if event.alpn_protocol == _HTTP3:
                self._http = H3Connection(self._quic)
        elif isinstance(event, PingAcknowledged):
            self.acknowledged.add(event.uid)
        for answer in () if self._http is None else self._http.handle_event(event):
            if isinstance(answer, HeadersReceived) and self.status is None:
                self.status = _status(answer.headers)


def _end_of(quic: QuicConnection) -> ConnectionTerminated | None:
    found: ConnectionTerminated | None = getattr(quic, "_close_event")  # noqa: B009 - no other way
    return found


def _status(headers: Sequence[tuple[bytes, bytes]]) -> int | None:
    value = dict(headers).get(b":status", b"")
    return int(value) if len(value) == 3 and value.isdigit() else None
