"""What is served over HTTP/3 at an address; heliograph.lab.quic_origin serves it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QuicSite:
    """A name served over QUIC, with its certificate chain and key as PEM."""

    name: str
    chain: bytes
    key: bytes
    strict: bool = False
    """Other names are turned away by an alert; else they are shown this one's certificate."""
    closes: int | None = None
    """Its own name, too, is turned away, with this code."""
    port: int = 443
    version: int = 1
    """The only version of QUIC that is spoken."""
