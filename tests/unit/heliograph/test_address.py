"""The guard's table (THREATS T8): what is refused, what is admitted, and in which order."""

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heliograph import address as module
from heliograph.address import (
    BAD_PORTS,
    Guard,
    addresses_in_fib,
    addresses_in_if_inet6,
    own_addresses,
    own_subnets,
    subnets_in_route,
    unwrap,
)

GUARD = Guard(
    own_addresses=frozenset({"203.0.114.7", "2606:4700:1::7", "fe80::7%eth0"}),
    own_subnets=("203.0.114.0/24", "2606:4700:1::/64"),
)

ALWAYS_REFUSED = [
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("::1", "loopback"),
    ("0.0.0.0", "this network"),
    ("0.1.2.3", "this network"),
    ("::", "unspecified"),
    ("169.254.0.1", "link-local"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("febf::1", "link-local"),
    ("169.254.169.254", "cloud metadata"),
    ("168.63.129.16", "cloud metadata"),
    ("100.100.100.200", "cloud metadata"),
    ("192.0.0.192", "cloud metadata"),
    ("fd00:ec2::254", "cloud metadata"),
    ("fd20:ce::254", "cloud metadata"),
    ("fd00:42::42", "cloud metadata"),
    ("fd00:a9fe:a9fe::1", "cloud metadata"),
]
RESERVED = [
    ("10.0.0.1", "RFC 1918"),
    ("172.16.0.1", "RFC 1918"),
    ("172.31.255.255", "RFC 1918"),
    ("192.168.1.1", "RFC 1918"),
    ("100.64.0.1", "carrier-grade NAT (RFC 6598)"),
    ("100.127.255.255", "carrier-grade NAT"),
    ("192.0.0.8", "RFC 6890"),
    ("192.0.2.1", "documentation"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.1", "documentation"),
    ("192.88.99.1", "6to4 relay"),
    ("198.18.0.1", "benchmarking"),
    ("198.19.255.255", "benchmarking"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.255", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
    ("100::1", "discard-only"),
    ("100:0:0:1::1", "dummy prefix"),
    ("2001:2::1", "benchmarking"),
    ("2001:10::1", "ORCHID, deprecated"),
    ("2001:20::1", "ORCHIDv2"),
    ("2001:1::4", "IETF protocol assignments"),
    ("2001:db8::1", "documentation"),
    ("3fff::1", "documentation"),
    ("5f00::1", "segment routing"),
    ("fc00::1", "unique local"),
    ("fdff::1", "unique local"),
    ("fec0::1", "site-local"),
    ("ff02::1", "multicast"),
    ("1::1", "not global unicast"),
    ("4000::1", "not global unicast"),
    ("9000::1", "not global unicast"),
]
WRAPPED = [
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:a9fe:a9fe", "cloud metadata"),
    ("::ffff:10.0.0.1", "RFC 1918"),
    ("::ffff:8.8.8.8", "IPv4-mapped"),
    ("::127.0.0.1", "loopback"),
    ("::a9fe:a9fe", "cloud metadata"),
    ("::8.8.8.8", "IPv4-compatible"),
    ("64:ff9b::127.0.0.1", "loopback"),
    ("64:ff9b::a9fe:a9fe", "cloud metadata"),
    ("64:ff9b::192.168.1.1", "RFC 1918"),
    ("64:ff9b:1::127.0.0.1", "loopback"),
    ("64:ff9b:1::8.8.8.8", "local-use translation"),
    ("2002:7f00:1::", "loopback"),
    ("2002:a9fe:a9fe::1", "cloud metadata"),
    ("2002:c0a8:101::1", "RFC 1918"),
    ("2001:0:808:808:0:0:80ff:fffe", "loopback"),
    ("2001:0:808:808:0:0:5601:5601", "cloud metadata"),
    ("2001:0:7f00:1:0:0:f7f7:f7f7", "loopback"),
    ("2001::1f0d:5211", "multicast"),
]
PUBLIC = [
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.0.9",
    "192.0.0.10",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2001:200::1",
    "2001:1::1",
    "2001:4:112::1",
    "2001:0:808:808:0:0:f7f7:f7f7",
    "2002:808:808::1",
    "3ffe::1",
    "64:ff9b::8.8.8.8",
]


@pytest.mark.parametrize(("address", "reason"), [*ALWAYS_REFUSED, *RESERVED, *WRAPPED])
def test_what_is_not_public_is_refused_with_its_reason(address: str, reason: str) -> None:
    assert reason in (GUARD.refusal(address) or "")


@pytest.mark.parametrize(("address", "reason"), [*ALWAYS_REFUSED, *RESERVED, *WRAPPED])
def test_what_is_refused_for_its_kind_is_a_bogon(address: str, reason: str) -> None:
    assert reason in (GUARD.bogon(address) or "")


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_admitted_and_no_bogons(address: str) -> None:
    assert GUARD.refusal(address) is None
    assert GUARD.bogon(address) is None


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("203.0.114.7", "this host's own address"),
        ("2606:4700:1:0:0:0:0:7", "this host's own address"),
        ("64:ff9b::203.0.114.7", "this host's own address"),
        ("203.0.114.1", "this host's own network"),
        ("2606:4700:1::1", "this host's own network"),
    ],
)
def test_own_addresses_and_subnets_are_refused_but_no_bogons(address: str, reason: str) -> None:
    assert reason in (GUARD.refusal(address) or "")
    assert GUARD.bogon(address) is None


@pytest.mark.parametrize("everything", [("0.0.0.0/0", "::/0")])
@pytest.mark.parametrize(
    "address", [*(row[0] for row in ALWAYS_REFUSED), "::ffff:127.0.0.1", "203.0.114.7"]
)
def test_nothing_admits_what_is_always_refused(address: str, everything: tuple[str, ...]) -> None:
    guard = Guard(assume_public=everything, own_addresses=GUARD.own_addresses)
    assert guard.refusal(address) is not None


def test_assume_public_admits_reserved_ranges_and_own_subnets() -> None:
    guard = Guard(
        assume_public=("198.18.0.0/15", "203.0.114.0/24"),
        own_addresses=GUARD.own_addresses,
        own_subnets=("198.18.0.0/24", "203.0.114.0/24"),
    )
    assert guard.refusal("198.18.0.1") is None
    assert guard.bogon("198.18.0.1") is None
    assert guard.refusal("203.0.114.1") is None
    assert guard.refusal("10.0.0.1") is not None
    assert guard.bogon("10.0.0.1") is not None


def test_a_server_of_the_rehearsal_is_admitted_exactly_as_written() -> None:
    guard = Guard(rehearsal=frozenset({"127.0.0.9"}))
    assert guard.refusal("127.0.0.9", 8443) is None
    assert guard.bogon("127.0.0.9") is None
    for other in ("127.0.0.1", "127.0.0.8", "::ffff:127.0.0.9", "::1"):
        assert guard.refusal(other) is not None
        assert guard.bogon(other) is not None


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "0x7f.1", "2130706433", "1.2.3.4/32"])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert GUARD.refusal(text) == "not an IP address"
    assert GUARD.bogon(text) == "not an IP address"


