"""Looks in OONI's format, of every age, read and judged: what is staged is what is said."""

from collections.abc import Callable
from functools import partial

import pytest

from analysis.judge import judge
from analysis.rules_single import BLOCKED_ONCE
from heliograph.model import Outcome, State, Verdict
from storage.ooni.reader import read
from tests.unit import ooni_censored, ooni_free, ooni_free_dead, ooni_free_pages, ooni_staged
from tests.unit.ooni_expected import UNDECIDED, Staged
from tests.unit.ooni_world import World
from tests.unit.ooni_written import written
from tests.unit.ooni_written_before import by_measurement_kit, in_go, in_python

SIMULATED = {**ooni_staged.FINE_SITES, **ooni_staged.DEAD_SITES, **ooni_staged.STAGED}
FREE = {
    **ooni_staged.FINE_SITES,
    **ooni_staged.DEAD_SITES,
    **ooni_free.NAMES,
    **ooni_free.EDGES,
    **ooni_free.IPV6,
    **ooni_free_dead.DEAD,
    **ooni_free_pages.OF_SERVERS,
    **ooni_free_pages.OF_SITES,
}
CENSORED = {
    **ooni_staged.STAGED,
    **ooni_censored.NAMES,
    **ooni_censored.CONNECTIONS,
    **ooni_censored.PAGES,
}
ALL = {**FREE, **CENSORED}
OLDER: dict[str, Callable[[World, str], bytes]] = {
    "0.5 without an encrypted resolver": partial(written, doh=False),
    "0.4 with an old helper": partial(in_go, helps=False),
    "0.4 without handshakes": partial(in_go, handshakes=False),
    "0.0 by Measurement Kit": by_measurement_kit,
    "0.1 in Python": in_python,
}
_GO, _KIT = "0.4 without handshakes", "0.0 by Measurement Kit"
ENOUGH = [
    (_KIT, "named, then reset"),
    (_KIT, "asked, then reset"),
    (_KIT, "no way to any server"),
    (_KIT, "a false certificate"),
    (_KIT, "a known private address"),
    (_KIT, "a notice's known address that is silent"),
    (_KIT, "an unknown notice"),
    (_KIT, "forged, somebody else's certificate"),
    (_GO, "denied by all"),
    (_GO, "forged, somebody else's certificate"),
    (_GO, "a provider's server that is shut"),
    ("0.1 in Python", "denied by all"),
    ("0.1 in Python", "an unknown notice"),
]
"""What can be said where there are no handshakes, no networks or one resolver alone."""


def called(line: bytes) -> Verdict:
    """The verdict on one line of their data."""
    look = read(line)
    assert look.outcome is Outcome.MEASURED, look.reason
    verdict = judge(look)
    assert verdict is not None
    return verdict


def why(verdict: Verdict) -> str:
    rules = ", ".join(fired.rule for fired in verdict.fired)
    return (
        f"{verdict.state} {verdict.techniques} at {verdict.hop} by {rules}: {verdict.explanation}"
    )


@pytest.mark.parametrize("staged", ALL.values(), ids=ALL)
def test_a_look_is_called_what_it_is_and_one_that_says_less_so_or_nothing(staged: Staged) -> None:
    verdict = called(written(staged.world, staged.url))
    assert staged.told.takes(verdict), ("version 0.5", why(verdict))
    verdict = called(in_go(staged.world, staged.url))
    assert (staged.before or staged.told).takes(verdict), ("version 0.4", why(verdict))
    told = (staged.told, staged.before or UNDECIDED, UNDECIDED)

    for program, writer in OLDER.items():
        verdict = called(writer(staged.world, staged.url))
        assert any(each.takes(verdict) for each in told), (program, why(verdict))


@pytest.mark.parametrize(("program", "name"), ENOUGH)
def test_what_older_programs_wrote_is_enough_for_some(program: str, name: str) -> None:
    staged = CENSORED[name]

    verdict = called(OLDER[program](staged.world, staged.url))

    assert staged.told.takes(verdict), why(verdict)


def test_a_control_that_was_turned_away_and_made_no_handshake_proves_nothing() -> None:
    staged = CENSORED["named, then reset, and the control turned away"]

    verdict = called(in_go(staged.world, staged.url, helps=False))

    assert verdict.state is State.INCONCLUSIVE, why(verdict)


def test_servers_of_one_network_are_one_place() -> None:
    staged = FREE["an edge of the same network with another's certificate"]

    verdict = called(written(staged.world, staged.url, doh=False))

    assert staged.told.takes(verdict), why(verdict)


def test_what_was_seen_through_a_tunnel_is_called_nothing() -> None:
    annotations = {"platform": "ios", "network_type": "vpn"}
    looks = (written(s.world, s.url, annotations=annotations) for s in ALL.values())

    assert {called(look).state for look in looks} == {State.INCONCLUSIVE}


def test_every_technique_of_a_single_look_is_staged() -> None:
    named = {technique for staged in CENSORED.values() for technique in staged.told.by}

    assert named >= {rule.technique for rule in BLOCKED_ONCE}
