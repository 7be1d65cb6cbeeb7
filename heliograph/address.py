"""The address guard: where a probe may connect to, and which addresses no public host can have."""

import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from pathlib import Path

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network

# Refused before anything can admit them.
_ALWAYS = (
    ("169.254.169.254/32", "cloud metadata address"),
    ("127.0.0.0/8", "loopback (RFC 1122)"),
    ("::1/128", "loopback (RFC 4291)"),
    ("0.0.0.0/8", "this network (RFC 1122)"),
    ("::/128", "unspecified (RFC 4291)"),
    ("169.254.0.0/16", "link-local (RFC 3927)"),
    ("fe80::/10", "link-local (RFC 4291)"),
    ("100.100.100.200/32", "cloud metadata address"),
    ("168.63.129.16/32", "cloud metadata address"),
    ("192.0.0.192/32", "cloud metadata address"),
    ("fd00:ec2::/32", "cloud metadata address"),
    ("fd20:ce::254/128", "cloud metadata address"),
    ("fd00:42::42/128", "cloud metadata address"),
    ("fd00:a9fe:a9fe::1/128", "cloud metadata address"),
)

# Globally reachable blocks inside reserved ones, and blocks judged by the IPv4 address they carry.
_NOT_RESERVED = (
    "192.0.0.9/32",  # PCP anycast (RFC 7723)
    "192.0.0.10/32",  # TURN anycast (RFC 8155)
    "64:ff9b::/96",  # translation (RFC 6052)
    "2001::/32",  # Teredo (RFC 4380)
    "2001:1::1/128",  # PCP anycast (RFC 7723)
    "2001:1::2/128",  # TURN anycast (RFC 8155)
    "2001:1::3/128",  # DNS-SD registration anycast (RFC 9665)
    "2001:3::/32",  # AMT (RFC 7450)
    "2001:4:112::/48",  # AS112 (RFC 7535)
    "2001:30::/28",  # drone remote identification (RFC 9374)
)

# IANA's special-purpose registries: not globally reachable, or not a host.
_RESERVED = (
    ("10.0.0.0/8", "private (RFC 1918)"),
    ("172.16.0.0/12", "private (RFC 1918)"),
    ("192.168.0.0/16", "private (RFC 1918)"),
    ("100.64.0.0/10", "carrier-grade NAT (RFC 6598)"),
    ("192.0.0.0/24", "IETF protocol assignments (RFC 6890)"),
    ("192.0.2.0/24", "documentation (RFC 5737)"),
    ("198.51.100.0/24", "documentation (RFC 5737)"),
    ("203.0.113.0/24", "documentation (RFC 5737)"),
    ("192.88.99.0/24", "6to4 relay, deprecated (RFC 7526)"),
    ("198.18.0.0/15", "benchmarking (RFC 2544)"),
    ("224.0.0.0/4", "multicast (RFC 5771)"),
    ("240.0.0.0/4", "reserved (RFC 1112)"),
    ("100::/64", "discard-only (RFC 6666)"),
    ("100:0:0:1::/64", "dummy prefix (RFC 9780)"),
    ("2001:2::/48", "benchmarking (RFC 5180)"),
    ("2001:10::/28", "ORCHID, deprecated (RFC 4843)"),
    ("2001:20::/28", "ORCHIDv2 (RFC 7343)"),
    ("2001::/23", "IETF protocol assignments (RFC 2928)"),
    ("2001:db8::/32", "documentation (RFC 3849)"),
    ("3fff::/20", "documentation (RFC 9637)"),
    ("5f00::/16", "segment routing (RFC 9602)"),
    ("64:ff9b:1::/48", "local-use translation (RFC 8215)"),
    ("fc00::/7", "unique local (RFC 4193)"),
    ("fec0::/10", "site-local, deprecated (RFC 3879)"),
    ("ff00::/8", "multicast (RFC 4291)"),
    ("::ffff:0:0/96", "IPv4-mapped, not for the wire (RFC 4291)"),
    ("::/96", "IPv4-compatible, deprecated (RFC 4291)"),
    # all that is left outside 2000::/3
    ("::/3", "not global unicast (RFC 4291)"),
    ("4000::/2", "not global unicast (RFC 4291)"),
    ("8000::/1", "not global unicast (RFC 4291)"),
)

# Ports where a stray connection does harm or looks like an attack: those browsers refuse to fetch
# (WHATWG Fetch, "bad port") and common remote-access and database ports.
# fmt: off
BAD_PORTS = frozenset({
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101,
    102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
    465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667,
    6668, 6669, 6679, 6697, 10080,
    445, 1433, 1521, 3306, 3389, 5432, 5900, 5985, 5986, 6379, 9200, 11211, 27017,
})
# fmt: on


def unwrap(address: str) -> tuple[_Address, ...]:
    """The address and every IPv4 address it carries inside (mapped, translated, tunnelled)."""
    outer = ip_address(address.partition("%")[0])
    if isinstance(outer, IPv4Address):
        return (outer,)
    inner = [outer.ipv4_mapped, outer.sixtofour, *(outer.teredo or ())]
    number = int(outer)
    if number >> 32 == 0 and number > 1:
        inner.append(IPv4Address(number))  # IPv4-compatible, RFC 4291 2.5.5.1
    if any(outer in network for network in _TRANSLATED):
        inner.append(IPv4Address(number & 0xFFFFFFFF))
    return (outer, *(address for address in inner if address is not None))


