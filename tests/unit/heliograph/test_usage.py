"""What is counted is what this host sent and received, and a person can read the sum."""

import msgspec
import pytest

from heliograph.model import PAIR_ASKED, Role, Step, StepKind
from heliograph.usage import Usage, both_ways, in_units, is_elsewhere, used


def step(sent: int, received: int, role: Role = Role.TEST, pair: str | None = None) -> Step:
    return Step(
        kind=StepKind.HTTP_EXCHANGE, role=role, pair=pair, bytes_sent=sent, bytes_received=received
    )


def test_bytes_of_every_step_made_here_are_counted() -> None:
    steps = [step(1, 20), step(2, 30, Role.CONTROL_BEFORE, "x"), step(4, 8)]

    assert used(steps) == Usage(sent=7, received=58)
    assert used(steps).total == 65
    assert used([]) == Usage()


def test_what_a_control_did_elsewhere_costs_this_host_nothing() -> None:
    there, asking = step(9, 9, Role.REMOTE_CONTROL), step(3, 4, Role.REMOTE_CONTROL, PAIR_ASKED)

    assert (is_elsewhere(there), is_elsewhere(asking)) == (True, False)
    assert used([there, asking]) == Usage(sent=3, received=4)


def test_a_query_over_https_is_counted_once_with_the_exchange_that_carries_it() -> None:
    query = Step(
        kind=StepKind.DNS_QUERY,
        resolver="https://dns.example/dns-query@192.0.2.1",
        bytes_sent=31,
        bytes_received=47,
    )
    plain = msgspec.structs.replace(query, resolver="udp://192.0.2.1")

    assert used([query, step(399, 689)]) == Usage(sent=399, received=689)
    assert used([plain]) == Usage(sent=31, received=47)


def test_usages_add_up() -> None:
    assert Usage(sent=1, received=2) + Usage(sent=10, received=20) == Usage(sent=11, received=22)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (14_249, "14.2 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (1_400_000, "1.4 MB"),
        (2_500_000_000, "2.5 GB"),
        (9_999_999_999_999, "10000.0 GB"),
    ],
)
def test_amounts_are_told_in_units(count: int, words: str) -> None:
    assert in_units(count) == words


def test_both_ways_are_told() -> None:
    assert both_ways(Usage(sent=512, received=2048)) == "2.6 kB (sent 512 bytes, received 2.0 kB)"