@pytest.mark.parametrize("port", [0, 22, 23, 25, 53, 465, 587, 3306, 3389, 5432, 5900, 6379, 6667])
def test_ports_where_a_stray_connection_does_harm_are_refused(port: int) -> None:
    assert GUARD.refusal("8.8.8.8", port) == f"port {port} is never measured"
    assert port in BAD_PORTS


@pytest.mark.parametrize("port", [None, 80, 443, 853, 8080, 8443])
def test_ports_of_the_web_and_of_encrypted_dns_are_admitted(port: int | None) -> None:
    assert GUARD.refusal("8.8.8.8", port) is None


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("8.8.8.8", []),
        ("2606:4700::1", []),
        ("::1", []),
        ("::", []),
        ("::2", ["0.0.0.2"]),
        ("::ffff:1.2.3.4", ["1.2.3.4"]),
        ("::1.2.3.4", ["1.2.3.4"]),
        ("64:ff9b::1.2.3.4", ["1.2.3.4"]),
        ("64:ff9b:1:2::1.2.3.4", ["1.2.3.4"]),
        ("2002:102:304::5", ["1.2.3.4"]),
        ("2001:0:808:808:0:0:fefd:fcfb", ["8.8.8.8", "1.2.3.4"]),
        ("fe80::1%eth0", []),
    ],
)
def test_unwrap_gives_the_address_and_what_it_carries(address: str, inside: list[str]) -> None:
    outer = ip_address(address.partition("%")[0])
    assert unwrap(address) == (outer, *(IPv4Address(text) for text in inside))


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "64:ff9b::", "64:ff9b:1::", "2002::"]))
def test_wrapping_an_address_never_makes_it_admissible(inner: IPv4Address, around: str) -> None:
    shift = 80 if around == "2002::" else 0
    outer = IPv6Address(int(IPv6Address(around)) + (int(inner) << shift))
    if GUARD.refusal(str(inner)) is not None:
        assert GUARD.refusal(str(outer)) is not None
    if GUARD.bogon(str(inner)) is not None:
        assert GUARD.bogon(str(outer)) is not None