_SHORTEST_PREFIX = 8  # shorter routes are halves of a default route that leads into a tunnel
_TRANSLATED = tuple(IPv6Network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48"))


@dataclass(frozen=True)
class Guard:
    """Says of each address whether a probe may connect there.

    ``assume_public`` are reserved ranges this network uses as if they were public (a
    laboratory). ``rehearsal`` are exact addresses of servers the caller started itself on
    loopback; no configuration can set it.
    """

    assume_public: tuple[str, ...] = ()
    own_addresses: frozenset[str] = frozenset()
    own_subnets: tuple[str, ...] = ()
    rehearsal: frozenset[str] = field(default_factory=frozenset)

    def refusal(self, address: str, port: int | None = None) -> str | None:
        """Why a probe must not connect there, or None when it may."""
        if port in BAD_PORTS:
            return f"port {port} is never measured"
        return self._first_reason(address, self._refusal)

    def bogon(self, address: str) -> str | None:
        """Why no public host can have this address, or None when one may."""
        return self._first_reason(address, self._bogon)

    def _first_reason(self, address: str, judge: Callable[[_Address], str | None]) -> str | None:
        if address in self.rehearsal:
            return None
        try:
            every = unwrap(address)
        except ValueError:
            return "not an IP address"
        inmost_first = reversed(every)  # what is carried inside says more than the wrapping
        return next((reason for one in inmost_first if (reason := judge(one)) is not None), None)

    def _refusal(self, address: _Address) -> str | None:
        always = _listed(address, _ALWAYS_TABLE)
        if always is not None:
            return always
        if address in self._own:
            return "this host's own address"
        if _within(address, self._admitted):
            return None
        if _within(address, self._subnets):
            return "an address of this host's own network"
        return _reserved(address)

    def _bogon(self, address: _Address) -> str | None:
        always = _listed(address, _ALWAYS_TABLE)
        if always is not None or _within(address, self._admitted):
            return always
        return _reserved(address)

    @cached_property
    def _own(self) -> frozenset[_Address]:
        return frozenset(ip_address(text.partition("%")[0]) for text in self.own_addresses)

    @cached_property
    def _admitted(self) -> tuple[_Network, ...]:
        return tuple(ip_network(text) for text in self.assume_public)

    @cached_property
    def _subnets(self) -> tuple[_Network, ...]:
        return tuple(ip_network(text, strict=False) for text in self.own_subnets)


def own_addresses() -> frozenset[str]:
    """This host's addresses, loopback left out; sends nothing. Empty where it can't be told."""
    v4 = addresses_in_fib(_text("/proc/net/fib_trie"))
    v6 = (address for address, _ in addresses_in_if_inet6(_text("/proc/net/if_inet6")))
    return frozenset(a for a in (*v4, *v6) if not ip_address(a).is_loopback)


def own_subnets() -> tuple[str, ...]:
    """The networks this host is directly attached to, loopback and default routes left out."""
    v4 = subnets_in_route(_text("/proc/net/route"))
    v6 = (
        str(ip_network(f"{address}/{length}", strict=False))
        for address, length in addresses_in_if_inet6(_text("/proc/net/if_inet6"))
        if not ip_address(address).is_loopback
    )
    return tuple(sorted({*v4, *v6}))


def addresses_in_fib(text: str) -> list[str]:
    """Local IPv4 addresses in the text of /proc/net/fib_trie."""
    found: dict[str, None] = {}
    leaf = ""
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "|--":
            leaf = words[1]
        elif words[:3] == ["/32", "host", "LOCAL"]:
            found[leaf] = None
    return list(found)


def addresses_in_if_inet6(text: str) -> list[tuple[str, int]]:
    """IPv6 addresses and prefix lengths in the text of /proc/net/if_inet6."""
    rows = (line.split() for line in text.splitlines())
    return [
        (str(IPv6Address(bytes.fromhex(row[0]))), int(row[2], 16)) for row in rows if len(row) >= 6
    ]


def subnets_in_route(text: str) -> list[str]:
    """Directly attached IPv4 networks in the text of /proc/net/route."""
    found = []
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) < 8 or words[2] != "00000000" or words[7] == "00000000":
            continue
        base, mask = (socket.inet_ntoa(struct.pack("=I", int(words[i], 16))) for i in (1, 7))
        network = ip_network(f"{base}/{mask}", strict=False)
        if network.prefixlen >= _SHORTEST_PREFIX:
            found.append(str(network))
    return found


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError:
        return ""


def _table(rows: Iterable[tuple[str, str]]) -> tuple[tuple[_Network, str], ...]:
    return tuple((ip_network(text), reason) for text, reason in rows)


_ALWAYS_TABLE = _table(_ALWAYS)
_RESERVED_TABLE = _table(_RESERVED)
_OPEN = tuple(ip_network(text) for text in _NOT_RESERVED)


def _reserved(address: _Address) -> str | None:
    return None if _within(address, _OPEN) else _listed(address, _RESERVED_TABLE)


def _listed(address: _Address, table: tuple[tuple[_Network, str], ...]) -> str | None:
    return next((reason for network, reason in table if address in network), None)


def _within(address: _Address, networks: tuple[_Network, ...]) -> bool:
    return any(address in network for network in networks)
