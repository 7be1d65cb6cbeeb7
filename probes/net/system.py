"""What this host tells us without a packet: its resolvers, and what its traffic looks like."""

import platform
import ssl
from pathlib import Path
from socket import AF_INET, AF_INET6, SOCK_DGRAM, socket

from heliograph.config import Resolver
from heliograph.failure import Failure, classify
from heliograph.model import Stack
from heliograph.valid import is_address

RESOLV_CONF = Path("/etc/resolv.conf")
_NO_WAY = frozenset({Failure.NETWORK_UNREACHABLE, Failure.HOST_UNREACHABLE, Failure.NETWORK_DOWN})
_TIMESTAMPS = Path("/proc/sys/net/ipv4/tcp_timestamps")


def system_resolver(text: str) -> Resolver | None:
    """The first usable ``nameserver`` of a resolv.conf, or None."""
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == "nameserver" and is_address(words[1]):
            host = f"[{words[1]}]" if ":" in words[1] else words[1]
            return Resolver.parse(f"udp://{host}")
    return None


def read_resolv_conf(path: Path = RESOLV_CONF) -> str:
    """The text of resolv.conf; empty when there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def has_route(address: str) -> bool:
    """Whether this host knows a way to the address; asks the kernel and sends nothing."""
    with socket(AF_INET6 if ":" in address else AF_INET, SOCK_DGRAM) as sock:
        try:
            sock.connect((address, 9))
        except OSError as error:
            return classify(error) not in _NO_WAY
    return True


def reaches(address: str) -> bool:
    """Whether this host knows the protocol of the address, and a way to it; sends nothing."""
    try:
        return has_route(address)
    except OSError:  # no such protocol on this host
        return False


def stack() -> Stack:
    """The shape of our traffic, recorded with every measurement."""
    import httpx

    return Stack(
        system=f"{platform.system()} {platform.release().split('-')[0]}",
        tls_library=ssl.OPENSSL_VERSION,
        http_library=f"httpx {httpx.__version__}",
        tcp_timestamps=_tcp_timestamps(),
    )


def _tcp_timestamps() -> bool | None:
    try:
        return _TIMESTAMPS.read_text(encoding="ascii").strip() != "0"
    except OSError:
        return None
