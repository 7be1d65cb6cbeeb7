"""HTTP/3 servers: who is behind an address, and what it does with names that are not its own.

Over aioquic, whose server shows one certificate to everybody.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import QuicServer
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated, QuicEvent
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from heliograph.lab.hello import server_name
from heliograph.lab.quic import Initials
from heliograph.lab.quic_close import closing
from heliograph.lab.quic_site import QuicSite

ALERT_UNRECOGNISED = 0x100 + 112
_FIRST_FLIGHT = 1200
logging.getLogger("quic").addHandler(logging.NullHandler())  # it tells of every odd packet


class _Http3(QuicConnectionProtocol):
    """Answers every request by status 200 and a word."""

    _http: H3Connection | None = None

    def quic_event_received(self, event: QuicEvent) -> None:
        """See aioquic."""
        if isinstance(event, ProtocolNegotiated):
            self._http = H3Connection(self._quic)
        if self._http is None:
            return
        for asked in self._http.handle_event(event):
            if isinstance(asked, HeadersReceived):
                self._http.send_headers(asked.stream_id, [(b":status", b"200")], end_stream=True)
                self.transmit()


class _Server(QuicServer):
    """aioquic's, behind a doorman who reads names."""

    def __init__(self, site: QuicSite) -> None:
        leaf, *others = x509.load_pem_x509_certificates(site.chain)
        configuration = QuicConfiguration(
            is_client=False,
            alpn_protocols=["h3"],
            certificate=leaf,
            certificate_chain=others,
            private_key=load_pem_private_key(site.key, None),
            supported_versions=[site.version],
        )
        super().__init__(configuration=configuration, create_protocol=_Http3)
        self._site = site

    def datagram_received(self, data: bytes | str, addr: tuple[str, int]) -> None:
        """See aioquic."""
        assert isinstance(data, bytes)
        answer = self._turned_away(data)
        if answer is None:
            super().datagram_received(data, addr)
        elif self._transport is not None:
            self._transport.sendto(answer, addr)

    def _turned_away(self, data: bytes) -> bytes | None:
        """The close for who asks for a name that is not served here."""
        if len(data) < _FIRST_FLIGHT or not (self._site.strict or self._site.closes):
            return None
        initials = Initials()
        initials.take(data)
        name = server_name(initials.record)
        if name is None:
            return None
        if name != self._site.name:
            return closing(data, ALERT_UNRECOGNISED) if self._site.strict else None
        return None if self._site.closes is None else closing(data, self._site.closes)


@contextlib.asynccontextmanager
async def speaking_quic(address: str, site: QuicSite) -> AsyncIterator[int]:
    """A server at this address until left; the port it has, which is a free one for port 0."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.bind((address, site.port))
    except OSError:
        sock.close()
        raise
    loop = asyncio.get_running_loop()
    _, server = await loop.create_datagram_endpoint(lambda: _Server(site), sock=sock)
    try:
        yield sock.getsockname()[1]
    finally:
        server.close()
