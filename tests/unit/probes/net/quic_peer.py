"""A QUIC client and a server of another hand facing each other, without a socket between them."""

from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import QuicProtocolVersion
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from heliograph.lab.authority import Authority
from probes.net.quic_client import QuicClient

NAME = "site.example"
SERVER, CLIENT = ("203.0.113.10", 443), ("192.0.2.7", 50000)
AUTHORITY = Authority()


class Peer:
    """aioquic's server, made when the first datagram arrives."""

    def __init__(self, version: QuicProtocolVersion = QuicProtocolVersion.VERSION_1) -> None:
        chain, key = AUTHORITY.files(NAME)
        leaf, *others = x509.load_pem_x509_certificates(chain)
        self._configuration = QuicConfiguration(
            is_client=False,
            alpn_protocols=["h3"],
            certificate=leaf,
            certificate_chain=others,
            private_key=load_pem_private_key(key, None),
            supported_versions=[version],
        )
        self.quic: QuicConnection | None = None

    def take(self, datagram: bytes, now: float) -> list[bytes]:
        """What it answers."""
        if self.quic is None:
            size = datagram[5]
            self.quic = QuicConnection(
                configuration=self._configuration,
                original_destination_connection_id=datagram[6 : 6 + size],
            )
        self.quic.receive_datagram(datagram, CLIENT, now)
        return [data for data, _ in self.quic.datagrams_to_send(now)]


def converse(client: QuicClient, peer: Peer, now: float = 0.0) -> None:
    """Everything either has to say, until both are silent."""
    while sent := client.outgoing(now):
        now += 0.01
        for datagram in sent:
            for answer in peer.take(datagram, now):
                client.take(answer, now)
