"""What the host tells without a packet."""

import errno
from pathlib import Path

import pytest

from probes.net import system
from probes.net.system import read_resolv_conf, stack, system_resolver


@pytest.mark.parametrize(
    ("text", "resolver"),
    [
        ("nameserver 192.0.2.53\nnameserver 192.0.2.54\n", "udp://192.0.2.53"),
        (
            "# nameserver 192.0.2.1\nsearch x\n\tnameserver\t2001:db8::53 # x\n",
            "udp://[2001:db8::53]",
        ),
        ("nameserver fe80::1%eth0\nnameserver 192.0.2.53\n", "udp://192.0.2.53"),
        ("nameserver\nnameserver resolver.example\n", None),
        ("", None),
    ],
)
def test_the_first_usable_nameserver_is_the_systems_resolver(
    text: str, resolver: str | None
) -> None:
    found = system_resolver(text)

    assert (None if found is None else str(found)) == resolver


def test_a_missing_resolv_conf_is_empty_and_a_strange_one_is_read(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    assert read_resolv_conf(path) == ""

    path.write_bytes(b"# caf\xe9\nnameserver 192.0.2.53\n")
    assert system_resolver(read_resolv_conf(path)) is not None


@pytest.mark.parametrize(("text", "expected"), [("1\n", True), ("0\n", False), (None, None)])
def test_the_shape_of_our_traffic_is_told(
    text: str | None, expected: bool | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tcp_timestamps"
    if text is not None:
        path.write_text(text)
    monkeypatch.setattr(system, "_TIMESTAMPS", path)
    shape = stack()

    assert shape.tcp_timestamps is expected
    assert shape.http_library.startswith("httpx ")
    assert "SSL" in shape.tls_library
    assert "-" not in shape.system


class Kernel:
    """A socket whose connect ends as the kernel's would."""

    def __init__(self, error: OSError | None) -> None:
        self.error = error

    def __call__(self, family: int, kind: int) -> "Kernel":
        return self

    def __enter__(self) -> "Kernel":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def connect(self, place: tuple[str, int]) -> None:
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize(
    ("error", "has_route"),
    [
        (None, True),
        (OSError(errno.ENETUNREACH, "no route"), False),
        (OSError(errno.EHOSTUNREACH, "no route"), False),
        (OSError(errno.ENETDOWN, "down"), False),
        (OSError(errno.EACCES, "broadcast"), True),
    ],
)
@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_a_route_is_what_the_kernel_says_it_is(
    monkeypatch: pytest.MonkeyPatch, address: str, error: OSError | None, has_route: bool
) -> None:
    monkeypatch.setattr(system, "socket", Kernel(error))

    assert system.has_route(address) is has_route


def test_a_protocol_the_host_does_not_know_reaches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: str) -> bool:
        raise OSError(97, "Address family not supported by protocol")

    monkeypatch.setattr(system, "has_route", unknown)
    assert not system.reaches("2001:db8::1")
    monkeypatch.setattr(system, "has_route", lambda _: True)
    assert system.reaches("2001:db8::1")
