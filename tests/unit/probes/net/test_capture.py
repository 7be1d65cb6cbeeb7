"""Captured packets read: whose they are, what kind, and the fields an injector chose."""

import struct
from socket import inet_aton

from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP

from heliograph.detail import Caught
from probes.net.capture import read_packet

PEER = ("203.0.113.10", 443)
OURS = ("198.51.100.2", 40_000)
RST, ACK, FIN, PSH = 4, 16, 1, 8


def ip(
    protocol: int, body: bytes, source: str = PEER[0], to: str = OURS[0], *, ttl: int = 62
) -> bytes:
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 4660, 0x4000, ttl, protocol, 0)
    return head + inet_aton(source) + inet_aton(to) + body


def tcp(flags: int, data: bytes = b"", *, ports: tuple[int, int] = (443, 40_000)) -> bytes:
    return struct.pack("!HHIIBBHHH", *ports, 1, 2, 0x50, flags, 502, 0, 0) + data


def test_a_reset_is_read_field_by_field() -> None:
    found = read_packet(ip(6, tcp(RST | ACK, b"\x01\x02")), PEER)

    assert found is not None
    port, reset = found
    assert port == OURS[1]
    assert reset == Caught(
        kind="reset",
        ip_ttl=62,
        ip_id=4660,
        dont_fragment=True,
        flags="RA",
        window=502,
        size=2,
        payload="0102",
    )


def test_data_and_an_end_are_told_from_mere_acknowledgements() -> None:
    kinds = [
        None if found is None else found[1].kind
        for flags, data in ((PSH | ACK, b"hello"), (FIN | ACK, b""), (ACK, b""))
        for found in [read_packet(ip(6, tcp(flags, data)), PEER)]
    ]

    assert kinds == ["data", "end", None]


def test_a_router_s_word_counts_for_the_connection_it_quotes() -> None:
    quoted = ip(6, tcp(PSH | ACK, ports=(40_000, 443))[:8], OURS[0], PEER[0], ttl=1)
    expired = ip(1, struct.pack("!BBHI", 11, 0, 0, 0) + quoted, "192.0.2.1")

    found = read_packet(expired, PEER)

    assert found is not None
    assert (found[0], found[1].kind, found[1].ip_ttl) == (OURS[1], "expired", 62)
    assert read_packet(expired, ("203.0.113.10", 80)) is None
    assert read_packet(expired, ("203.0.113.11", 443)) is None


def test_what_is_for_others_or_no_packet_is_nothing() -> None:
    assert read_packet(ip(6, tcp(RST), "203.0.113.11"), PEER) is None
    assert read_packet(ip(6, tcp(RST, ports=(80, 40_000))), PEER) is None
    for rubbish in (b"", b"E", bytes(20), ip(6, b"")):
        assert read_packet(rubbish, PEER) is None


@given(
    st.integers(1, 255),
    st.integers(0, 65535),
    st.sampled_from(["R", "RA", "FA", "PA", "FPA", "A", "SA", "RAEC"]),
    st.integers(0, 65535),
    st.binary(max_size=60),
    st.lists(st.sampled_from([("MSS", 1460), ("NOP", None), ("SAckOK", b"")]), max_size=3),
    st.booleans(),
)
def test_packets_written_by_scapy_are_read_as_they_were_meant(
    ttl: int,
    number: int,
    flags: str,
    window: int,
    payload: bytes,
    options: list[tuple[str, object]],
    whole: bool,
) -> None:
    segment = (
        TCP(sport=PEER[1], dport=OURS[1], flags=flags, window=window, options=options) / payload
    )
    header = IP(src=PEER[0], dst=OURS[0], ttl=ttl, id=number, flags="DF" if whole else 0)

    found = read_packet(bytes(header / segment), PEER)

    if "R" not in flags and "F" not in flags and not payload:
        assert found is None
        return
    assert found is not None
    port, caught = found
    fields = (caught.ip_ttl, caught.ip_id, caught.dont_fragment, caught.window, caught.size)
    assert fields == (ttl, number, whole, window, len(payload))
    assert (port, set(caught.flags)) == (OURS[1], set(flags))


@given(st.integers(1, 255), st.integers(0, 65535), st.integers(1, 12))
def test_a_router_s_word_written_by_scapy_is_read_as_it_was_meant(
    ttl: int, number: int, kind: int
) -> None:
    said = IP(src=OURS[0], dst=PEER[0], ttl=1) / TCP(sport=OURS[1], dport=PEER[1], flags="PA")
    router = IP(src="192.0.2.1", dst=OURS[0], ttl=ttl, id=number) / ICMP(type=kind) / bytes(said)

    found = read_packet(bytes(router), PEER)

    if kind != 11:
        assert found is None
        return
    assert found is not None
    assert (found[0], found[1].kind, found[1].ip_ttl, found[1].ip_id) == (
        OURS[1],
        "expired",
        ttl,
        number,
    )
