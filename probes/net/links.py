"""Through which interface traffic leaves this host, and whether that is a tunnel; sends nothing."""

import fcntl
import struct
from collections.abc import Iterator
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, if_nameindex, inet_ntoa, socket

ROUTES = Path("/proc/net/route")
INTERFACES = Path("/sys/class/net")
_TUNNELS = frozenset({512, 768, 769, 776, 778, 823, 65534})
"""Kinds of interfaces (linux/if_arp.h): PPP, IP in IP, SIT, GRE, and those without a link layer."""
_SIOCGIFADDR = 0x8915
_UP = 1
_WHOLE, _HALF = "00000000", "00000080"
_ANYWHERE = ("192.88.99.1", 9)  # any public address does: the kernel is asked, nobody else


def tunnel(routes: Path = ROUTES, interfaces: Path = INTERFACES) -> str | None:
    """The tunnel through which this host's traffic leaves; None when it leaves directly."""
    ways = dict.fromkeys([*_by_table(routes), *_by_address()])
    return next((name for name in ways if _is_tunnel(interfaces / name)), None)


def _by_table(routes: Path) -> Iterator[str]:
    """Interfaces of the default route that counts, and of those that halve the internet."""
    found = [line.split() for line in _lines(routes)[1:]]
    whole = [f for f in found if len(f) > 7 and (f[1], f[7]) == (_WHOLE, _WHOLE) and _used(f)]
    yield from (f[0] for f in sorted(whole, key=lambda f: int(f[6]))[:1])
    yield from (f[0] for f in found if len(f) > 7 and f[7] == _HALF and _used(f))


def _used(fields: list[str]) -> bool:
    return bool(int(fields[3], 16) & _UP)


def _by_address() -> Iterator[str]:
    """The interface whose address packets would bear; a VPN's rules stand in no plain table."""
    with socket(AF_INET, SOCK_DGRAM) as sock:
        try:
            sock.connect(_ANYWHERE)
        except OSError:
            return
        ours: str = sock.getsockname()[0]
        for _, name in if_nameindex():
            try:
                asked = struct.pack("256s", name.encode()[:15])
                told = fcntl.ioctl(sock, _SIOCGIFADDR, asked)
            except OSError:  # it has no address
                continue
            if inet_ntoa(told[20:24]) == ours:
                yield name


def _is_tunnel(interface: Path) -> bool:
    """A modem has a device behind it, a tunnel has none."""
    kind = "".join(_lines(interface / "type"))
    return kind.isdigit() and int(kind) in _TUNNELS and not (interface / "device").exists()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []
