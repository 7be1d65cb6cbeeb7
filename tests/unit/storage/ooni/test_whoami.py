"""A public resolver in whose place the system's answers is no witness of its own."""

import msgspec
import pytest

from heliograph.detail import DnsDetail, read
from heliograph.failure import Failure
from heliograph.model import PAIR_RESOLVER, Role
from storage.ooni.lookups import lookup_steps
from storage.ooni.shapes import NOTHING, Query
from storage.ooni.whoami import failed_for_it, with_standing
from tests.unit.storage.ooni.published import ADDRESS, connect, line, over_udp, query

SYSTEM, PUBLIC = [{"address": "45.0.3.1"}], [{"address": "45.0.9.9"}]


def standings(told: object) -> list[str]:
    queries = [
        query(ADDRESS),
        over_udp(ADDRESS),
        over_udp(ADDRESS, resolver_address="45.0.4.4:53"),
        over_udp(ADDRESS, engine="doh", resolver_address="https://9.9.9.9:53/dns-query"),
    ]
    steps = lookup_steps([msgspec.convert(one, Query) for one in queries], [], "system")
    raw = NOTHING if told is None else msgspec.Raw(line(told))
    return [read(step, DnsDetail).standing for step in with_standing(steps, raw)]


def test_one_that_asked_from_the_systems_address_counts_as_the_systems() -> None:
    told = {"system_v4": SYSTEM, "udp_v4": {"9.9.9.9:53": SYSTEM, "45.0.4.4:53": PUBLIC}}

    assert standings(told) == ["system", "system", "trusted", "trusted"]


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        {"system_v4": None, "udp_v4": {"9.9.9.9:53": SYSTEM}},
        {"system_v4": SYSTEM, "udp_v4": {"9.9.9.9:53": None}},
        {"system_v4": SYSTEM, "udp_v4": 7},
        connect(),
    ],
)
def test_without_both_addresses_each_stays_what_it_was(told: object) -> None:
    assert standings(told) == ["system", "trusted", "trusted", "trusted"]


@pytest.mark.parametrize(
    ("told", "failed"),
    [
        ({"system_v4": None, "udp_v4": {"9.9.9.9:53": PUBLIC}}, True),
        ({"system_v4": [], "udp_v4": {"9.9.9.9:53": None, "45.0.4.4:53": PUBLIC}}, True),
        ({"system_v4": SYSTEM, "udp_v4": {"9.9.9.9:53": PUBLIC}}, False),
        ({"system_v4": None, "udp_v4": {"9.9.9.9:53": None}}, False),
        ({"system_v4": None, "udp_v4": None}, False),
        ({"system_v4": 7}, False),
        (None, False),
    ],
)
def test_a_resolver_that_alone_did_not_answer_failed_for_a_harmless_name(
    told: object, failed: bool
) -> None:
    raw = NOTHING if told is None else msgspec.Raw(line(told))
    made = failed_for_it(raw, "system@45.0.3.1")

    assert [(s.host, s.resolver, s.role, s.pair, s.failure) for s in made] == [
        (
            "whoami.v4.powerdns.org",
            "system@45.0.3.1",
            Role.CONTROL_BEFORE,
            PAIR_RESOLVER,
            Failure.UNKNOWN_FAILURE,
        )
    ] * failed