@given(st.ip_addresses())
def test_what_python_calls_private_or_local_is_refused(
    address: IPv4Address | IPv6Address,
) -> None:
    if address.is_loopback or address.is_link_local or address.is_multicast:
        assert GUARD.refusal(str(address)) is not None


FIB = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 198.51.100.0/24 2 0 2
        |-- 198.51.100.0
           /24 link UNICAST
        |-- 198.51.100.7
           /32 host LOCAL
        |-- 198.51.100.255
           /32 link BROADCAST
Local:
     |-- 127.0.0.0
        /8 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 198.51.100.7
        /32 host LOCAL
"""
IF_INET6 = """\
20010db8000000010000000000000007 02 40 00 80     eth0
fe80000000000000021122fffe334455 02 40 20 80     eth0
00000000000000000000000000000001 01 80 10 80       lo

"""


def route_row(base: str, gateway: str, mask: str) -> str:
    """A row as the kernel writes it: numbers in the byte order of the host."""
    numbers = [struct.unpack("=I", IPv4Address(text).packed)[0] for text in (base, gateway, mask)]
    return "eth0\t{:08X}\t{:08X}\t0001\t0\t0\t0\t{:08X}\t0\t0\t0".format(*numbers)


ROUTE = "\n".join(
    [
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT",
        route_row("0.0.0.0", "198.51.100.1", "0.0.0.0"),
        route_row("198.51.100.0", "0.0.0.0", "255.255.255.0"),
        route_row("192.0.2.0", "198.51.100.1", "255.255.255.0"),
        route_row("0.0.0.0", "0.0.0.0", "128.0.0.0"),
        route_row("10.0.0.0", "0.0.0.0", "255.0.0.0"),
        "short row",
        "",
    ]
)


def test_local_addresses_are_read_once_each_from_the_routing_trie() -> None:
    assert addresses_in_fib(FIB) == ["127.0.0.1", "198.51.100.7"][::-1]
    assert addresses_in_fib("") == []


def test_ipv6_addresses_are_read_with_their_prefix_lengths() -> None:
    assert addresses_in_if_inet6(IF_INET6) == [
        ("2001:db8:0:1::7", 64),
        ("fe80::211:22ff:fe33:4455", 64),
        ("::1", 128),
    ]
    assert addresses_in_if_inet6("") == []


def test_attached_networks_are_those_without_gateway_and_no_half_of_a_default_route() -> None:
    assert subnets_in_route(ROUTE) == ["198.51.100.0/24", "10.0.0.0/8"]
    assert subnets_in_route("") == []


def test_own_addresses_and_subnets_leave_loopback_out(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "/proc/net/fib_trie": FIB,
        "/proc/net/if_inet6": IF_INET6,
        "/proc/net/route": ROUTE,
    }
    monkeypatch.setattr(module, "_text", files.__getitem__)
    assert own_addresses() == {"198.51.100.7", "2001:db8:0:1::7", "fe80::211:22ff:fe33:4455"}
    assert own_subnets() == ("10.0.0.0/8", "198.51.100.0/24", "2001:db8:0:1::/64", "fe80::/64")


def test_this_host_s_own_addresses_are_addresses_and_refused() -> None:
    for address in own_addresses():
        assert not ip_address(address).is_loopback
        assert Guard(own_addresses=own_addresses()).refusal(address) is not None


def test_without_proc_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    assert own_addresses() == frozenset()
    assert own_subnets() == ()
