"""Behind a translator nobody can take the public address out of what was found."""

import pytest

from heliograph.address import Guard
from probes.net.outside import is_unknown

LAB = ("198.18.0.0/15", "2001:2::/48")


@pytest.mark.parametrize(
    ("used", "known", "unknown"),
    [
        (("192.168.1.7",), ("192.168.1.7",), True),
        (("192.168.1.7",), ("192.168.1.7", "203.0.114.7"), False),
        (("203.0.114.7",), ("203.0.114.7",), False),
        (("100.64.0.9",), ("100.64.0.9",), True),
        (("198.18.0.9",), ("198.18.0.9",), False),
        (("192.168.1.7", "2a00::7"), ("192.168.1.7", "2a00::7"), True),
        (("192.168.1.7", "2a00::7"), ("203.0.114.7", "2a00::7"), False),
        (("2a00::7",), ("172.17.0.1", "2a00::7"), False),
        (("fd00::7",), ("fd00::7", "203.0.114.7"), True),
        (("192.168.1.7", "fe80::1%eth0"), ("203.0.114.7",), False),
        (("0.0.0.0", "::", "127.0.0.1", "::1"), ("203.0.114.7",), False),
        (("127.0.0.1",), (), True),
        ((), (), True),
        ((), ("192.168.1.7", "fe80::1"), True),
    ],
)
def test_each_family_that_left_needs_a_public_address(
    used: tuple[str, ...], known: tuple[str, ...], unknown: bool
) -> None:
    assert is_unknown(used, known, Guard(assume_public=LAB).bogon) is unknown


def test_a_laboratorys_addresses_count_where_they_are_assumed_public() -> None:
    assert is_unknown(["198.18.0.9"], ["198.18.0.9"], Guard().bogon)
