"""Through which interface traffic leaves, read from what the kernel tells."""

from pathlib import Path
from socket import inet_aton

import pytest

from probes.net import links

HEAD = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
BY_ADDRESS = links._by_address


@pytest.fixture(autouse=True)
def _no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """This host's own way out is another test's."""
    monkeypatch.setattr(links, "_by_address", lambda: iter(()))


def tunnel(tmp_path: Path, routes: str, **kinds: int) -> str | None:
    for name, kind in kinds.items():
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "type").write_text(f"{kind}\n", encoding="ascii")
    table = tmp_path / "route"
    table.write_text(HEAD + routes, encoding="ascii")
    return links.tunnel(table, tmp_path)


def route(name: str, *, to: str = "00000000", mask: str = "00000000", metric: int = 0) -> str:
    return f"{name} {to} 0102000A 0003 0 0 {metric} {mask} 0 0 0\n"


def test_an_ordinary_line_is_no_tunnel(tmp_path: Path) -> None:
    assert tunnel(tmp_path, route("eth0"), eth0=1) is None


@pytest.mark.parametrize("kind", [65534, 512, 776])
def test_a_default_route_over_a_tunnel(tmp_path: Path, kind: int) -> None:
    assert tunnel(tmp_path, route("wg0"), wg0=kind) == "wg0"


def test_the_default_route_with_the_lowest_metric_counts(tmp_path: Path) -> None:
    both = route("tun0", metric=100) + route("eth0", metric=50)

    assert tunnel(tmp_path, both, tun0=65534, eth0=1) is None


def test_two_halves_of_the_internet_over_a_tunnel(tmp_path: Path) -> None:
    halves = route("tun0", mask="00000080") + route("tun0", to="00000080", mask="00000080")

    assert tunnel(tmp_path, route("eth0") + halves, tun0=65534, eth0=1) == "tun0"


def test_a_tunnel_to_one_network_is_no_way_out(tmp_path: Path) -> None:
    inside = route("tun0", to="0000000A", mask="000000FF")

    assert tunnel(tmp_path, route("eth0") + inside, tun0=65534, eth0=1) is None


def test_a_route_that_is_down_is_none(tmp_path: Path) -> None:
    assert tunnel(tmp_path, route("tun0").replace(" 0003 ", " 0002 "), tun0=65534) is None


def test_a_modem_is_no_tunnel(tmp_path: Path) -> None:
    (tmp_path / "wwan0" / "device").mkdir(parents=True)

    assert tunnel(tmp_path, route("wwan0"), wwan0=65534) is None


def test_a_system_that_tells_nothing_has_no_tunnel(tmp_path: Path) -> None:
    assert links.tunnel(tmp_path / "none", tmp_path) is None
    assert tunnel(tmp_path, route("gone0")) is None
    assert tunnel(tmp_path, "eth0 short line\n") is None


def test_a_vpn_whose_rules_stand_in_no_plain_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "_by_address", lambda: iter(("wg0",)))

    assert tunnel(tmp_path, route("eth0"), wg0=65534, eth0=1) == "wg0"


class Kernel:
    """A socket that only says which address packets would bear."""

    def __init__(self, address: str | None) -> None:
        self.address = address

    def __call__(self, *_: object) -> "Kernel":
        return self

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def connect(self, _: tuple[str, int]) -> None:
        if self.address is None:
            raise OSError(101, "Network is unreachable")

    def getsockname(self) -> tuple[str, int]:
        return self.address or "", 0


@pytest.mark.parametrize(
    ("address", "found"), [("10.8.0.2", ["wg0"]), ("192.0.2.9", []), (None, [])]
)
def test_the_way_out_is_the_interface_with_the_address_of_our_packets(
    monkeypatch: pytest.MonkeyPatch, address: str | None, found: list[str]
) -> None:
    def told(_: object, number: int, asked: bytes) -> bytes:
        if asked.startswith(b"none0"):
            raise OSError(99, "Cannot assign requested address")
        return bytes(20) + inet_aton("10.8.0.2" if asked.startswith(b"wg0") else "10.0.0.1")

    monkeypatch.setattr(links, "socket", Kernel(address))
    monkeypatch.setattr(links, "if_nameindex", lambda: [(1, "none0"), (2, "eth0"), (3, "wg0")])
    monkeypatch.setattr("probes.net.links.fcntl.ioctl", told)

    assert list(BY_ADDRESS()) == found
